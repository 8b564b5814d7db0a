"""A mail as Python's own parser reads it, turned back into the message that it was made from."""

import email
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import getaddresses

from batchmail.message import Address, ContentType, Message, Unsubscribe


@dataclass(frozen=True)
class ParsedMail:
    """A message without its attachments, and these by name: media type, content, content id."""

    message: Message
    files: dict[str, tuple[str, bytes, str | None]]


def parse_mail(data: bytes) -> ParsedMail:
    """The message of a mail. The name beside the sender's address is the message's `user_name`."""
    mail = email.message_from_bytes(data, policy=default)
    assert isinstance(mail, EmailMessage)
    html = mail.get_body(("html",))
    plain = mail.get_body(("plain",))
    [sender] = people(data, "From")
    reply_to = people(data, "Reply-To")
    message = Message(
        to=people(data, "To"),
        subject=str(mail["Subject"]),
        body=text(html or plain),
        content_type=ContentType.HTML if html else ContentType.TEXT,
        cc=people(data, "Cc"),
        bcc=people(data, "Bcc"),
        sender=Address(sender.mailbox),
        reply_to=reply_to[0] if reply_to else None,
        alternative=text(plain) if html and plain else None,
        user_name=sender.name or None,
        headers=tuple((name, str(value)) for name, value in mail.items() if name.startswith("X-")),
        unsubscribe=_unsubscribe(mail),
        identity=str(mail["Message-ID"] or "").strip("<>").rpartition("@")[0],
        date=mail["Date"].datetime if mail["Date"] else None,
    )
    files = {part.get_filename(""): _file(part) for part in mail.walk() if part.get_content_disposition()}
    return ParsedMail(message, files)


def people(data: bytes, field: str) -> tuple[Address, ...]:
    """The people of a field. The parser of `policy.default` puts spaces between encoded words of a name."""
    line = email.message_from_bytes(data)[field] or ""
    return tuple(
        Address(mailbox, str(make_header(decode_header(name)))) for name, mailbox in getaddresses([line]) if mailbox
    )


def text(part: MIMEPart | None) -> str:
    """A text as it was merged, with CRLF at the ends of its lines; the one at its very end was added."""
    assert part is not None
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode().removesuffix("\r\n")


def _file(part: MIMEPart) -> tuple[str, bytes, str | None]:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    cid = part["Content-ID"]
    return part.get_content_type(), content, str(cid).strip("<>") if cid else None


def _unsubscribe(mail: EmailMessage) -> Unsubscribe | None:
    if not mail["List-Unsubscribe"]:
        return None
    ways = [way.strip(" <>") for way in str(mail["List-Unsubscribe"]).split(",")]
    [url, mailto] = [next((way for way in ways if way.startswith(scheme)), "") for scheme in ("https:", "mailto:")]
    return Unsubscribe(url, mailto, one_click=mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
