"""A send request of LINE WORKS API 1.0, decoded and checked as far as that needs no knowledge of the tenant.

Read from the API page alone (developers.worksmobile.com/jp/document/1004004/v2), without a line of the code that sends.
"""

from collections.abc import Mapping
from typing import Literal

from batchmail.emulator.form_parts import FormPart, NoForm, read_form
from batchmail.emulator.mail import ReceivedFile, Submission
from batchmail.emulator.works_request import Refused
from batchmail.emulator.works_rules import Refusal
from batchmail.emulator.works_v1_rules import WorksV1Rules

FIELDS = ("userName", "to", "cc", "bcc", "subject", "text", "contentType", "saveSentMail", "sendSeparately")

#: The file that every virus scanner finds, and that harms nobody (eicar.org); in two pieces, lest one finds this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def read_submission(content_type: str, body: bytes, rules: WorksV1Rules) -> Submission:
    """What a request's body asks for. Raises Refused; the checks come in the order in which they are written here."""
    try:
        parts = read_form(content_type, body)
    except NoForm as error:
        raise Refused(rules.unreadable_body, str(error)) from None
    texts = _texts(parts, rules)
    for field in ("to", "subject"):
        if not texts.get(field, "").strip(" ;"):
            raise Refused(rules.missing_field, f"{field} is missing")
    html = _word(texts, "contentType", ("html", "text"), rules) == "html"
    save_sent = _word(texts, "saveSentMail", ("true", "false"), rules) == "true"
    separately = _word(texts, "sendSeparately", ("false", "true"), rules) == "true"
    return Submission(
        to=_addresses(texts, "to"),
        cc=_addresses(texts, "cc"),
        bcc=_addresses(texts, "bcc"),
        subject=texts["subject"],
        body=texts.get("text", ""),
        content_type=_content_type(html=html),
        user_name=texts.get("userName") or None,
        save_sent=save_sent,
        save_tracking=False,
        send_separately=separately,
        attachments=_attachments(parts, rules),
    )


def _is_attachment(part: FormPart, rules: WorksV1Rules) -> bool:
    return part.filename is not None if rules.attachments_are == "with filename" else part.name not in FIELDS


def _texts(parts: list[FormPart], rules: WorksV1Rules) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for part in parts:
        if part.name not in FIELDS or _is_attachment(part, rules):
            continue
        if part.name in texts:
            raise Refused(rules.unreadable_body, f"{part.name} is there twice")
        try:
            texts[part.name] = part.content.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(rules.unreadable_body, f"{part.name} is not in UTF-8") from None
    return texts


def _word(texts: Mapping[str, str], field: str, words: tuple[str, str], rules: WorksV1Rules) -> str:
    """A word that has to be one of two, the first of them by default."""
    value = texts.get(field, words[0])
    if value not in words:
        raise Refused(rules.wrong_value, f"{field} {value!r} is not {words[0]} or {words[1]}")
    return value


def _content_type(*, html: bool) -> Literal["html", "text"]:
    return "html" if html else "text"


def _addresses(texts: Mapping[str, str], field: str) -> tuple[str, ...]:
    """The addresses of a field, whatever their form; blank pieces are left out."""
    pieces = (piece.strip() for piece in texts.get(field, "").split(";"))
    return tuple(piece for piece in pieces if piece)


def _attachments(parts: list[FormPart], rules: WorksV1Rules) -> tuple[ReceivedFile, ...]:
    files = tuple(
        # The part's name is the file's name: of its `filename` parameter the page says nothing.
        ReceivedFile(part.name, part.media_type or "application/octet-stream", part.content)
        for part in parts
        if _is_attachment(part, rules)
    )
    for file in files:
        _check_upload(file, rules)
    sizes = [len(file.content) for file in files]
    largest = sum(sizes) if rules.attachment_bytes_of == "mail" else max(sizes, default=0)
    if rules.attachment_bytes is not None and largest > rules.attachment_bytes:
        raise Refused(rules.attachments_too_large, "Internal server error")
    return files


def _check_upload(file: ReceivedFile, rules: WorksV1Rules) -> None:
    if EICAR in file.content:
        raise Refused(Refusal(400, "INVALID_PARAMETER"), f"FILE_UPLOAD_REJECT_VIRUS : {file.filename}")
    _, dot, ending = file.filename.rpartition(".")
    if dot and ending.lower() in rules.blocked_endings:
        raise Refused(Refusal(400, "INVALID_PARAMETER"), f"FILE_UPLOAD_BLOCKED : {file.filename}")
