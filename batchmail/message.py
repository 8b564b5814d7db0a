"""What is sent: addresses, attachments, and the message they make up."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path


class ContentType(StrEnum):
    """How the body is to be read."""

    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox (`kim@example.com`), and the name shown beside it."""

    mailbox: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.mailbox}>" if self.name else self.mailbox


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; `size` in bytes and `digest` (SHA-256, hex) as they were when planned.

    `cid` is the content id of an inline image, None for an ordinary attachment.
    """

    path: Path
    filename: str
    media_type: str
    size: int
    digest: str
    cid: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One merged message, as neutral of any provider as it can be.

    `record` is what the provider attaches the mail to: Pleasanter's record id.
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

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everybody who gets it: to, cc and bcc."""
        return self.to + self.cc + self.bcc

    def addressed(self, to: tuple[Address, ...]) -> "Message":
        """The same message to other people."""
        return replace(self, to=to)

    def content_digest(self) -> bytes:
        """16 bytes that differ when anything but `to` differs; attachments count by their content."""
        digest = blake2b(digest_size=16)
        for part in self._content():
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)
        return digest.digest()

    def _content(self) -> list[str]:
        flags = f"{self.save_sent}{self.save_tracking}{self.send_separately}"
        parts = [self.subject, self.body, self.content_type, flags, self.security_level, self.record]
        parts += [str(self.sender), str(self.reply_to), str(self.alternative), str(self.user_name)]
        parts += ["cc", *map(str, self.cc), "bcc", *map(str, self.bcc)]
        for each in self.attachments:
            parts += [each.filename, each.media_type, str(each.cid), each.digest]
        return parts
