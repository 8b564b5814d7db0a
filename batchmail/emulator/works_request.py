"""A send request of WORKS API 2.0, decoded and checked as far as that needs no knowledge of the tenant.

Read from the API page alone (developers.worksmobile.com, `POST /users/{userId}/mail`), on purpose without a line of
the code that sends: two readings that agree are worth more than one that is used twice.
"""

import json
import re
from binascii import a2b_base64
from collections.abc import Mapping
from typing import Literal, NoReturn

from batchmail.emulator.mail import ReceivedFile, Submission
from batchmail.emulator.works_rules import Refusal, WorksRules

SECURITY_LEVELS = ("General", "Restricted", "Confidential", "Non-business")
FILENAME_CHARACTERS = 250

_TEXT_FIELDS = ("to", "cc", "bcc", "subject", "body", "contentType", "userName", "securityLevel")
_FLAGS = ("isSaveSentMail", "isSaveTracking", "isSendSeparately")

#: RFC 5322 `dot-atom@dot-atom` in ASCII, with a top-level domain; quoted names and domain literals are left out.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_LOCAL_CHARACTERS = 64
_ADDRESS_CHARACTERS = 254

_WHITESPACE = re.compile(r"[ \t\r\n]+")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")

JsonObject = Mapping[str, object]


class Refused(Exception):
    """The request is refused, with a sentence for its sender."""

    def __init__(self, refusal: Refusal, description: str) -> None:
        super().__init__(description)
        self.refusal = refusal
        self.description = description


def read_submission(content_type: str, body: bytes, rules: WorksRules) -> Submission:
    """What a request's body asks for. Raises Refused; the checks come in the order in which they are written here."""
    request = _json_object(content_type, body, rules)
    _check_required(request, rules)
    _check_types(request, rules)
    _check_words(request, rules)
    to, cc, bcc = (_addresses(request, field, rules) for field in ("to", "cc", "bcc"))
    if not to:
        raise Refused(rules.empty_field, "to has no address")
    return Submission(
        to=to,
        cc=cc,
        bcc=bcc,
        subject=_text(request, "subject"),
        body=_text(request, "body"),
        content_type=_content_type(request),
        user_name=_text(request, "userName") or None,
        save_sent=_flag(request, "isSaveSentMail", default=True),
        save_tracking=_flag(request, "isSaveTracking", default=True),
        send_separately=_flag(request, "isSendSeparately", default=False),
        security_level=_text(request, "securityLevel", "General"),
        attachments=_attachments(request, rules),
    )


def _json_object(content_type: str, body: bytes, rules: WorksRules) -> JsonObject:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused(rules.unreadable_body, f"Content-Type is {content_type or 'missing'}, not application/json")
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        if _SURROGATE_ESCAPE.search(body):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Refused(rules.unreadable_body, "The request body cannot be parsed") from None
    if not isinstance(value, dict):
        raise Refused(rules.unreadable_body, "The request body cannot be parsed as an object")
    return value


def _no_constant(word: str) -> NoReturn:
    """Python reads NaN and Infinity as numbers; JSON has neither."""
    raise ValueError(word)


def _check_required(request: JsonObject, rules: WorksRules) -> None:
    for field in ("to", "subject"):
        if field not in request:
            raise Refused(rules.missing_field, f"{field} is missing")
    for field in ("to", "subject"):
        if request[field] == "":
            raise Refused(rules.empty_field, f"{field} is empty")


def _check_types(request: JsonObject, rules: WorksRules) -> None:
    for field in _TEXT_FIELDS:
        if field in request and not isinstance(request[field], str):
            raise Refused(rules.wrong_type, f"{field} is not a string")
    for field in _FLAGS:
        if field in request and not isinstance(request[field], bool):
            raise Refused(rules.wrong_type, f"{field} is not a boolean")


def _check_words(request: JsonObject, rules: WorksRules) -> None:
    if request.get("contentType", "html") not in ("html", "text"):
        raise Refused(rules.wrong_value, f"contentType {request['contentType']!r} is not html or text")
    if request.get("securityLevel", "General") not in SECURITY_LEVELS:
        levels = ", ".join(SECURITY_LEVELS)
        raise Refused(rules.wrong_value, f"securityLevel {request['securityLevel']!r} is none of {levels}")
    if request.get("userName") == "":
        raise Refused(rules.wrong_value, "userName is empty")


