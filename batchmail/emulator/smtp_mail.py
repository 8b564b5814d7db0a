"""A mail as it came over SMTP, taken apart by the `email` package of Python."""

from collections.abc import Iterable
from email import policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser

from batchmail.emulator.mail import ReceivedFile, Submission

_PARSER = BytesParser(policy=policy.default)


def submission_of(content: bytes, recipients: Iterable[str]) -> Submission:
    """A mail for those recipients of its envelope that the server has accepted; who is in no header is in `bcc`."""
    mail = _PARSER.parsebytes(content)
    assert isinstance(mail, EmailMessage)
    left = {address.casefold(): address for address in recipients}
    to = _named(mail, "to", left)
    cc = _named(mail, "cc", left)
    body = mail.get_body(("html", "plain"))
    return Submission(
        to=to,
        cc=cc,
        bcc=tuple(left.values()),
        subject=str(mail.get("subject", "")),
        body=str(body.get_content()) if body else "",
        content_type="html" if body and body.get_content_subtype() == "html" else "text",
        user_name=_sender_name(mail),
        attachments=tuple(_files(mail)),
        written=True,
    )


def _named(mail: EmailMessage, name: str, left: dict[str, str]) -> tuple[str, ...]:
    """Those of a header that are in the envelope; they are taken out of `left`."""
    found = (left.pop(address.casefold(), None) for address in _mailboxes(mail, name))
    return tuple(address for address in found if address is not None)


def _mailboxes(mail: EmailMessage, name: str) -> list[str]:
    header = mail.get(name)
    return [each.addr_spec for each in header.addresses] if isinstance(header, AddressHeader) else []


def _sender_name(mail: EmailMessage) -> str | None:
    header = mail.get("from")
    names = [each.display_name for each in header.addresses] if isinstance(header, AddressHeader) else []
    return names[0] if names and names[0] else None


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
