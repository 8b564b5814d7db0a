"""What a status proves where a provider's documentation gives it no other meaning (RFC 9110, section 15)."""

from http import HTTPStatus

from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected
from batchmail.providers.answer import one_line, status_name, wait_seconds
from batchmail.providers.base import Reply

#: The code of an answer that has none of its own begins so.
NO_CODE = "HTTP"


def usual(reply: Reply, code: str, reason: str) -> Outcome:
    """What an answer means that is no success; an unknown status counts as the first of its class.

    `code` and `reason` are what the provider says, or what can be said in their place.
    """
    match reply.status // 100:
        case 3 if reply.status != HTTPStatus.SEE_OTHER:
            return _redirected(reply)
        case 4:
            return _refused(reply, code, reason)
        case 5 if reply.status in (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED):
            return Rejected(code, reason)
        case 5 if reply.status == HTTPStatus.SERVICE_UNAVAILABLE and "retry-after" in reply.headers:
            return Refused(code, reason, _wait(reply))
        case _:
            return _doubtful(reply, code, reason)


def _refused(reply: Reply, code: str, reason: str) -> Outcome:
    match reply.status:
        case HTTPStatus.REQUEST_TIMEOUT:
            return _doubtful(reply, code, reason)
        case HTTPStatus.TOO_EARLY | HTTPStatus.TOO_MANY_REQUESTS:
            return Refused(code, reason, _wait(reply), attempt=False)
        case _:
            return Rejected(code, reason)


def _doubtful(reply: Reply, code: str, reason: str) -> InDoubt:
    said = "" if code.startswith(NO_CODE) else f" ({code}: {reason})"
    return InDoubt(f"the server answered {status_name(reply.status)}{said}: the mail may have been taken")


def _wait(reply: Reply) -> float | None:
    """The header of WORKS, the name it has elsewhere, and the standard's own."""
    return wait_seconds(reply, "ratelimit-reset", "x-ratelimit-reset", "retry-after")


def _redirected(reply: Reply) -> Closed:
    location = one_line(reply.headers.get("location", ""), 100).partition("?")[0]
    return Closed(
        f"{NO_CODE} {reply.status}",
        f"the server redirects to {location or 'another address'}",
        "Redirects are never followed: mails and token would go to a server that nobody named. "
        "Set `provider.baseUrl` to the API's own address.",
    )
