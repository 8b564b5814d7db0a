"""Paths with `*` and `?`: which files of a folder fit them, found among a million without reading every name."""

import os
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError

from batchmail.merge.environment import MergeEnvironment, text_environment
from batchmail.merge.printing import as_text

_ANY = "*"
_ONE = "?"
#: What stands for `*` and `?` of cells in a pattern: characters that no text has (Unicode, section 23.7).
_LITERAL = {ord(_ANY): "\ufdd0", ord(_ONE): "\ufdd1"}
_PLAIN = {ord(mark): chr(active) for active, mark in _LITERAL.items()}
#: Between the names of a folder, in the one text that they are kept in; a file's name that has it is left out.
_END = "\n"


def pattern_environment() -> MergeEnvironment:
    """For paths that are patterns: only the manifest's own `*` and `?` are active, never those of a cell."""
    return text_environment(lambda value: _marked(as_text(value)), _marked)


def _marked(value: object) -> str:
    return str(value).translate(_LITERAL)


def has_wildcards(template: str, environment: MergeEnvironment) -> bool:
    """Whether a path's template is a pattern: by what stands outside of its tags alone."""
    try:
        return any(kind == "data" and is_pattern(text) for _, kind, text in environment.lex(template))
    except TemplateSyntaxError:
        return False  # its finding comes from compiling it


def is_pattern(text: str) -> bool:
    """Whether a merged path, or a part of one, has an active `*` or `?`."""
    return _ANY in text or _ONE in text


def plain(text: str) -> str:
    """A merged pattern as it is shown, or a part without wildcards as the file system knows it."""
    return text.translate(_PLAIN)


class Listing:
    """The names in a folder, composed (NFC) and sorted: about their own length and 8 bytes each."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where the folder cannot be read."""
        with os.scandir(folder) as entries:
            found = {unicodedata.normalize("NFC", entry.name): entry.name for entry in entries}
        self._spelt = {name: written for name, written in found.items() if name != written}
        names = sorted(name for name in found if _END not in name)
        self._text = "".join(f"{name}{_END}" for name in names)
        self._starts = array("Q")
        start = 0
        for name in names:
            self._starts.append(start)
            start += len(name) + 1

    def fitting(self, pattern: str) -> Iterator[str]:
        """The names that fit a pattern, as the file system has them, in order. Hidden ones want a dot of their own."""
        pattern = unicodedata.normalize("NFC", pattern)
        hidden = pattern.startswith((".", "~$"))
        for name in self._candidates(pattern):
            if _fits(name, pattern) and (hidden or not name.startswith((".", "~$"))):
                yield self._spelt.get(name, name)

    def _candidates(self, pattern: str) -> Iterator[str]:
        pieces = [plain(piece) for piece in pattern.replace(_ONE, _ANY).split(_ANY)]
        return self._from(pieces[0]) if pieces[0] else self._holding(max(pieces, key=len))

    def _from(self, prefix: str) -> Iterator[str]:
        first = bisect_left(self._starts, prefix, key=lambda start: self._text[start : start + len(prefix)])
        for number in range(first, len(self._starts)):
            name = self._name(self._starts[number])
            if not name.startswith(prefix):
                return
            yield name

    def _holding(self, piece: str) -> Iterator[str]:
        """Names with a text in them: one search through all names at once is the machine's own speed."""
        place = self._text.find(piece)
        while 0 <= place < len(self._text):
            start = self._text.rfind(_END, 0, place) + 1
            name = self._name(start)
            yield name
            place = self._text.find(piece, start + len(name) + 1)

    def _name(self, start: int) -> str:
        return self._text[start : self._text.index(_END, start)]


def _fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern as a whole, upper and lower case told apart on every system."""
    at = place = 0
    star, resume = -1, 0
    while at < len(name):
        wanted = pattern[place] if place < len(pattern) else ""
        if wanted == _ANY:
            star, resume = place, at
            place += 1
        elif wanted and (wanted == _ONE or _PLAIN.get(ord(wanted), wanted) == name[at]):
            at, place = at + 1, place + 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return not pattern[place:].strip(_ANY)
