"""What is sent: addresses, attachments, and the message they make up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path

from batchmail.quickly_made import quickly_made


class ContentType(StrEnum):
    """How the body is to be read."""

    HTML = "html"
    TEXT = "text"


@quickly_made
@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox (`kim@example.com`), and the name shown beside it."""

    mailbox: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.mailbox}>" if self.name else self.mailbox


@dataclass(frozen=True, slots=True)
class Personal:
    """A file that a row's cells chose for this person alone: the file itself, links followed.

    `number` is that of the attachment in the manifest, from 0.
    """

    number: int
    file: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; `size` in bytes and `digest` (SHA-256, hex) as they were when planned.

    `cid` is the content id of an inline image, None for an ordinary attachment. `personal` is None for a file that
    many may get; it is no part of the mail.
    """

    path: Path
    filename: str
    media_type: str
    size: int
    digest: str
    cid: str | None = None
    personal: Personal | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """How a reader leaves the list (RFC 2369): a web address, an address to write to, or both; the other is empty.

    `one_click` promises that a POST to `url` is all it takes (RFC 8058).
    """

    url: str = ""
    mailto: str = ""
    one_click: bool = False


@quickly_made
@dataclass(frozen=True, slots=True)
class Message:
    """One merged message, as neutral of any provider as it can be.

    `headers` are further header fields, each a name and a text on one line. `record` is what the provider attaches the
    mail to: Pleasanter's record id. `identity` is the same in all attempts of a delivery and `date` in those of a run;
    both are given when the message is about to be sent, and are no part of its content.
    """

    to: tuple[Address, ...]
    subject: str
    body: str
    content_type: ContentType = ContentType.HTML
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    sender: Address | None = None
    reply_to: Address | None = None
    alternative: str | None = None
    user_name: str | None = None
    save_sent: bool = True
    save_tracking: bool = True
    send_separately: bool = False
    security_level: str = "General"
    attachments: tuple[Attachment, ...] = ()
    record: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    unsubscribe: Unsubscribe | None = None
    identity: str = ""
    date: datetime | None = None

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everybody who gets it: to, cc and bcc."""
        return self.to + self.cc + self.bcc

    def addressed(self, to: tuple[Address, ...]) -> "Message":
        """The same message to other people."""
        return Message(to, *_but_to(self))

    def stamped(self, identity: str, date: datetime) -> "Message":
        """The same message, about to be sent."""
        return Message(*(*_content(self), identity, date))

    @property
    def nameless(self) -> "Message":
        """The same message without names beside those whom it goes to."""
        return self.addressed(tuple(Address(each.mailbox) for each in self.to))

    def content_digest(self) -> bytes:
        """16 bytes that differ when anything but the mailboxes of `to` differs.

        Attachments count by what is in them, names in `to` by where they stand.
        """
        parts = [framed(self.subject), framed(self.body), self._settings()]
        parts.append(_NOTHING_MORE if self._is_bare() else b"".join(map(framed, self._more())))
        return blake2b(b"".join(parts), digest_size=16).digest()

    def says_the_same_as(self, other: "Message") -> bool:
        """Whether another message differs in nothing but the mailbox that it goes to; it may be so where this is False.

        Only texts that are the same object are compared further, so that this takes a part of what a digest takes.
        """
        if self.subject is not other.subject or self.body is not other.body:
            return False
        if not len(self.to) == len(other.to) == 1 or self.to[0].name or other.to[0].name:
            return False
        return bool(_but_to(self) == _but_to(other))

    def _settings(self) -> bytes:
        return _settings(
            self.content_type, self.save_sent, self.save_tracking, self.send_separately, self.security_level
        )

    def _is_bare(self) -> bool:
        """Whether subject, body and settings are all there is: then half of the digest's time need not be spent."""
        if self.sender or self.cc or self.bcc or self.reply_to or self.attachments or self.headers or self.unsubscribe:
            return False
        if self.record or self.alternative is not None or self.user_name is not None:
            return False
        return not self.to or (len(self.to) == 1 and not self.to[0].name)

    def _more(self) -> list[str]:
        parts = [self.record, str(self.sender), str(self.reply_to), str(self.alternative), str(self.user_name)]
        parts += ["cc", *map(str, self.cc), "bcc", *map(str, self.bcc)]
        for each in self.attachments:
            parts += [each.filename, each.media_type, str(each.cid), each.digest]
        for name, text in self.headers:
            parts += ["header", name, text]
        if self.unsubscribe:
            parts += ["unsubscribe", self.unsubscribe.url, self.unsubscribe.mailto, str(self.unsubscribe.one_click)]
        for number, address in enumerate(self.to):
            parts += ["name", str(number), address.name] if address.name else []
        return parts


# Every mail is stamped: `dataclasses.replace` takes twice as long.
_content = attrgetter(*Message.__match_args__[:-2])
_but_to = attrgetter(*Message.__match_args__[1:])


def framed(text: str) -> bytes:
    """A text with its length before it, so that no two rows of texts look alike."""
    encoded = text.encode("utf-8", "surrogatepass")
    return len(encoded).to_bytes(8, "big") + encoded


@lru_cache(maxsize=64)
def _settings(
    content_type: ContentType,
    save_sent: bool,  # noqa: FBT001  as the message has them
    save_tracking: bool,  # noqa: FBT001  as above
    send_separately: bool,  # noqa: FBT001  as above
    security_level: str,
) -> bytes:
    """What is the same in all messages of a job."""
    return b"".join(map(framed, (content_type, f"{save_sent}{save_tracking}{send_separately}", security_level)))


_NOTHING_MORE = b"".join(map(framed, Message((), "", "")._more()))  # noqa: SLF001  of its own
