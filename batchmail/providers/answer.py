"""Reading what servers answer: JSON, a proxy's HTML page, nothing at all, or garbage. Nothing here ever fails."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from batchmail.providers.base import Reply

#: The longest reason that is shown, in characters.
LONGEST_REASON = 200
#: A longer wait than this, in seconds, is taken for a misunderstanding: a time of day, or milliseconds.
LONGEST_WAIT = 86_400

_SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*\Z", re.ASCII)


def json_object(body: bytes) -> Mapping[str, object]:
    """The JSON object that a body holds; empty where it holds none."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def one_line(text: str, longest: int = LONGEST_REASON) -> str:
    """A text that is safe to show: one line, no control or invisible characters, cut where it is too long."""
    # Far more is read than shown, since blanks may fold; an answer of megabytes is not looked at letter by letter.
    visible = text[: 10 * longest]
    if not visible.isprintable():
        visible = "".join(" " if _unseen(character) else character for character in visible)
    folded = " ".join(visible.split())
    return folded if len(folded) <= longest else folded[: longest - 1] + "…"


def _unseen(character: str) -> bool:
    return unicodedata.category(character).startswith("C")


def excerpt(body: bytes) -> str:
    """The beginning of a body that is not what was documented; a page for browsers is only named."""
    text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return "a web page instead of an answer" if text.startswith("<") else one_line(text)


def status_name(status: int) -> str:
    """A status as people know it: `502 Bad Gateway`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def wait_seconds(reply: Reply, *headers: str) -> float | None:
    """The longest wait that any of the headers asks for, in seconds; None where none does.

    Dates are left aside: they would need the two clocks to agree.
    """
    waits = (seconds_in(reply.headers.get(header, "")) for header in headers)
    return max((wait for wait in waits if wait is not None and wait <= LONGEST_WAIT), default=None)


def seconds_in(text: str) -> float | None:
    """A number of seconds in plain digits; None for all else."""
    match = _SECONDS.match(text)
    return float(match[1]) if match else None


def server_time(reply: Reply) -> datetime | None:
    """When the server answered, by its own clock (RFC 9110, section 6.6.1); None where it does not say."""
    try:
        time = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return time if time.tzinfo is not None else None
