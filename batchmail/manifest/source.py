"""The manifest's text, and the place of every character in it."""

import re
from bisect import bisect_right
from pathlib import Path

from batchmail.location import TextLocation

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Source:
    """A text and where it came from. Lines end as in an editor: at LF, CR LF or CR."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def place(self, index: int) -> TextLocation:
        """The line and column, from 1, of the character at `index`."""
        line = bisect_right(self._starts, index)
        return TextLocation(self.path, line, index - self._starts[line - 1] + 1)

    def start(self, number: int) -> int:
        """The index at which a line begins, by its number from 1."""
        return self._starts[number - 1]

    def line(self, number: int) -> str:
        """A line by its number from 1, without its line break; empty beyond the end."""
        if number > len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")
