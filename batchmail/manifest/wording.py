"""How findings about a manifest name what they speak of."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from batchmail.job import Route

_WORD = re.compile(r"[\w-]+")
_SHOWN_CHARACTERS = 60
#: No key or word of a manifest is longer; comparing longer ones takes time and helps nobody.
_LONGEST_MATCH = 40


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


def shown(text: str, characters: int = _SHOWN_CHARACTERS) -> str:
    """A text on one line, cut where it is long, with nothing in it that a terminal would obey."""
    first, *rest = text.splitlines() or [""]
    cut = first[:characters]
    safe = "".join(character if _is_shown(character) else f"\\x{ord(character):02x}" for character in cut)
    return safe + "…" if rest or len(cut) < len(first) else safe


def _is_shown(character: str) -> bool:
    # Python counts the spaces of other scripts among what is not printable.
    return character.isprintable() or unicodedata.category(character) == "Zs"


def listed(words: Iterable[str]) -> str:
    """Words in a row, each as it is to be written."""
    return ", ".join(f"`{word}`" for word in words)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, in whichever case it was written."""
    if len(word) > _LONGEST_MATCH:
        return None
    by_lower_case = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), by_lower_case, n=1)
    return by_lower_case[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A question where one of the known words is near, followed by what is known in any case."""
    close = nearest(word, known)
    return f"Did you mean `{close}`? {otherwise}" if close else otherwise
