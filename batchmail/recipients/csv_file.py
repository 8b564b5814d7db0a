"""CSV files as sheets.

What separates the cells is told by the header (see `delimiter`). Quotes follow RFC 4180, strictly: a quote too many
could shift cells unseen.
"""

import csv
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.formula import armed
from batchmail.job import RecipientsSpec
from batchmail.location import Location, TextLocation
from batchmail.mail_columns import is_report
from batchmail.recipients.base import NO_FAULTS, SheetBroken
from batchmail.recipients.delimiter import layout_of
from batchmail.recipients.header import Header, OutsideCells, no_header, no_rows, read_header
from batchmail.recipients.record import broken_cell, cell_places, first_record
from batchmail.recipients.sheet_file import opened
from batchmail.recipients.text_file import LONGEST_LINE, TextFile, encoding_detected, text_file, too_long
from batchmail.row import Row
from batchmail.wording import shown

_BINARY_STARTS = {b"PK\x03\x04": "a workbook or another zip archive", b"\xd0\xcf\x11\xe0": "an old workbook (.xls)"}


class CsvSheet:
    """A CSV file; see `Sheet`."""

    name = ""

    def __init__(self, file: "CsvFile", header: Header, header_line: int) -> None:
        self.path = file.text.path
        self.columns = header.columns
        self.digest = file.text.digest
        self._file = file
        self._header = header
        self._header_line = header_line
        self._disarmed = is_report(header.columns)

    def rows(self) -> Generator[Row, None, None]:
        header = self._header
        width, is_plain, named = header.width, header.is_plain, header.cells
        outside = OutsideCells(header)
        position = 0
        with closing(self._file.records()) as records:
            for line, cells in islice(records, 1, None):
                if len(cells) == width and is_plain:
                    position += 1
                    yield Row(position, line, self._texts(cells), None, NO_FAULTS)
                    continue
                filled = cells + [""] * (width - len(cells))
                contents = [(cell, filled[cell]) for cell in (*header.unnamed, *range(width, len(cells)))]
                faults = outside.faults(contents, len(cells))
                texts = self._texts([filled[cell] for cell in named])
                if faults or any(map(str.strip, texts)):
                    position += 1
                    yield Row(position, line, texts, None, faults or NO_FAULTS)

    def _texts(self, cells: list[str]) -> tuple[str, ...]:
        """The row's texts; in an earlier report those that a spreadsheet would run begin with an apostrophe."""
        return tuple(map(armed, cells)) if self._disarmed else tuple(cells)

    def place(self, row: Row, column: int | None = None) -> TextLocation:
        return self._file.place(row.line, 0 if column is None else self._header.cell_of(column))

    def header_place(self, column: int | None = None) -> TextLocation:
        return self._file.place(self._header_line, 0 if column is None else self._header.cell_of(column))


class CsvFile:
    """A text file as records of cells."""

    def __init__(self, text: TextFile, header: int | None) -> None:
        self.text = text
        layout = layout_of(text, header)
        self._delimiter = layout.delimiter
        self._first_line = layout.first_line

    def records(self) -> Generator[tuple[int, list[str]], None, None]:
        """The records that are not blank, each with the line on which it begins. Raises SheetBroken."""
        characters = 0

        def bounded(lines: Iterator[str]) -> Iterator[str]:
            nonlocal characters
            for text in lines:
                characters += len(text)
                if characters > LONGEST_LINE:
                    raise SheetBroken(too_long(self.text.path, line))
                yield text

        first = self._first_line
        with closing(self.text.read() if first == 1 else self.text.read_from(first)) as lines:
            reader = csv.reader(bounded(lines), delimiter=self._delimiter, strict=True)
            line = first
            try:
                for cells in reader:
                    if cells and ((cells[0] and not cells[0].isspace()) or any(map(str.strip, cells))):
                        yield line, cells
                    line = reader.line_num + first
                    characters = 0
            except csv.Error:
                raise SheetBroken(self._broken(line)) from None

    def place(self, line: int, cell: int) -> TextLocation:
        """Where a cell of the record on a line begins, found in the file again; the record's end where it has fewer."""
        found = None
        for index, found in enumerate(cell_places(self._record(line), self._delimiter, line)):  # noqa: B007  the last
            if index == cell:
                break
        assert found is not None
        return TextLocation(self.text.path, found.line, found.column)

    def _record(self, line: int) -> str:
        with closing(self.text.read_from(line)) as lines:
            return first_record(lines, self._delimiter)

    def _broken(self, line: int) -> Finding:
        broken = broken_cell(self._record(line), self._delimiter, line)
        return rules.SHEET_BROKEN.finding(
            broken.reason,
            TextLocation(self.text.path, broken.place.line, broken.place.column),
            'A cell with quotes in it stands in quotes, and each of its own is doubled: "say ""hello""".',
            text=shown(broken.text),
        )


def open_csv(spec: RecipientsSpec, where: Location, findings: Findings) -> CsvSheet | None:
    """Open a CSV file; None where it has nobody in it. Raises SheetBroken."""
    check_start(spec.file, where)
    text = text_file(spec.file, spec.encoding, where)
    if text.detected:
        findings.add(encoding_detected(text.path, text.detected))
    file = CsvFile(text, spec.header)
    with closing(file.records()) as records:
        found = list(islice(records, 2))
    if not found and spec.header is None:
        findings.add(no_rows(TextLocation(spec.file), header=False))
        return None
    line, cells = found[0] if found else (0, [])
    if spec.header not in (None, line):
        findings.add(no_header(TextLocation(spec.file), f"line {spec.header}"))
        return None
    if is_report([cell.strip() for cell in cells]):
        cells = list(map(armed, cells))
    header = read_header(cells, lambda cell: file.place(line, cell), findings)
    if len(found) == 1:
        findings.add(no_rows(TextLocation(spec.file), header=True))
        return None
    return CsvSheet(file, header, line)


def check_start(path: Path, where: Location) -> None:
    """Raise SheetBroken for a workbook under the name of a text file."""
    with opened(path, where) as file:
        what = _BINARY_STARTS.get(file.read(4))
    if what:
        message = f"`{shown(path.name)}` is {what} under the name of a text file"
        hint = "Give it its own suffix (.xlsx), or save it as CSV UTF-8."
        raise SheetBroken(rules.SHEET_BROKEN.finding(message, TextLocation(path), hint))
