"""What a mail server's replies prove, by the command that they answer (RFC 5321, section 4.2; RFC 3463).

A code of 4yz or 5yz proves that the mail was not taken, whenever it comes. The table here only decides what follows:
whether it may be tried again, whether the mail or the whole run is meant, and who has to wait.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.answer import one_line

T = TypeVar("T")

#: What everything that a server says about itself begins with in a report.
CODE = "SMTP"

#: An enhanced status code at the beginning of a line (RFC 2034).
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|\Z)", re.ASCII)

#: 4yz replies that are about how much is sent, and not about this mail: Postfix, Exchange, Gmail and SES say so.
_RATE = re.compile(
    r"too (?:many|much|fast|frequent)|\brate\b|throttl|slow down|\bquota\b|limit(?:s|ed)?\b.*\b(?:exceeded|reached)"
    r"|exceed(?:s|ed|ing)?\b.*\blimit",
    re.IGNORECASE | re.DOTALL,
)
#: 4yz replies that are about how many connections there are: Exchange, Exim, Gmail and Postfix say so.
_CROWDED = re.compile(
    r"too many\b.*\b(?:connections|sessions)\b|\b(?:concurrent|simultaneous)\b.*\b(?:connections|sessions)\b"
    r"|\b(?:connection|session|thread)s? (?:count )?limit\b",
    re.IGNORECASE | re.DOTALL,
)
#: Exchange Online: as many threads as it gives to one sender, 4.3.2 with it.
_THREADS, _SHUT = 432, "4.3.2"
#: The status of an address (1), of a mailbox (2) or of a mail's form (5, 6) is never about a rate.
_OF_ONE_MAIL = re.compile(r"[45]\.[1256]\.")
_TOO_MANY_RECIPIENTS = "4.5.3"
#: The status of an address (1), of a mailbox (2) or of a policy (7), to which greylisting belongs.
_OF_ONE_PERSON = re.compile(r"4\.[127]\.")
#: Without a status: "mailbox unavailable" and "action aborted" (RFC 5321, section 4.2.2), as greylisting uses them.
_MAILBOX_BUSY = frozenset({450, 451})

#: The connection ends with it (RFC 5321, section 3.8).
CLOSING = 421
#: The answer to QUIT, and to nothing else (RFC 5321, section 4.3.2).
FAREWELL = 221
#: 530, 534, 535 and 538 want a login, another one, or an encrypted connection (RFC 4954, section 6).
_LOGIN = frozenset({530, 534, 535, 538})
#: The day's quota of Gmail, and RFC 3463's "message limits exceeded by the sender's system".
_QUOTA_STATUS = "5.4.5"
_QUOTA = re.compile(r"\b(?:daily|hourly|sending)\b.*\b(?:limit|quota)", re.IGNORECASE | re.DOTALL)

#: What a server calls an accepted mail: Postfix, Exim, Exchange, sendmail, SES.
_QUEUE_IDS = (
    re.compile(r"queued as ([^\s;,]{1,200})", re.IGNORECASE),
    re.compile(r"\bInternalId=([^\s;,\]]{1,200})", re.IGNORECASE),
    re.compile(r"\bid=([^\s;,]{1,200})", re.IGNORECASE),
    re.compile(r"\A(\S{1,200}) Message accepted for delivery", re.IGNORECASE),
    re.compile(r"\AOk:? (\S{16,200})\Z", re.IGNORECASE),
)
_BARE = re.compile(r"(?:ok|accepted|message accepted|message accepted for delivery)?[.:]?", re.IGNORECASE)
_LONGEST_ID = 100

_LOGIN_HINT = "Check `provider.username` and `provider.password` or `provider.accessToken`; the server wants others."


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A reply: its code and its lines, with line feeds between them, secrets taken out."""

    code: int
    text: str

    @property
    def kind(self) -> int:
        """The first digit: 2 yes, 3 go on, 4 not now, 5 no; 0 for what is no code."""
        return self.code // 100 if 200 <= self.code <= 599 else 0  # noqa: PLR2004  RFC 5321, section 4.2.1

    @property
    def status(self) -> str:
        """The enhanced status code, for example `5.1.1`; empty where there is none."""
        match = _STATUS.match(self.text)
        return match[1] if match else ""

    @property
    def name(self) -> str:
        """The codes as people look them up: `SMTP 550 5.1.1`."""
        return f"{CODE} {self.code} {self.status}".rstrip()

    @property
    def said(self) -> str:
        """The text on one line, without its codes."""
        text = " ".join(_STATUS.sub("", line, count=1) for line in self.text.split("\n"))
        return one_line(text) or "the server gave no reason"


def opened(reply: SmtpReply, server: str) -> Refused | Closed | None:
    """What follows from a server's greeting, or from its answer to EHLO; None to go on."""
    match reply.kind:
        case 2:
            return None
        case 4:
            return Refused(reply.name, f"{server}: {reply.said}", attempt=False, crowded=is_crowded(reply))
        case 5:
            hint = "Ask who runs the server whether it takes mail from this machine, and check `provider.port`."
            return Closed(reply.name, f"{server} takes no mail: {reply.said}", hint)
        case _:
            return Closed(
                "no-smtp", f"{server} does not speak SMTP as expected", "Check `provider.host` and `provider.port`."
            )


def refused_login(reply: SmtpReply, server: str) -> Refused | Closed:
    """What follows from a refused login. Only 4yz says that the same one may do later."""
    if reply.kind == 4:  # noqa: PLR2004
        return Refused(reply.name, f"{server}: {reply.said}", attempt=False, crowded=is_crowded(reply))
    return Closed(reply.name, f"{server} refused the login: {reply.said}", _LOGIN_HINT)


