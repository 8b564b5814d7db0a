"""What WORKS API 2.0 answers: /en/docs/error-codes, and what a proxy says in its place."""

from http import HTTPStatus

from batchmail.outcome import Closed, InDoubt, Outcome, Rejected, Sent
from batchmail.providers.answer import excerpt, json_object, one_line, status_name
from batchmail.providers.base import Reply
from batchmail.providers.status import NO_CODE, usual


def outcome_of(reply: Reply) -> Outcome:
    """What an answer means, by its status first: LIMIT_EXCEEDED, for one, is a code of 400 and of 403."""
    match reply.status:
        case HTTPStatus.UNAUTHORIZED:
            return _unauthorized(reply)
        case HTTPStatus.FORBIDDEN:
            return _forbidden(reply)
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return _nobody(reply)
        case status if status // 100 == 2 and "html" in reply.headers.get("content-type", ""):  # noqa: PLR2004
            # The API never answers with a page; a proxy or the login of a network does.
            return InDoubt("a web page answered in the provider's place: the mail may not have been taken")
        case status if status // 100 == 2:  # noqa: PLR2004  the class of successes
            # 202 is what is documented; a gateway that answers 200 or 204 has taken the mail as well.
            return Sent()
        case _:
            return usual(reply, *said(reply))


def said(reply: Reply) -> tuple[str, str]:
    """The API's code and description, or what can be said in their place."""
    answer = json_object(reply.body)
    code = one_line(str(answer.get("code") or ""), 60)
    description = one_line(str(answer.get("description") or ""))
    status = f"the server answered {status_name(reply.status)}"
    if code:
        return code, description or status
    return f"{NO_CODE} {reply.status}", excerpt(reply.body) or status


def _unauthorized(reply: Reply) -> Closed:
    return Closed(
        *said(reply),
        "The access token is wrong or has expired (they live 1 or 24 hours). Get a new one, put it where "
        "`provider.accessToken` points to, and run this command again. With `provider.oauth` it is renewed by itself.",
    )


def _forbidden(reply: Reply) -> Outcome:
    code, description = said(reply)
    if code == "OUT_OF_RANGE":
        return Rejected(code, description)
    hint = (
        "The mailbox has used up what it may send (60 mails a minute, 20,000 recipients in 24 hours), and may stay "
        "closed for a day. Run this command again then."
        if code == "LIMIT_EXCEEDED"
        else "The token must come from a member's own login, with the scope `mail`: service-account tokens (JWT) may "
        "not send mail. `provider.oauth` and `batchmail login` get such a token. `provider.userId` must be that member "
        "or `me`. Where other mails are taken, look at `securityLevel`: Restricted and Confidential mail may not leave "
        "the company."
    )
    return Closed(code, description, hint)


def _nobody(reply: Reply) -> Closed:
    """The address holds nothing of the message, so no other message would be taken either."""
    code, description = said(reply)
    hint = (
        "`provider.userId` names nobody. Use a user ID, a login ID (an e-mail address), or `me`."
        if code.startswith("USER")
        else "Check `provider.userId` and `provider.baseUrl` (https://www.worksapis.com/v1.0)."
    )
    return Closed(code, description, hint)
