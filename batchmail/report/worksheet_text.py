"""Texts as a worksheet takes them."""

import re
from unicodedata import east_asian_width

#: "Excel specifications and limits"; Excel counts in UTF-16.
CELL_CHARACTERS = 32_767
_TITLE_CHARACTERS = 31

_FORBIDDEN_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
#: What XML 1.0 has no way to write.
_FORBIDDEN_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n?")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def readable(text: str) -> str:
    """The text with LF for its line breaks, and U+FFFD for characters that XML cannot hold."""
    return _FORBIDDEN_IN_XML.sub("\ufffd", _LINE_BREAK.sub("\n", text))


def escaped(text: str) -> str:
    """The text with its `_x0041_` kept from being read as `A` (ST_Xstring, ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPE.sub("_x005F_", text)


def shortened(text: str) -> str:
    """As much of the text as a cell holds."""
    if len(text) <= CELL_CHARACTERS // 2:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * CELL_CHARACTERS].decode("utf-16-le", "ignore")


def width(text: str) -> int:
    """How wide the text's widest line is, in Latin letters; Korean and Japanese ones count as two."""
    return max((sum(_letters(character) for character in line) for line in text[:200].splitlines()), default=0)


def _letters(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 1


def as_title(text: str) -> str:
    """The text as a worksheet's name, without the characters that Excel forbids there."""
    return _FORBIDDEN_IN_TITLES.sub("_", text)[:_TITLE_CHARACTERS].strip("'") or "Results"
