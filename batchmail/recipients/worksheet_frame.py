"""What a worksheet says before and after its cells: which columns are hidden, and which cells are merged.

Merged cells stand at the end (ECMA-376 part 1, 18.3.1.55), and rows are to be judged as they come. So the part is read
once before its cells are: the cells themselves are passed over as bytes, which takes a small part of their reading.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from batchmail.recipients.worksheet_cells import MOST_COLUMNS, TRUE, column_letters, column_number, whole
from batchmail.recipients.xml_stream import Source, XmlRefused, elements

#: A worksheet with more is refused: they are held in memory.
MOST_RANGES = 100_000

_BEGIN = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?sheetData(?:\s[^<>]*)?(?<!/)>")
_END = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?sheetData\s*>")
#: A tag may be cut in two where a piece ends; none that is looked for is longer.
_LONGEST_TAG = 300
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")


class MergedRange(NamedTuple):
    """Cells shown as one: rows from 1, columns from 0, the last ones included. The first cell has the value."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    @property
    def anchor(self) -> str:
        """The cell that has the value: A2."""
        return f"{column_letters(self.first_column)}{self.first_row}"

    def __str__(self) -> str:
        return f"{self.anchor}:{column_letters(self.last_column)}{self.last_row}"


@dataclass(frozen=True, slots=True)
class Frame:
    """The hidden columns of a worksheet, from 0, and its merged ranges, by their first rows."""

    hidden: frozenset[int] = frozenset()
    merged: tuple[MergedRange, ...] = ()


def worksheet_frame(source: Source) -> Frame:
    """What stands around the cells of a worksheet. Raises XmlRefused and ExpatError."""
    hidden: set[int] = set()
    merged: list[MergedRange] = []
    for name, attributes in elements(_WithoutCells(source)):
        if name == "col" and (attributes.get("hidden", "0") in TRUE or attributes.get("width") == "0"):
            first, last = whole(attributes.get("min", "")), whole(attributes.get("max", ""))
            hidden.update(range(max(first, 1) - 1, min(last, MOST_COLUMNS)))
        elif name == "mergeCell":
            merged.append(_range(attributes.get("ref", "")))
            if len(merged) > MOST_RANGES:
                raise XmlRefused(f"it has more than {MOST_RANGES:,} merged ranges of cells", "Unmerge its cells.")
    return Frame(frozenset(hidden), tuple(sorted(merged)))


def _range(reference: str) -> MergedRange:
    found = _RANGE.fullmatch(reference)
    if not found:
        raise XmlRefused(f"`{reference[:20]}` is no range of cells")
    letters, row, last_letters, last_row = found.groups()
    first = column_number(letters)
    last = column_number(last_letters) if last_letters else first
    return MergedRange(int(row), int(last_row or row), first, last)


class _WithoutCells:
    """A worksheet's bytes without what is between the tags of `sheetData`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept = b""
        self._tags: list[re.Pattern[bytes]] = [_END, _BEGIN]

    def read(self, size: int) -> bytes:
        """Some of the bytes, as many as the source gives at a time; none at the end."""
        while piece := self._source.read(size):
            given = self._pass(self._kept + piece)
            if given:
                return given
        rest, self._kept = self._kept, b""
        return rest

    def _pass(self, text: bytes) -> bytes:
        """What is to be given of some bytes; their end may be kept for the next."""
        given = b""
        while self._tags:
            found = self._tags[-1].search(text)
            inside = self._tags[-1] is _END
            if not found:
                cut = max(len(text) - _LONGEST_TAG, 0)
                self._kept = text[cut:]
                return given if inside else given + text[:cut]
            self._tags.pop()
            if inside:
                text = text[found.start() :]
            else:
                given += text[: found.end()]
                text = text[found.end() :]
        self._kept = b""
        return given + text


class CoveredCells:
    """Tells, while rows are read in order, which cells of a table are merged into others."""

    def __init__(self, ranges: Sequence[MergedRange], cells: Sequence[int]) -> None:
        """`cells` are the columns of the table, in order; the others may be merged as they like."""
        self._ranges = ranges
        self._cells = cells
        self._next = 0
        self._open: dict[int, MergedRange] = {}

    def of(self, row: int) -> list[tuple[int, MergedRange]]:
        """The cells of a row (from 1) that are not the first of their range, by column."""
        while self._next < len(self._ranges) and self._ranges[self._next].first_row <= row:
            merged = self._ranges[self._next]
            self._next += 1
            if merged.last_row >= row:
                inside = (cell for cell in self._cells if merged.first_column <= cell <= merged.last_column)
                self._open |= dict.fromkeys(inside, merged)
        if not self._open:
            return []
        self._open = {cell: merged for cell, merged in self._open.items() if merged.last_row >= row}
        return [
            (cell, merged)
            for cell, merged in self._open.items()
            if (row, cell) != (merged.first_row, merged.first_column)
        ]
