"""What Pleasanter's answers mean. Its statuses alone prove little: a bad address is a 500, and so is a crash.

Read in Implem.Pleasanter 1.5.3 (`ApiResults`, `CheckApiContextAttributes`, `HandleErrorExAttribute`). The program's own
answers have `Id` and `StatusCode`, and come before or after the mail as a whole; whatever else a server says may have
come from the midst of it.
"""

from collections.abc import Mapping
from http import HTTPStatus

from batchmail.outcome import Closed, InDoubt, Outcome, Rejected, Sent
from batchmail.providers.answer import excerpt, json_object, one_line, status_name
from batchmail.providers.base import Reply
from batchmail.providers.status import NO_CODE, usual

_ELSEWHERE = "Check `provider.baseUrl`: what comes before /api, such as /fs at pleasanter.net, is part of it."
_CLOSED: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: (
        "The API key is unknown, or its user is disabled or locked. Put the key where `provider.apiKey` points to, and "
        "run this command again."
    ),
    HTTPStatus.FORBIDDEN: (
        "The server, or one in front of it, lets nothing of this machine in: ask its administrator about "
        "`AllowIpAddresses`, and run this command again."
    ),
    HTTPStatus.NOT_FOUND: _ELSEWHERE,
    HTTPStatus.METHOD_NOT_ALLOWED: _ELSEWHERE,
    HTTPStatus.GONE: _ELSEWHERE,
}
_USED_UP = (
    "What the site may send in a day is used up. Run this command again after midnight, in the time zone of the API "
    "key's user: the rest is sent then."
)


def outcome_of(reply: Reply) -> Outcome:
    """What an answer means; the text of a success is in the user's language, and never looked at."""
    answer = json_object(reply.body)
    code, reason = f"{NO_CODE} {reply.status}", _reason(answer, reply)
    if "Id" in answer and answer.get("StatusCode") == reply.status:
        return _own(reply, code, reason)
    return _foreign(reply, code, reason)


def _own(reply: Reply, code: str, reason: str) -> Outcome:
    """The program's own answer, told to its end."""
    match reply.status:
        case HTTPStatus.OK:
            return Sent()
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return Rejected(code, reason)
        case HTTPStatus.FORBIDDEN:
            # Those of other rows may well be open. Once the right is there, `send --only KEY` tries the row again.
            return Rejected(code, f"{reason} (there is no such record, or no right to send mail from it)")
        case HTTPStatus.TOO_MANY_REQUESTS if "retry-after" not in reply.headers:
            return Closed(code, reason, _USED_UP)
        case _:
            return _foreign(reply, code, reason)


def _foreign(reply: Reply, code: str, reason: str) -> Outcome:
    """The answer of whatever stands around the program; a crash of the program leads to an error page (302)."""
    if hint := _CLOSED.get(reply.status):
        return Closed(code, reason, hint)
    if reply.status == HTTPStatus.FOUND or reply.status // 100 in (2, 5):
        return _doubtful(reply)
    return usual(reply, code, reason)


def _reason(answer: Mapping[str, object], reply: Reply) -> str:
    """The program's sentence; what is refused before the program sees it may spell the key in lower case."""
    message = answer.get("Message") or answer.get("message")
    said = one_line(message) if isinstance(message, str) else excerpt(reply.body)
    return said or f"the server answered {status_name(reply.status)}"


def _doubtful(reply: Reply) -> InDoubt:
    return InDoubt(
        f"the server answered {status_name(reply.status)}, which Pleasanter does in the midst of a mail: it may have "
        "been sent"
    )
