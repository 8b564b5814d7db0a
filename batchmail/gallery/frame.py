"""A mail's body as a document of its own, for a frame in which nothing runs and nothing is loaded."""

import re
from base64 import b64encode
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import unquote

from batchmail.message import ContentType

#: Stands before everything else, so that no part of the mail comes before it.
_HEAD = (
    '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
)
_CID = re.compile(r"""(?P<before>=\s*["']?|url\(\s*["']?)cid:(?P<name>[^"'\s>)]+)""", re.IGNORECASE)


def frame_document(body: str, content_type: ContentType, images: Mapping[str, tuple[str, bytes]]) -> str:
    """The document. Inline images, by their content ids, become part of it."""
    if content_type is ContentType.TEXT:
        style = "font: 15px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 16px"
        return f'{_HEAD}<body style="{style}">{escape(body)}</body>'
    data = {
        name: f"data:{kind};base64,{b64encode(content).decode('ascii')}" for name, (kind, content) in images.items()
    }

    def shown(found: re.Match[str]) -> str:
        name = unquote(unescape(found["name"]))
        return found["before"] + escape(data[name]) if name in data else found[0]

    return _HEAD + _CID.sub(shown, body)
