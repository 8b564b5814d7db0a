"""JSON Lines as sheets: one object a line, its keys the columns (jsonlines.org).

The first object says which columns there are; a key that appears further down is a fault at its first value. A cell is
the text of a string, the digits of a number as they are written, `true` or `false`, or blank for null.
"""

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing

from batchmail import rules
from batchmail.finding import Findings
from batchmail.job import RecipientsSpec
from batchmail.location import Location, TextLocation
from batchmail.recipients.base import NO_FAULTS, SheetBroken
from batchmail.recipients.csv_file import check_start
from batchmail.recipients.header import LateColumns, header_without_lines, no_rows, read_header
from batchmail.recipients.text_file import TextFile, encoding_detected, text_file
from batchmail.row import CellFault, Row
from batchmail.wording import shown

_ONE_LINE = 'Write one object a line: {"email": "kim@example.com", "name": "Kim"}'
_NO_CELL = "Write a text or a number; several addresses are one text with commas."
_WORDS: dict[object, str] = {True: "true", False: "false", None: ""}
_NO_TEXT = re.compile(r"[\ud800-\udfff]|\\u0000")


class JsonSheet:
    """A file of JSON Lines; see `Sheet`."""

    name = ""

    def __init__(self, text: TextFile, columns: Sequence[str], header_line: int) -> None:
        self.path = text.path
        self.columns = tuple(columns)
        self.digest = text.digest
        self._text = text
        self._header_line = header_line

    def rows(self) -> Generator[Row, None, None]:
        maker = _RowMaker(self.columns)
        with closing(_objects(self._text)) as objects:
            for line, cells in objects:
                row = maker.row(line, cells)
                if row:
                    yield row

    def place(self, row: Row, column: int | None = None) -> TextLocation:
        return self._place(row.line, column)

    def header_place(self, column: int | None = None) -> TextLocation:
        return self._place(self._header_line, column)

    def _place(self, line: int, column: int | None) -> TextLocation:
        """Where a row's value begins; of a column that the row does not have, the row."""
        with closing(self._text.read_from(line)) as lines:
            starts = _value_places(next(lines, ""))
        if column is None:
            return TextLocation(self.path, line, 1)
        if column < len(self.columns):
            return TextLocation(self.path, line, starts.get(self.columns[column], 1))
        late = [start for name, start in starts.items() if name not in self.columns]
        return TextLocation(self.path, line, late[column - len(self.columns)])


class _RowMaker:
    """Makes rows of objects, in order, for one reading of the file."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._late = LateColumns(columns)
        self._position = 0

    def row(self, line: int, cells: Mapping[str, object]) -> Row | None:
        """The row of an object, or None for one without any text and fault."""
        read = {name: _text(value) for name, value in cells.items()}
        faults: dict[int, CellFault] = self._late.faults(read)
        for column, name in enumerate(self._columns):
            if isinstance(cells.get(name), list | dict):
                faults[column] = _no_cell(read[name])
        texts = tuple(read.get(name, "") for name in self._columns)
        if not faults and not any(map(str.strip, texts)):
            return None
        self._position += 1
        return Row(self._position, line, texts, None, faults or NO_FAULTS)


def open_jsonl(spec: RecipientsSpec, where: Location, findings: Findings) -> JsonSheet | None:
    """Open a file of JSON Lines; None where it has nobody in it. Raises SheetBroken."""
    if spec.header is not None:
        findings.add(header_without_lines(where))
        return None
    check_start(spec.file, where)
    text = text_file(spec.file, spec.encoding, where)
    if text.detected:
        findings.add(encoding_detected(text.path, text.detected))
    with closing(_objects(text)) as objects:
        found = next(objects, None)
    if found is None:
        findings.add(no_rows(TextLocation(spec.file), header=False))
        return None
    line, cells = found
    columns = [name for name in cells if name]
    starts: dict[str, int] | None = None

    def place(cell: int) -> TextLocation:
        nonlocal starts
        if starts is None:
            with closing(text.read_from(line)) as lines:
                starts = _value_places(next(lines, ""))
        return TextLocation(text.path, line, starts[columns[cell]])

    read_header(columns, place, findings)  # their number has the same limit
    sheet = JsonSheet(text, columns, line)
    with closing(sheet.rows()) as rows:
        if next(rows, None) is None:
            findings.add(no_rows(TextLocation(spec.file), header=True))
            return None
    return sheet


def _objects(text: TextFile) -> Generator[tuple[int, dict[str, object]], None, None]:
    """The objects with their lines, from 1. Raises SheetBroken for a line that is none."""
    with closing(text.read()) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _object(text, number, line)


def _object(text: TextFile, number: int, line: str) -> dict[str, object]:
    try:
        value = _decoder.decode(line)
    except _KeyTwice as twice:
        raise _broken(text, number, 1, f"the key `{shown(str(twice))}` stands twice", line) from None
    except json.JSONDecodeError as error:
        raise _broken(text, number, error.colno, f"the line is no JSON: {error.msg}", line[error.pos :]) from None
    except RecursionError:
        raise _broken(text, number, 1, "the line is nested too deeply", line) from None
    if not isinstance(value, dict):
        raise _broken(text, number, 1, "the line is no object", line)
    if "\\u" in line and _NO_TEXT.search(json.dumps(value, ensure_ascii=False)):
        raise _broken(text, number, 1, "the line has half a character (a surrogate), or NUL", line)
    return value


def _broken(text: TextFile, line: int, column: int, message: str, offending: str) -> SheetBroken:
    where = TextLocation(text.path, line, column)
    return SheetBroken(rules.SHEET_BROKEN.finding(message, where, _ONE_LINE, text=shown(offending.strip())))


class _KeyTwice(Exception):
    """An object has a key twice."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = {name.strip(): value for name, value in pairs}
    if len(made) < len(pairs):
        names = [name.strip() for name, _ in pairs]
        raise _KeyTwice(next(name for index, name in enumerate(names) if name in names[:index]))
    return made


class _Digits(str):
    """A number as it is written."""

    __slots__ = ()


_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_Digits, parse_int=_Digits, parse_constant=_Digits)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return json.dumps(value, ensure_ascii=False)


def _no_cell(text: str) -> CellFault:
    return CellFault(rules.CELL_BAD_VALUE.id, "a list or an object is no cell", _NO_CELL, shown(text))


def _value_places(line: str) -> dict[str, int]:
    """Where each value of an object begins, by its key: columns from 1."""
    return {name.strip(): start + 1 for name, start in _values(line)}


def _values(line: str) -> Iterator[tuple[str, int]]:
    at = _after_space(line, line.find("{") + 1)
    while line.startswith('"', at):
        name, at = _decoder.raw_decode(line, at)
        at = _after_space(line, _after_space(line, at) + 1)
        yield name, at
        _, at = _decoder.raw_decode(line, at)
        at = _after_space(line, _after_space(line, at) + 1)


def _after_space(line: str, at: int) -> int:
    while line[at : at + 1] in (" ", "\t"):
        at += 1
    return at