def _addresses(request: JsonObject, field: str, rules: WorksRules) -> tuple[str, ...]:
    pieces = (piece.strip() for piece in _text(request, field).split(";"))
    given = tuple(piece for piece in pieces if piece)
    good = tuple(address for address in given if is_address(address))
    if rules.bad_address and len(good) < len(given):
        bad = next(address for address in given if not is_address(address))
        raise Refused(rules.bad_address, f"{field}: {bad!r} is not an email address")
    return good


def is_address(text: str) -> bool:
    """Whether a text has the form of an address (RFC 5322 section 3.4.1, lengths of RFC 5321 section 4.5.3.1)."""
    fits = len(text) <= _ADDRESS_CHARACTERS and text.find("@") <= _LOCAL_CHARACTERS
    return fits and _ADDRESS.fullmatch(text) is not None


def _attachments(request: JsonObject, rules: WorksRules) -> tuple[ReceivedFile, ...]:
    entries = request.get("attachments", [])
    if not isinstance(entries, list):
        raise Refused(rules.wrong_type, "attachments is not an array")
    files = tuple(_attachment(entry, f"attachments[{index}]", rules) for index, entry in enumerate(entries))
    _check_sizes([len(file.content) for file in files], rules)
    for index, file in enumerate(files):
        if rules.inline_without_cid and file.inline and not file.cid:
            raise Refused(rules.inline_without_cid, f"attachments[{index}] is inline but has no cid")
    return files


def _check_sizes(sizes: list[int], rules: WorksRules) -> None:
    largest = sum(sizes) if rules.attachment_bytes_of == "mail" else max(sizes, default=0)
    if rules.attachment_bytes is not None and largest > rules.attachment_bytes:
        raise Refused(rules.attachments_too_large, f"attachments are larger than {rules.attachment_bytes} bytes")


def _attachment(entry: object, place: str, rules: WorksRules) -> ReceivedFile:
    if not isinstance(entry, dict):
        raise Refused(rules.wrong_type, f"{place} is not an object")
    data, filename, file_type = (_filled(entry, field, place, rules) for field in ("data", "filename", "fileType"))
    if len(filename) > FILENAME_CHARACTERS:
        raise Refused(rules.bad_attachment, f"{place}.filename is longer than {FILENAME_CHARACTERS} characters")
    cid, inline = entry.get("cid", ""), entry.get("inline", False)
    if not isinstance(cid, str):
        raise Refused(rules.wrong_type, f"{place}.cid is not a string")
    if not isinstance(inline, bool):
        raise Refused(rules.wrong_type, f"{place}.inline is not a boolean")
    return ReceivedFile(filename, file_type, _decoded(data, place, rules), cid or None, inline)


def _filled(entry: JsonObject, field: str, place: str, rules: WorksRules) -> str:
    value = entry.get(field, "")
    if not isinstance(value, str):
        raise Refused(rules.wrong_type, f"{place}.{field} is not a string")
    if not value:
        raise Refused(rules.bad_attachment, f"{place}.{field} is missing or empty")
    return value


def _decoded(data: str, place: str, rules: WorksRules) -> bytes:
    content = _strict_base64(data)
    if content is None and rules.base64_spaces:
        content = _strict_base64(_WHITESPACE.sub("", data))
    if content is None:
        raise Refused(rules.bad_attachment, f"{place}.data is not Base64")
    if not content:
        raise Refused(rules.bad_attachment, f"{place}.data is empty")
    return content


def _strict_base64(data: str) -> bytes | None:
    try:
        return a2b_base64(data, strict_mode=True)
    except ValueError:
        return None


def _text(request: JsonObject, field: str, default: str = "") -> str:
    value = request.get(field, default)
    assert isinstance(value, str)
    return value


def _flag(request: JsonObject, field: str, *, default: bool) -> bool:
    value = request.get(field, default)
    assert isinstance(value, bool)
    return value


def _content_type(request: JsonObject) -> Literal["html", "text"]:
    return "text" if request.get("contentType") == "text" else "html"
