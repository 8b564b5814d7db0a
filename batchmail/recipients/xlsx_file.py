"""Workbooks as sheets (.xlsx, .xlsm; ECMA-376).

The cells are streamed, and not read through openpyxl, for the sake of large and hostile files: openpyxl takes three
times as long, keeps something of every row in memory, and a whole row however long (40 kB of a file became 3 GB), and
does not tell a formula whose value is an empty text from one that was never calculated.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing

from batchmail import rules
from batchmail.finding import Findings
from batchmail.job import RecipientsSpec
from batchmail.location import CellLocation, TextLocation
from batchmail.recipients.base import NO_FAULTS, SheetBroken
from batchmail.recipients.cell_format import GENERAL
from batchmail.recipients.cell_text import CellReader, ReadCell
from batchmail.recipients.header import Header, OutsideCells, no_rows, read_header
from batchmail.recipients.sheet_file import opened
from batchmail.recipients.wording import did_you_mean, listed, shown
from batchmail.recipients.workbook import Workbook, Worksheet, workbook
from batchmail.recipients.workbook_package import broken, package
from batchmail.recipients.worksheet_cells import MOST_COLUMNS, RawCell, column_letters, worksheet_rows
from batchmail.recipients.xml_stream import XmlRefused
from batchmail.row import CellFault, Row, StoredCell

#: So many blank rows end the sheet; what stands below is not looked at.
BLANK_ROWS_AT_THE_END = 1_000

_BLANK = StoredCell(None, GENERAL)


class XlsxSheet:
    """A worksheet; see `Sheet`. Rows that are hidden, by a filter for example, are rows like all others."""

    def __init__(self, book: Workbook, worksheet: Worksheet, header: Header, header_row: int) -> None:
        self.path = book.path
        self.name = worksheet.name
        self.columns = header.columns
        self.digest = book.digest
        self._book = book
        self._worksheet = worksheet
        self._header = header
        self._header_row = header_row

    def rows(self) -> Generator[Row, None, None]:
        maker = _RowMaker(self._header)
        last = self._header_row
        with closing(_rows(self._book, self._worksheet)) as rows:
            for number, cells in rows:
                if number <= self._header_row:
                    continue
                if number - last > BLANK_ROWS_AT_THE_END:
                    return
                row = maker.row(number, cells)
                if row:
                    last = number
                    yield row

    def place(self, row: Row, column: int | None = None) -> CellLocation:
        return _place(self._book, self._worksheet, row.line, 0 if column is None else self._header.cell_of(column))

    def header_place(self, column: int | None = None) -> CellLocation:
        cell = 0 if column is None else self._header.cell_of(column)
        return _place(self._book, self._worksheet, self._header_row, cell)


class _RowMaker:
    """Makes rows of cells, in order, for one reading of the sheet."""

    def __init__(self, header: Header) -> None:
        self._columns = {cell: column for column, cell in enumerate(header.cells)}
        self._ignored = frozenset(range(header.width)) - set(header.cells) - set(header.unnamed)
        self._outside = OutsideCells(header)
        self._position = 0

    def row(self, number: int, cells: Iterable[tuple[int, ReadCell]]) -> Row | None:
        """The row with these cells, or None for one without any text and fault."""
        count = len(self._columns)
        texts, stored = [""] * count, [_BLANK] * count
        faults: dict[int, CellFault] = {}
        outside: list[tuple[int, str]] = []
        for cell, read in cells:
            column = self._columns.get(cell)
            if column is not None:
                texts[column] = read.text
                stored[column] = read.stored
                if read.fault:
                    faults[column] = read.fault
            elif cell not in self._ignored:
                outside.append((cell, read.text))
        if outside:
            faults |= self._outside.faults(outside)
        if not faults and not any(map(str.strip, texts)):
            return None
        self._position += 1
        return Row(self._position, number, tuple(texts), tuple(stored), faults or NO_FAULTS)


def open_xlsx(spec: RecipientsSpec, where: TextLocation, findings: Findings) -> XlsxSheet | None:
    """Open a worksheet; None where it is not there or has nobody in it. Raises SheetBroken."""
    book = workbook(spec.file, where)
    worksheet = _chosen(book.worksheets, spec.sheet)
    if worksheet is None:
        _report_not_found(book.worksheets, spec.sheet, where, findings)
        return None
    found = _header_row(book, worksheet)
    if found is None:
        findings.add(no_rows(_place(book, worksheet), header=False))
        return None
    row, cells = found
    for cell, read in cells.items():
        if read.fault:
            fault, place = read.fault, _place(book, worksheet, row, cell)
            findings.add(rules.RULES[fault.rule].finding(fault.message, place, fault.hint, text=fault.text))
    texts = [cells[cell].text if cell in cells else "" for cell in range(max(cells) + 1)]
    header = read_header(texts, lambda cell: _place(book, worksheet, row, cell), findings, end=MOST_COLUMNS)
    sheet = XlsxSheet(book, worksheet, header, row)
    with closing(sheet.rows()) as rows:
        if next(rows, None) is None:
            findings.add(no_rows(_place(book, worksheet), header=True))
            return None
    return sheet


def _chosen(worksheets: Sequence[Worksheet], name: str | None) -> Worksheet | None:
    """The worksheet of this name; the first visible one without a name."""
    return next((each for each in worksheets if (each.visible if name is None else each.name == name)), None)


def _report_not_found(
    worksheets: Sequence[Worksheet], name: str | None, where: TextLocation, findings: Findings
) -> None:
    names = [each.name for each in worksheets]
    there = f"The worksheets are: {listed(names)}." if names else "The workbook has no worksheets."
    if name is None:
        findings.add(rules.SHEET_NOT_FOUND.finding("the workbook has no visible worksheet", where, there))
        return
    message = f"the workbook has no worksheet `{shown(name)}`"
    findings.add(rules.SHEET_NOT_FOUND.finding(message, where, did_you_mean(name, names, there), text=shown(name)))


def _rows(book: Workbook, worksheet: Worksheet) -> Generator[tuple[int, Iterator[tuple[int, ReadCell]]], None, None]:
    """The rows with content: their numbers from 1, and their cells by column. Raises SheetBroken, the cells too."""
    reader = CellReader(book)
    with opened(book.path, TextLocation(book.path)) as file:
        book.state.check(file, book.path)
        with package(file, book.path) as parts, parts.open(worksheet.part) as source:
            for number, cells in worksheet_rows(source):
                yield number, _read(book, worksheet, reader, number, cells)
        book.state.check(file, book.path)


def _read(
    book: Workbook, worksheet: Worksheet, reader: CellReader, row: int, cells: Iterable[RawCell]
) -> Iterator[tuple[int, ReadCell]]:
    for cell in cells:
        try:
            yield cell.column, reader.read(cell)
        except XmlRefused as refused:
            place = _place(book, worksheet, row, cell.column)
            raise SheetBroken(broken(book.path, refused, place)) from None


def _header_row(book: Workbook, worksheet: Worksheet) -> tuple[int, dict[int, ReadCell]] | None:
    """The first row that has any text, and its cells that have some."""
    with closing(_rows(book, worksheet)) as rows:
        for number, cells in rows:
            if number > BLANK_ROWS_AT_THE_END:
                return None
            texts = {cell: read for cell, read in cells if read.fault or read.text.strip()}
            if texts:
                return number, texts
    return None


def _place(book: Workbook, worksheet: Worksheet, row: int | None = None, cell: int = 0) -> CellLocation:
    return CellLocation(book.path, worksheet.name, None if row is None else f"{column_letters(cell)}{row}")
