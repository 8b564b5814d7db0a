"""A message as a mail (RFC 5322 and MIME), in pieces: contents of files are shared, never copied.

`email.message.EmailMessage` needs more than a millisecond for a small mail; what is written here is a small part of
what it can write, and its parser reads all of that back. The same message gives the same bytes.
"""

import re
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from batchmail.message import Address, Attachment, ContentType, Message, Unsubscribe
from batchmail.providers.base import Files
from batchmail.providers.files import base64_lines
from batchmail.providers.mime_head import address_line, filename_parameter, name_parameter, text_line, word_line

#: Text that needs no encoding: ASCII in lines of at most 78 characters (RFC 5322, section 2.1.1).
_SHORT_LINES = re.compile(r"(?:[\t -~]{0,78}\n)*")
#: What mail stores on the way change at the beginning of a line.
_FROM = b"From "
_BEYOND_ASCII = bytes(range(128, 256))
#: In bytes; all lines that are kept may have three times as many, and there are 4,096 of them.
_LONGEST_KEPT = 1_000
#: `=_` is neither in Base64 nor in Quoted-Printable, and other text that has it is not sent as it is.
_BOUNDARY = "=_"
_MEDIA_TYPE = re.compile(r"(?!message/|multipart/)[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"[!-9;-~]{1,70}")
#: RFC 2369, section 2, has readers leave out what breaks an address; 998 characters is what a line may have.
_URI_PIECE = 900


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it travels: the lines of its head, and its body; all lines end in CRLF.

    `utf8` tells that an address in the head is not ASCII, and wants a server with SMTPUTF8 (RFC 6531); then, and only
    then, the head has bytes above 127. Whoever else gets the mail (`bcc`) is not named in it.

    No CRLF is divided between two pieces of the body, and a piece begins with a dot only where a line does. No line
    begins with `From `, which mail stores on the way would change to `>From ` (RFC 4155).
    """

    head: bytes = field(repr=False)
    body: tuple[bytes, ...] = field(repr=False)
    utf8: bool = False

    def pieces(self, more: bytes = b"") -> tuple[bytes, ...]:
        """The whole mail; `more` are further lines of the head, each with its CRLF, that come first."""
        return (more + self.head + b"\r\n", *self.body)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the body: the lines that describe it, and its content, which has a CRLF at its end or none."""

    head: str
    content: tuple[bytes, ...]


def mail(message: Message, account: Address, files: Files) -> Mail:
    """The mail of a message; `account` stands for the sender where the message names none.

    Raises InputChanged where an attachment is no longer what was planned, ValueError for what cannot be an address.
    """
    sender = _sender(message, account)
    body = _body(message, files)
    head = "".join([*_head(message, sender), body.head])
    last = body.content[-1]
    end = () if last.endswith(b"\r\n") or not last else (b"\r\n",)
    return Mail(head.encode("utf-8"), (*body.content, *end), utf8=not head.isascii())


def _sender(message: Message, account: Address) -> Address:
    sender = message.sender or account
    return sender if sender.name or not message.user_name else Address(sender.mailbox, message.user_name)


def _head(message: Message, sender: Address) -> Iterator[str]:
    if message.date:
        yield f"Date: {_date(message.date.replace(microsecond=0))}\r\n"
    yield address_line("From", (sender,))
    if message.reply_to:
        yield address_line("Reply-To", (message.reply_to,))
    if message.to:
        yield address_line("To", message.to)
    if message.cc:
        yield address_line("Cc", message.cc)
    yield text_line("Subject", message.subject)
    if message.identity:
        yield word_line("Message-ID", [f"<{message.identity}@{sender.mailbox.rpartition('@')[2]}>"])
    if message.unsubscribe:
        yield from _unsubscribe(message.unsubscribe)
    for name, text in message.headers:
        if not _NAME.fullmatch(name):
            raise ValueError(f"no name of a header field: {name!r}")
        yield text_line(name, text)
    yield "MIME-Version: 1.0\r\n"


@lru_cache(maxsize=64)  # all mails of a second have the same
def _date(date: datetime) -> str:
    return format_datetime(date)


def _unsubscribe(way: Unsubscribe) -> Iterator[str]:
    ways = [f"<{uri}>" for uri in (way.url, way.mailto) if uri]
    listed = ", ".join(ways)
    yield word_line("List-Unsubscribe", _divided(listed))
    if way.url and way.one_click:
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def _divided(listed: str) -> Iterator[str]:
    for word in listed.split(" "):
        yield from (word[start : start + _URI_PIECE] for start in range(0, len(word), _URI_PIECE))


def _body(message: Message, files: Files) -> _Part:
    """Attachments are outermost, and inline images beside the HTML: the form that all mail programs show alike."""
    html = message.content_type is ContentType.HTML
    inline = [each for each in message.attachments if each.cid and html]
    attached = [each for each in message.attachments if not (each.cid and html)]
    body = _text(message.body, message.content_type)
    if inline:
        body = _multipart("related", [body, *(_file(each, "inline", files) for each in inline)], '; type="text/html"')
    if message.alternative is not None and html:
        body = _multipart("alternative", [_text(message.alternative, ContentType.TEXT), body])
    if attached:
        body = _multipart("mixed", [body, *(_file(each, "attachment", files) for each in attached)])
    return body


def _text(text: str, content_type: ContentType) -> _Part:
    """A text with CRLF at the end of every line, the last one too, encoded where it needs that."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if lines and not lines.endswith("\n"):
        lines += "\n"
    content = lines.replace("\n", "\r\n").encode("utf-8", "replace")
    encoding = "7bit"
    if _BOUNDARY in lines or not _SHORT_LINES.fullmatch(lines) or _has_from(content):
        encoding, content = _encoded(content)
    subtype = "html" if content_type is ContentType.HTML else "plain"
    return _Part(
        f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n', (content,)
    )


def _encoded(content: bytes) -> tuple[str, bytes]:
    """A text in the shorter of two encodings: mostly ASCII stays readable, Korean and Japanese do not double."""
    limit = _base64_length(len(content))
    beyond_ascii = len(content) - len(content.translate(None, _BEYOND_ASCII))
    if len(content) + 2 * beyond_ascii <= limit:  # no text in Quoted-Printable is shorter
        quoted = b"".join(map(_quoted, content.splitlines(keepends=True)))
        if len(quoted) <= limit and not _has_from(quoted):
            return "quoted-printable", quoted
    return "base64", base64_lines(content)


def _quoted(line: bytes) -> bytes:
    """A line in Quoted-Printable. Most lines of a mail are those of all others, and only long ones are not kept."""
    return _quoted_once(line) if len(line) <= _LONGEST_KEPT else b2a_qp(line, istext=True)


@lru_cache(maxsize=4096)
def _quoted_once(line: bytes) -> bytes:
    return b2a_qp(line, istext=True)


def _base64_length(size: int) -> int:
    """What `base64_lines` makes of so many bytes, without making it."""
    characters = (size + 2) // 3 * 4
    return characters + 2 * (max(0, characters - 1) // 76)


def _has_from(content: bytes) -> bool:
    return content.startswith(_FROM) or b"\n" + _FROM in content


def _file(attachment: Attachment, disposition: str, files: Files) -> _Part:
    """An attachment. Its name stands there twice.

    `filename` is what the standards know (RFC 2183, RFC 2231). Old readers, Outlook among them, look for an encoded
    word in the media type's `name`, which no standard allows and most mail programs write.
    """
    # A message within a mail must not be in Base64 (RFC 2046, section 5.2.1); as a file it arrives byte by byte.
    kind = attachment.media_type if _MEDIA_TYPE.fullmatch(attachment.media_type) else "application/octet-stream"
    head = [f"Content-Type: {kind}", name_parameter(attachment.filename), "\r\n"]
    head += [f"Content-Disposition: {disposition}", filename_parameter(attachment.filename), "\r\n"]
    head.append("Content-Transfer-Encoding: base64\r\n")
    if attachment.cid and disposition == "inline":
        head.append(word_line("Content-ID", [f"<{attachment.cid}>"]))
    return _Part("".join(head), (files.base64_lines(attachment),))


def _multipart(subtype: str, parts: Sequence[_Part], more: str = "") -> _Part:
    boundary = f"{_BOUNDARY}{subtype}"
    content: list[bytes] = []
    before = f"--{boundary}\r\n"
    for part in parts:
        content += [f"{before}{part.head}\r\n".encode("ascii"), *part.content]
        before = f"\r\n--{boundary}\r\n"
    content.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    return _Part(f'Content-Type: multipart/{subtype}; boundary="{boundary}"{more}\r\n', tuple(content))
