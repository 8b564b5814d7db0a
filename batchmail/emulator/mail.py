"""A mail as an emulator sees it: what was asked for, and what was accepted."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """An attachment as it arrived, out of its Base64."""

    filename: str
    file_type: str
    content: bytes
    cid: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A mail as its sender asked for it; `record` is what it is attached to, where the API wants that.

    Where it is `written`, its sender has put it into the form of RFC 5322 already.
    """

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str
    body: str = ""
    content_type: Literal["html", "text"] = "html"
    user_name: str | None = None
    save_sent: bool = True
    save_tracking: bool = True
    send_separately: bool = False
    security_level: str = "General"
    attachments: tuple[ReceivedFile, ...] = ()
    record: str = ""
    written: bool = False

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody who gets it, in the order of the request; who is named twice is there twice."""
        return self.to + self.cc + self.bcc


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail as it reaches people: whom it goes to, and whom its header names."""

    recipients: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a submission was taken: when, from which address, cut to which subject, and whether it reaches nobody."""

    time: datetime
    account: str
    subject: str
    request: bytes
    drafted: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedMail(Submission):
    """One request that was answered with success; `number` counts them from 1.

    `subject` is what is stored, which may be shorter than what `request`, the body as it arrived, asks for.
    `account` is the sender's address. A `drafted` mail was accepted too, but stays in the drafts and reaches nobody; so
    does a `lost` one, which the mail system behind the server refused.
    """

    number: int
    time: datetime
    account: str
    request: bytes
    drafted: bool
    lost: bool

    @classmethod
    def of(cls, number: int, submission: Submission, receipt: Receipt) -> "AcceptedMail":
        """A submission that was accepted."""
        asked = {field.name: getattr(submission, field.name) for field in fields(Submission)}
        taken = {field.name: getattr(receipt, field.name) for field in fields(Receipt)}
        return cls(number=number, **(asked | taken))

    @property
    def copies(self) -> tuple[Copy, ...]:
        """What reaches people: one mail to all, or one for each recipient where it is sent separately."""
        if self.drafted or self.lost:
            return ()
        if self.send_separately:
            return tuple(Copy((recipient,), (recipient,)) for recipient in self.recipients)
        return (Copy(self.recipients, self.to, self.cc),)
