"""How findings about a manifest name what they speak of."""

import re

from batchmail import wording
from batchmail.job import Route

_WORD = re.compile(r"[\w-]+")


def named(route: Route) -> str:
    """A value by its keys: `message.attachments[0].path`."""
    name = "".join(_step(part) for part in route).removeprefix(".")
    return f"`{name}`" if name else "the manifest"


def _step(part: str | int) -> str:
    match part:
        case int():
            return f"[{part}]"
        case str() if _WORD.fullmatch(part):
            return f".{shown(part)}"
        case str():
            return f'["{shown(part)}"]'


def shown(text: str, characters: int = wording.SHOWN_CHARACTERS) -> str:
    """The first line of a text, as messages show it."""
    first, *rest = text.splitlines() or [""]
    begun = wording.shown(first, characters)
    return f"{begun}…" if rest and not begun.endswith("…") else begun
