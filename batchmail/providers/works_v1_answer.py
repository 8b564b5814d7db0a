"""What LINE WORKS API 1.0 answers: who gets a mail and who does not, and two shapes of errors.

The lists and the errors of the operation: developers.worksmobile.com/jp/document/1004004/v2. The errors of the gateway
before it, which have other keys: developers.worksmobile.com/jp/document/3002003.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from batchmail.message import Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Rejected, Sent
from batchmail.providers.answer import excerpt, json_object, one_line, status_name
from batchmail.providers.base import Reply
from batchmail.providers.status import NO_CODE, usual

_TAKEN = "successList"
#: Addresses that stand in a mail more than once; "not an error", so one that is nowhere else is taken too.
_REPEATED = "dupAddrList"
_FAILURES = {
    "wrongAddrList": "the provider says that it is no address",
    "noneExistenceAddrList": "the provider says that there is no such mailbox",
    "dormantAddrList": "the provider says that the mailbox is dormant",
    "smtpFailList": "the provider could not pass the mail on (an SMTP error)",
}
_LISTS = (_TAKEN, _REPEATED, *_FAILURES)

_UPLOADS = {
    "FILE_UPLOAD_REJECT_VIRUS": "the provider found malware in",
    "FILE_UPLOAD_BLOCKED": "the provider does not permit a file such as",
}
_UPLOAD = re.compile(rf"({'|'.join(_UPLOADS)})\s*:\s*(.+)")

_ADDRESS_HINT = (
    "Check `provider.baseUrl` (https://apis.worksmobile.com). API 1.0 was announced to end on 30 April 2023: where it "
    "answers no more, use `kind: works`."
)
_ACCESS_HINT = (
    "The access token or the consumer key is wrong, or the token has expired (they live 7 to 365 days). Get a new one, "
    "put it where `provider.accessToken` points to, and run this command again."
)
_HEADERS_HINT = "Something between this machine and the provider may change requests: try without a proxy."
_GATEWAY_HINTS = {
    "001": _ADDRESS_HINT,
    "002": _ADDRESS_HINT,
    "024": _ACCESS_HINT,
    "028": _HEADERS_HINT,
    "029": _HEADERS_HINT,
    "041": "Copy the API ID from the Developer Console into `provider.apiId` again.",
    "042": "Copy the Service API consumer key from the Developer Console again, to where `provider.consumerKey` is.",
    "043": "The provider does not take calls from this machine: see the permitted addresses in the Developer Console.",
}
_STATUS_HINTS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: _ACCESS_HINT,
    HTTPStatus.FORBIDDEN: "Check `provider.apiId`, the consumer key, and whether the token's member may send mail.",
    HTTPStatus.NOT_FOUND: _ADDRESS_HINT,
    HTTPStatus.GONE: _ADDRESS_HINT,
}


def refusal(reply: Reply) -> Outcome:
    """What an answer means that is no success."""
    code, reason = said(reply)
    hint = _GATEWAY_HINTS.get(code) or _STATUS_HINTS.get(reply.status)
    if hint and reply.status // 100 == 4:  # noqa: PLR2004  the class of refusals
        return Closed(code, reason, hint)
    upload = _UPLOAD.fullmatch(reason)
    if upload and reply.status == HTTPStatus.BAD_REQUEST:
        return Rejected(upload[1], f"{_UPLOADS[upload[1]]} {upload[2]}; nothing was sent")
    return usual(reply, code, reason)


def said(reply: Reply) -> tuple[str, str]:
    """The code and message of an error in either of its shapes, or what can be said in their place."""
    answer = json_object(reply.body)
    code = _first(answer, 60, "errorCode", "code")
    message = _first(answer, 180, "errorMessage", "message")
    status = f"the server answered {status_name(reply.status)}"
    if code:
        return code, message or status
    return f"{NO_CODE} {reply.status}", message or excerpt(reply.body) or status


def _first(answer: Mapping[str, object], longest: int, *keys: str) -> str:
    return next((one_line(str(answer[key]), longest) for key in keys if answer.get(key)), "")


def by_recipient(reply: Reply, message: Message) -> Outcome:
    """What an answer of success means for everybody whom a message goes to.

    Success means that the call was understood; whether anybody gets the mail is for the lists to tell. Without them,
    or for whom none of them names, it is not known.
    """
    lists = _lists(reply)
    if not lists:
        code, reason = said(reply)
        told = "" if code.startswith(NO_CODE) else f" ({code}: {reason})"
        return InDoubt(f"the server answered {status_name(reply.status)} without saying who gets the mail{told}")
    verdicts = {address.mailbox: _verdict(address.mailbox.casefold(), lists) for address in message.recipients}
    refused = {mailbox: each for mailbox, each in verdicts.items() if isinstance(each, Rejected)}
    doubtful = {mailbox: each for mailbox, each in verdicts.items() if isinstance(each, InDoubt)}
    alike = set(verdicts.values())
    # A refusal of everybody is divided all the same: it is about each address, not about the request as a whole.
    if len(verdicts) == 1 or (len(alike) == 1 and not refused):
        return alike.pop()
    return Divided(refused, doubtful)


def _lists(reply: Reply) -> Mapping[str, frozenset[str]]:
    """The lists that an answer has, with their addresses in lower case."""
    answer = json_object(reply.body)
    return {name: _addresses(answer[name]) for name in _LISTS if isinstance(answer.get(name), list | str)}


def _addresses(written: object) -> frozenset[str]:
    """A list's addresses; the page's table shows them as one text with commas, its example as an array."""
    entries = written.split(",") if isinstance(written, str) else written
    assert isinstance(entries, list)
    return frozenset(entry.strip().casefold() for entry in entries if isinstance(entry, str))


def _verdict(mailbox: str, lists: Mapping[str, frozenset[str]]) -> Sent | Rejected | InDoubt:
    named = [name for name in lists if mailbox in lists[name]]
    failure = next((name for name in named if name in _FAILURES), None)
    if failure and _TAKEN in named:
        return InDoubt(f"the provider names the address in {_TAKEN} and in {failure}")
    if failure:
        return Rejected(failure, _FAILURES[failure])
    return Sent() if named else InDoubt("the provider does not say whether it took the address")
