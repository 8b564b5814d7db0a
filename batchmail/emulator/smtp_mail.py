"""A mail as it came over SMTP, taken apart by the `email` package of Python.

`policy.default` would read every header anew whenever it is asked for, and take seven times as long.
"""

from collections.abc import Iterable, Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.utils import getaddresses

from batchmail.emulator.mail import ReceivedFile, Submission

_PARSER = BytesParser()
_HEAD_PARSER = HeaderParser()


def submission_of(content: bytes, recipients: Iterable[str]) -> Submission:
    """A mail for those recipients of its envelope that the server has accepted; who is in no header is in `bcc`."""
    mail = _PARSER.parsebytes(content)
    # Bytes above 127 in a head are UTF-8 (RFC 6532); the parser of bytes leaves them unread.
    head = _HEAD_PARSER.parsestr(content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"))
    left = {address.casefold(): address for address in recipients}
    to = _named(head, "to", left)
    cc = _named(head, "cc", left)
    texts = {part.get_content_type(): part for part in reversed([*_leaves(mail)]) if not _is_file(part)}
    body = texts.get("text/html") or texts.get("text/plain")
    return Submission(
        to=to,
        cc=cc,
        bcc=tuple(left.values()),
        subject=_read(head.get("subject", "")),
        body=_text(body) if body else "",
        content_type="html" if body and body.get_content_subtype() == "html" else "text",
        user_name=next((_read(name) for name, _ in getaddresses([head.get("from", "")])), "") or None,
        attachments=tuple(_file(part) for part in _leaves(mail) if _is_file(part)),
        written=True,
    )


def _named(head: Message, name: str, left: dict[str, str]) -> tuple[str, ...]:
    """Those of a header that are in the envelope; they are taken out of `left`."""
    found = (left.pop(mailbox.casefold(), None) for _, mailbox in getaddresses(head.get_all(name, [])))
    return tuple(address for address in found if address is not None)


def _leaves(mail: Message) -> Iterator[Message]:
    return (part for part in mail.walk() if not part.is_multipart())


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() is not None


def _file(part: Message) -> ReceivedFile:
    cid = part.get("content-id")
    return ReceivedFile(
        filename=_read(part.get_filename() or ""),
        file_type=part.get_content_type(),
        content=_content(part),
        cid=str(cid).strip("<> ") if cid else None,
        inline=part.get_content_disposition() == "inline",
    )


def _text(part: Message) -> str:
    try:
        return _content(part).decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return _content(part).decode("utf-8", "replace")


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _read(value: str) -> str:
    """A header's text out of its encoded words (RFC 2047)."""
    unfolded = "".join(str(value).splitlines())
    try:
        return str(make_header(decode_header(unfolded)))
    except (HeaderParseError, LookupError, UnicodeError):
        return unfolded
