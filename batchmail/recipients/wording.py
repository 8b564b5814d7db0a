"""How findings about a sheet name what they speak of."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN_CHARACTERS = 60
_NAMES_LISTED = 30


def shown(text: str) -> str:
    """A text on one line, cut where it is long, with nothing in it that a terminal would obey."""
    cut = text[:_SHOWN_CHARACTERS]
    safe = "".join(character if _is_harmless(character) else f"\\x{ord(character):02x}" for character in cut)
    return f"{safe}…" if len(cut) < len(text) else safe


def _is_harmless(character: str) -> bool:
    # Python counts the spaces of other scripts among what is not printable.
    return character.isprintable() or unicodedata.category(character) == "Zs"


def listed(names: Iterable[str]) -> str:
    """Names in a row, each as it is to be written."""
    every = [f"`{shown(name)}`" for name in names]
    more = len(every) - _NAMES_LISTED
    return ", ".join(every[:_NAMES_LISTED]) + (f" and {more} more" if more > 0 else "")


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A question where a known name is near, in whichever case it is written, followed by what is known anyway."""
    by_lower_case = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), by_lower_case, n=1)
    return f"Did you mean `{shown(by_lower_case[close[0]])}`? {otherwise}" if close else otherwise
