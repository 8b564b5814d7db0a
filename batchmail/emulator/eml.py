"""An accepted mail in the form in which mail programs open it (RFC 5322 and MIME).

`email.message.EmailMessage` would need ten times as long, more than everything else in a rehearsal. So only the encoded
words, addresses and dates come from the `email` package; that its parser reads back what went in is tested.
"""

import re
from base64 import encodebytes
from email.header import Header
from email.utils import format_datetime, formataddr
from urllib.parse import quote

from batchmail.emulator.mail import AcceptedMail, Copy, ReceivedFile

_LINE_CHARACTERS = 76
_MEDIA_TYPE = re.compile(r"(?!message/|multipart/)[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ESCAPED = re.compile(r"(?:%[0-9A-F]{2}|[^%]){1,16}")


def eml_content(mail: AcceptedMail) -> bytes:
    """Everything that is the same in all copies of a mail: what follows upon `eml_head`."""
    if mail.written:
        return mail.request
    lines = [
        f"Date: {format_datetime(mail.time)}",
        f"From: {_sender(mail)}",
        f"Subject: {_words('Subject', mail.subject)}",
        "MIME-Version: 1.0",
        "",
    ]
    return "\r\n".join(lines).encode() + _body(mail)


def eml_head(mail: AcceptedMail, copy: Copy, index: int) -> bytes:
    """The header lines that one copy has of its own. Nobody who gets a blind copy is named in them."""
    if mail.written:
        return b""
    lines = [f"Message-ID: <{mail.number}.{index}@emulator.invalid>"]
    lines += [f"{name}: " + ",\r\n ".join(names) for name, names in (("To", copy.to), ("Cc", copy.cc)) if names]
    return "\r\n".join([*lines, ""]).encode()  # an address may have letters outside of ASCII (RFC 6532)


def _body(mail: AcceptedMail) -> bytes:
    media_type = "text/plain" if mail.content_type == "text" else "text/html"
    text = _part([f'Content-Type: {media_type}; charset="utf-8"'], mail.body.encode())
    inline = [_file(file) for file in mail.attachments if file.inline]
    others = [_file(file) for file in mail.attachments if not file.inline]
    related = _multipart("related", [text, *inline]) if inline else text
    return _multipart("mixed", [related, *others]) if others else related


def _part(headers: list[str], content: bytes) -> bytes:
    lines = [*headers, "Content-Transfer-Encoding: base64", "", ""]
    return "\r\n".join(lines).encode("ascii") + encodebytes(content).replace(b"\n", b"\r\n")


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    # Every part is in Base64, which has no underscore: the boundary cannot occur within one.
    boundary = f"=_{subtype}"
    header = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'
    delimited = b"".join(f"--{boundary}\r\n".encode("ascii") + part + b"\r\n" for part in parts)
    return header.encode("ascii") + delimited + f"--{boundary}--\r\n".encode("ascii")


def _file(file: ReceivedFile) -> bytes:
    media_type = file.file_type if _MEDIA_TYPE.fullmatch(file.file_type) else "application/octet-stream"
    headers = [f"Content-Type: {media_type}"]
    if file.cid:
        headers.append(f"Content-ID: {_words('Content-ID', f'<{file.cid}>')}")
    kind = "inline" if file.inline else "attachment"
    headers.append(f"Content-Disposition: {_disposition(kind, _one_line(file.filename))}")
    return _part(headers, file.content)


def _disposition(kind: str, filename: str) -> str:
    if _is_plain(filename) and '"' not in filename and "\\" not in filename:
        return f'{kind}; filename="{filename}"'
    # RFC 2231, sections 3 and 4: a long value in numbered pieces, the first of them with the character set.
    pieces = _ESCAPED.findall("utf-8''" + quote(filename, safe=""))
    return ";\r\n ".join([kind, *(f"filename*{index}*={piece}" for index, piece in enumerate(pieces))])


def _sender(mail: AcceptedMail) -> str:
    name = _one_line(mail.user_name or "")
    if _is_plain(name):
        return formataddr((name, mail.account))
    return f"{_words('From', name)} <{mail.account}>"


def _words(header: str, text: str) -> str:
    line = _one_line(text)
    return line if _is_plain(line) else Header(line, "utf-8", header_name=header).encode(linesep="\r\n")


def _is_plain(line: str) -> bool:
    """Whether a header can have this as it is: no encoded word is needed, and nothing could be taken for one."""
    return line.isascii() and "=?" not in line and line == line.strip() and len(line) < _LINE_CHARACTERS


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text)
