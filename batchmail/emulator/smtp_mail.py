"""A mail as it came over SMTP, taken apart by the `email` package of Python."""

from collections.abc import Iterable
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import AddressHeader
from email.message import EmailMessage, Message
from email.parser import BytesParser, HeaderParser

from batchmail.emulator.mail import ReceivedFile, Submission

_PARSER = BytesParser(policy=policy.default)
_HEAD_PARSER = HeaderParser(policy=policy.default)


def submission_of(content: bytes, recipients: Iterable[str]) -> Submission:
    """A mail for those recipients of its envelope that the server has accepted; who is in no header is in `bcc`."""
    mail = _PARSER.parsebytes(content)
    assert isinstance(mail, EmailMessage)
    # Bytes above 127 in a head are UTF-8 (RFC 6532); the parser of bytes leaves them unread.
    head = _HEAD_PARSER.parsestr(content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"))
    left = {address.casefold(): address for address in recipients}
    to = _named(head, "to", left)
    cc = _named(head, "cc", left)
    body = mail.get_body(("html", "plain"))
    return Submission(
        to=to,
        cc=cc,
        bcc=tuple(left.values()),
        subject=str(head.get("subject", "")),
        body=str(body.get_content()) if body else "",
        content_type="html" if body and body.get_content_subtype() == "html" else "text",
        user_name=_sender_name(head),
        attachments=tuple(_files(mail)),
        written=True,
    )


def _named(head: Message, name: str, left: dict[str, str]) -> tuple[str, ...]:
    """Those of a header that are in the envelope; they are taken out of `left`."""
    found = (left.pop(address.casefold(), None) for address in _mailboxes(head, name))
    return tuple(address for address in found if address is not None)


def _mailboxes(head: Message, name: str) -> list[str]:
    return [each.addr_spec for each in _addresses(head, name)]


def _sender_name(head: Message) -> str | None:
    names = [each.display_name for each in _addresses(head, "from")]
    return names[0] or None if names else None


def _addresses(head: Message, name: str) -> tuple[HeaderAddress, ...]:
    header: object = head.get(name)
    return header.addresses if isinstance(header, AddressHeader) else ()


def _files(mail: EmailMessage) -> Iterable[ReceivedFile]:
    for part in mail.walk():
        disposition = part.get_content_disposition()
        if part.is_multipart() or disposition is None:
            continue
        content = part.get_payload(decode=True)
        cid = part.get("content-id")
        yield ReceivedFile(
            filename=part.get_filename() or "",
            file_type=part.get_content_type(),
            content=content if isinstance(content, bytes) else b"",
            cid=str(cid).strip("<>") if cid else None,
            inline=disposition == "inline",
        )
