"""How messages to people name what was written: on one line, with the nearest of what is known."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

SHOWN_CHARACTERS = 60
_LISTED = 30
#: Hardly anybody gives longer names; comparing longer ones takes time and helps nobody.
_LONGEST_MATCH = 100


def shown(text: str, characters: int = SHOWN_CHARACTERS) -> str:
    """A text on one line, cut where it is long, with nothing in it that a terminal would obey."""
    cut = text[:characters]
    safe = "".join(character if _is_harmless(character) else f"\\x{ord(character):02x}" for character in cut)
    return f"{safe}…" if len(cut) < len(text) else safe


def _is_harmless(character: str) -> bool:
    # Python counts the spaces of other scripts among what is not printable.
    return character.isprintable() or unicodedata.category(character) == "Zs"


def listed(words: Iterable[str]) -> str:
    """Words in a row, each as it is to be written."""
    every = [f"`{shown(word)}`" for word in words]
    more = len(every) - _LISTED
    return ", ".join(every[:_LISTED]) + (f" and {more} more" if more > 0 else "")


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
    return f"Did you mean `{shown(close)}`? {otherwise}" if close else otherwise
