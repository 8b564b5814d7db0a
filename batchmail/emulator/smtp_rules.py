"""How strict the emulated mail server is: what servers differ in, each with the reply that a client then meets."""

from dataclasses import dataclass
from typing import Annotated, Self

from batchmail.emulator.json_fields import Shape

#: What people mostly call the largest mail.
_MESSAGE_BYTES = 25_000_000

#: A refusal.
Reply = Annotated[str, Shape(r"[45][0-9]{2} [ -~]+", "a code from 400 to 599, a space, and a text in ASCII")]


@dataclass(frozen=True, slots=True)
class SmtpRules:
    """Limits and offers; None switches a limit off. Replies are worded as Postfix does, `{address}` is put in."""

    #: Whether nobody may send without a login.
    login_required: bool = True
    #: The ways to log in that are offered.
    logins: frozenset[str] = frozenset({"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"})
    #: Whether they are offered inside TLS only.
    login_needs_tls: bool = False
    #: Whether STARTTLS is offered, where the server has a certificate.
    starttls: bool = True

    #: Bytes of a mail; told as SIZE (RFC 1870).
    message_bytes: int | None = _MESSAGE_BYTES
    #: Recipients of a mail.
    recipients: int | None = 100
    too_many_recipients: Reply = "452 4.5.3 Error: too many recipients"
    #: Whether addresses may have letters outside of ASCII before their @ (RFC 6531).
    smtputf8: bool = True
    #: Whether several commands may be said at once (RFC 2920).
    pipelining: bool = True

    #: Mails a minute, and what one above that meets.
    mails_per_minute: int | None = None
    over_rate: Reply = "451 4.7.1 Error: too much mail from this client"

    unknown_address: Reply = "550 5.1.1 <{address}>: Recipient address rejected: User unknown"
    full_mailbox: Reply = "452 4.2.2 <{address}>: the mailbox is full"
    #: What a greylisted address meets the first time.
    greylisted: Reply = "451 4.7.1 <{address}>: Recipient address rejected: Greylisted, try again later"
    foreign_sender: Reply = "553 5.7.1 <{address}>: Sender address rejected: not owned by the user"

    @classmethod
    def rehearsal(cls) -> Self:
        """The rules of a rehearsal: what a real server takes is its own, so nothing is refused but what cannot be."""
        return cls(login_required=False, message_bytes=None, recipients=None)
