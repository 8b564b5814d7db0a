"""One record of a CSV file (RFC 4180): the text it was written as, and where each of its cells begins in it."""

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from batchmail.recipients.text_file import TextPosition

_QUOTED = r'"([^"]*(?:""[^"]*)*)"'


@dataclass(frozen=True, slots=True)
class Place:
    """A line and column of a text, from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """Why a record cannot be read, and where."""

    place: Place
    reason: str
    text: str


def first_record(lines: Iterator[str], delimiter: str) -> str:
    """The text of the first record, line end included; as far as it goes where it cannot be read."""
    taken: list[str] = []

    def taking() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    with suppress(csv.Error):
        next(csv.reader(taking(), delimiter=delimiter, strict=True), None)
    return "".join(taken)


def cell_places(record: str, delimiter: str, line: int) -> Iterator[Place]:
    """Where the text of each cell begins, inside its quotes; last, where the record ends.

    `line` is the line on which the record begins.
    """
    cell = _cell(delimiter)
    start = 0
    while True:
        found = cell.match(record, start)
        assert found is not None  # a cell may be empty
        quoted = found[1] is not None
        yield _place(record, found.start(1) if quoted else found.start(), line)
        if not record.startswith(delimiter, found.end()):
            yield _place(record, found.end(), line)
            return
        start = found.end() + len(delimiter)


def broken_cell(record: str, delimiter: str, line: int) -> BrokenCell:
    """The cell for which a record cannot be read."""
    cell = _cell(delimiter)
    start = 0
    while True:
        found = cell.match(record, start)
        assert found is not None
        end, quoted = found.end(), found[1] is not None
        if end - start > csv.field_size_limit() and (quoted or not record.startswith('"', start)):
            return BrokenCell(_place(record, start, line), "the cell is too long", record[start:])
        if record.startswith('"', start) and not quoted:
            return BrokenCell(_place(record, start, line), "the quote that opens here is not closed", record[start:])
        if quoted and record[end : end + 1] not in (delimiter, "\r", "\n", ""):
            return BrokenCell(_place(record, end, line), "text stands after a closing quote", record[start:])
        if not record.startswith(delimiter, end):
            return BrokenCell(_place(record, start, line), "the cell is too long", record[start:])
        start = end + len(delimiter)


def _cell(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf"{_QUOTED}|[^{re.escape(delimiter)}\r\n]*")


def _place(record: str, offset: int, line: int) -> Place:
    position = TextPosition()
    position.move(record[:offset])
    return Place(line + position.line - 1, position.column)
