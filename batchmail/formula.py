"""Texts that a spreadsheet program would run as a formula, and the apostrophe that keeps it from doing so."""

import re
from collections.abc import Sequence
from operator import itemgetter

#: What makes a formula when more follows (OWASP, "CSV Injection"; the wide forms run where Excel is Japanese;
#: NUL is passed over by some programs, so that the character after it counts).
_FORMULA = re.compile(r"[=+\-@\t\r\n\0＝＋－＠].", re.DOTALL)
#: What a text begins with where it may need an apostrophe; most cells are known by it to need none.
_SUSPECTS = frozenset("'=+-@\t\r\n\0＝＋－＠")
_FIRST = itemgetter(slice(0, 1))
_SIGNED_NUMBER = re.compile(r"[+-][0-9][0-9.,]*%?|[+-]\.[0-9]+%?")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program may run this text; a signed number (`-1,250.50`) and a lone sign are harmless."""
    return _FORMULA.match(text) is not None and _SIGNED_NUMBER.fullmatch(text) is None


def disarmed(text: str) -> str:
    """The text as a text file for spreadsheet programs should hold it: with `'` in front where it would run.

    A text that looks as if that had been done to it gets one more, so that `armed` gives every text back.
    """
    return f"'{text}" if text[:1] in _SUSPECTS and is_formula(text.lstrip("'")) else text


def disarmed_each(texts: Sequence[str]) -> Sequence[str]:
    """The texts as `disarmed` gives them. Of most rows none begins with a suspect, which is told at once."""
    return texts if _SUSPECTS.isdisjoint(map(_FIRST, texts)) else [*map(disarmed, texts)]


def armed(text: str) -> str:
    """The text that `disarmed` was given."""
    return text[1:] if text.startswith("'") and is_formula(text.lstrip("'")) else text