def refused_sender(reply: SmtpReply, sender: str) -> Refused | Rejected | Closed:
    """What follows from a refused MAIL command.

    A server that does not let this account send as this address will not for the next mail either; only what is about
    the size or the form of this one mail is held against it alone.
    """
    if reply.kind == 5 and not _about_this_mail(reply) and reply.code not in _LOGIN:  # noqa: PLR2004
        hint = "Check `message.from` and `provider.username`: may this account send as this address?"
        return Closed(reply.name, f"mail from {one_line(sender, 100)} is refused: {reply.said}", hint)
    return refused(reply)


def _about_this_mail(reply: SmtpReply) -> bool:
    """The size (552, 5.3.4, 5.2.3), or a parameter that the server does not understand (501, 504, 555)."""
    return reply.code in {501, 504, 552, 555} or reply.status in {"5.3.4", "5.2.3"}


def refused(reply: SmtpReply) -> Refused | Rejected | Closed:
    """What a reply of refusal proves about a whole mail."""
    if reply.kind == 4:  # noqa: PLR2004
        return _refused_for_now(reply)
    if reply.code in _LOGIN:
        return Closed(reply.name, reply.said, _LOGIN_HINT)
    if reply.kind == 5 and _spent(reply):  # noqa: PLR2004
        return Closed(reply.name, reply.said, "The rest is still queued. Run the command again when the limit allows.")
    if reply.kind == 5:  # noqa: PLR2004
        return Rejected(reply.name, reply.said)
    return Refused("no-sense", f"the server gave an answer that makes no sense here: {reply.code} {reply.said}")


def _spent(reply: SmtpReply) -> bool:
    """Whether the account may send no more for a while."""
    return reply.status == _QUOTA_STATUS or bool(_QUOTA.search(reply.said) and not _OF_ONE_MAIL.match(reply.status))


def _refused_for_now(reply: SmtpReply) -> Refused | Rejected:
    if reply.status == _TOO_MANY_RECIPIENTS:
        return Rejected(reply.name, f"too many recipients in one mail, divide the row over several: {reply.said}")
    if is_crowded(reply):
        return Refused(reply.name, reply.said, attempt=False, crowded=True)
    rate = _RATE.search(reply.text) is not None and not _OF_ONE_MAIL.match(reply.status)
    return Refused(reply.name, reply.said, attempt=not rate)


def is_crowded(reply: SmtpReply) -> bool:
    """Whether a refusal for now says that there are too many connections at once, and not that they come too fast."""
    if _OF_ONE_MAIL.match(reply.status):
        return False
    return (reply.code == _THREADS and reply.status == _SHUT) or bool(_CROWDED.search(reply.said))


def refused_recipient(reply: SmtpReply) -> Refused | Rejected | Closed:
    """What the refusal of one recipient proves about a whole mail.

    One who is only refused for now (greylisting, a full mailbox) keeps the mail from everybody: it is tried again as a
    whole, and whoever had got it would get it twice. It says nothing of how much the server can take.
    """
    outcome = _patiently(reply, refused(reply))
    if isinstance(outcome, Refused) and outcome.attempt and reply.code != CLOSING:
        return replace(outcome, strained=False)
    return outcome


def _patiently(reply: SmtpReply, outcome: T) -> T | Refused:
    """The same refusal, told as one that takes minutes where it is about this recipient or this mail."""
    if isinstance(outcome, Refused) and outcome.attempt and reply.code != CLOSING and _takes_minutes(reply):
        return replace(outcome, patient=True, strained=False)
    return outcome


def _takes_minutes(reply: SmtpReply) -> bool:
    """Greylisting, a mailbox that is busy or full, an address that is still being looked up.

    A status of the mail system, the network or the protocol (3, 4, 5) is about the server, and may be over in a moment.
    """
    if reply.status:
        return _OF_ONE_PERSON.match(reply.status) is not None
    return reply.code in _MAILBOX_BUSY


def refused_recipients(replies: Mapping[str, SmtpReply]) -> Refused | Rejected | Divided | Closed | None:
    """What follows for the whole mail from the answers to its recipients, by mailbox; None to go on with the others."""
    verdicts = {mailbox: refused_recipient(reply) for mailbox, reply in replies.items() if reply.kind != 2}  # noqa: PLR2004
    rejected = {mailbox: verdict for mailbox, verdict in verdicts.items() if isinstance(verdict, Rejected)}
    if len(rejected) < len(verdicts):
        return next(verdict for verdict in verdicts.values() if not isinstance(verdict, Rejected))
    if len(rejected) < len(replies):
        return None
    return Divided(rejected) if len(rejected) > 1 else next(iter(rejected.values()))


def rejected_recipients(replies: Mapping[str, SmtpReply]) -> dict[str, Rejected]:
    """Those of the recipients who do not get a mail that others get."""
    return {mailbox: Rejected(each.name, each.said) for mailbox, each in replies.items() if each.kind == 5}  # noqa: PLR2004


def concluded(reply: SmtpReply) -> Outcome:
    """What the reply to a whole mail proves."""
    if reply.code == FAREWELL:
        return InDoubt(f"the server said goodbye ({FAREWELL}) instead of whether it took the mail")
    match reply.kind:
        case 2:
            return Sent(_queue_id(reply))
        case 4 | 5:
            return _patiently(reply, refused(reply))
        case _:
            return InDoubt("no readable answer after the mail was handed over")


def _queue_id(reply: SmtpReply) -> str:
    """What the server calls the mail, or else what it says; empty where that tells nothing."""
    said = reply.said if reply.text.strip() else ""
    match = next((match for pattern in _QUEUE_IDS if (match := pattern.search(said))), None)
    if match:
        return one_line(match[1], _LONGEST_ID)
    return "" if _BARE.fullmatch(said) or said == "the server gave no reason" else one_line(said, _LONGEST_ID)
