"""A request to Pleasanter, as its JSON library reads it (Newtonsoft): forgiving about names, cases and numbers.

Read in `Libraries/Requests/Api.cs`, `Models/OutgoingMails` and `Libraries/DataTypes/Attachment.cs` of Implem.Pleasanter
1.5.3, on purpose without a line of the code that sends.
"""

import json
import re
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass

from batchmail.emulator.mail import ReceivedFile

_WHITESPACE = re.compile(r"[ \t\r\n]+")
_DECIMAL = re.compile(r"\s*[+-]?\d+(?:\.\d*)?\s*", re.ASCII)

JsonObject = Mapping[str, object]


class Unusable(Exception):
    """A request that is JSON, but no mail."""


@dataclass(frozen=True, slots=True)
class MailModel:
    """A mail as it was asked for; None where a field is absent or null."""

    sender: str | None
    to: str
    cc: str
    bcc: str
    title: str
    body: str | None
    attachments: tuple[ReceivedFile, ...]


def read_json(body: bytes) -> JsonObject | None:
    """The object of a body, its keys in lower case; empty for other JSON, None for what is no JSON."""
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return _lower(value) if isinstance(value, dict) else {}


def api_key(request: JsonObject) -> str:
    """The key that a request names."""
    value = request.get("apikey")
    return value if isinstance(value, str) else ""


def read_mail(request: JsonObject) -> MailModel:
    """The mail that a request asks for. Raises Unusable."""
    version = request.get("apiversion")
    if isinstance(version, bool | dict | list) or (isinstance(version, str) and not _DECIMAL.fullmatch(version)):
        raise Unusable("ApiVersion")
    return MailModel(
        sender=_text(request, "from"),
        to=_text(request, "to") or "",
        cc=_text(request, "cc") or "",
        bcc=_text(request, "bcc") or "",
        title=_text(request, "title") or "",
        body=_text(request, "body"),
        attachments=_attachments(request.get("attachments")),
    )


def _lower(fields: Mapping[str, object]) -> JsonObject:
    """Names match whatever the case of their letters; the last of them counts."""
    return {name.lower(): value for name, value in fields.items()}


def _text(request: JsonObject, name: str) -> str | None:
    match request.get(name):
        case None:
            return None
        case str() as value:
            return value
        case bool() | int() | float() as value:
            return str(value)
        case _:
            raise Unusable(name)


def _attachments(entries: object) -> tuple[ReceivedFile, ...]:
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise Unusable("Attachments")
    files = (_attachment(entry) for entry in entries)
    return tuple(file for file in files if file)


def _attachment(entry: object) -> ReceivedFile | None:
    """A file; None for one without content, which is left out of the mail in silence."""
    if not isinstance(entry, dict):
        raise Unusable("Attachments")
    fields = _lower(entry)
    data = _text(fields, "base64")
    names = [_text(fields, "name"), _text(fields, "filename")]
    if not data:
        return None
    if names == [None, None]:
        raise Unusable("Name")
    return ReceivedFile(names[0] or names[1] or "NoName", _text(fields, "contenttype") or "text/plain", _decoded(data))


def _decoded(data: str) -> bytes:
    try:
        return a2b_base64(_WHITESPACE.sub("", data), strict_mode=True)
    except ValueError:
        raise Unusable("Base64") from None
