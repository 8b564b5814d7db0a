"""Workbooks as sheets (.xlsx, .xlsm; ECMA-376).

The cells are streamed, and not read through openpyxl, for the sake of large and hostile files: openpyxl takes three
times as long, keeps something of every row in memory, and a whole row however long (40 kB of a file became 3 GB), and
does not tell a formula whose value is an empty text from one that was never calculated.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.job import RecipientsSpec
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.recipients.base import NO_FAULTS, SheetBroken
from batchmail.recipients.cell_format import GENERAL
from batchmail.recipients.cell_text import CellReader, ReadCell
from batchmail.recipients.header import Header, OutsideCells, no_header, no_rows, read_header
from batchmail.recipients.sheet_file import opened
from batchmail.recipients.workbook import Workbook, Worksheet, workbook
from batchmail.recipients.workbook_package import broken, package
from batchmail.recipients.worksheet_cells import MOST_COLUMNS, RawCell, column_letters, worksheet_rows
from batchmail.recipients.worksheet_frame import CoveredCells, Frame, MergedRange, worksheet_frame
from batchmail.recipients.xml_stream import XmlRefused
from batchmail.row import CellFault, Row, StoredCell
from batchmail.wording import did_you_mean, listed, shown

_BLANK = StoredCell(None, GENERAL)


class XlsxSheet:
    """A worksheet; see `Sheet`. Rows that are hidden, by a filter for example, are rows like all others.

    `hidden` are the columns that are not shown.
    """

    def __init__(self, book: Workbook, worksheet: Worksheet, frame: Frame, header: Header, header_row: int) -> None:
        self.path = book.path
        self.name = worksheet.name
        self.columns = header.columns
        self.digest = book.digest
        self.hidden = frozenset(column for column, cell in enumerate(header.cells) if cell in frame.hidden)
        self._book = book
        self._worksheet = worksheet
        self._header = header
        self._header_row = header_row
        self._merged = tuple(each for each in frame.merged if each.last_row > header_row)

    def rows(self) -> Generator[Row, None, None]:
        maker = _RowMaker(self._header, self._merged)
        with closing(_rows(self._book, self._worksheet)) as rows:
            for number, hidden, cells in rows:
                if number <= self._header_row:
                    continue
                row = maker.row(number, cells, hidden=hidden)
                if row:
                    yield row

    def place(self, row: Row, column: int | None = None) -> CellLocation:
        return _place(self._book, self._worksheet, row.line, 0 if column is None else self._header.cell_of(column))

    def header_place(self, column: int | None = None) -> CellLocation:
        cell = 0 if column is None else self._header.cell_of(column)
        return _place(self._book, self._worksheet, self._header_row, cell)


class _RowMaker:
    """Makes rows of cells, in order, for one reading of the sheet."""

    def __init__(self, header: Header, merged: Sequence[MergedRange]) -> None:
        self._covered = CoveredCells(merged, header.cells) if merged else None
        self._columns = {cell: column for column, cell in enumerate(header.cells)}
        self._ignored = frozenset(range(header.width)) - set(header.cells) - set(header.unnamed)
        self._outside = OutsideCells(header)
        self._position = 0

    def row(self, number: int, cells: Iterable[tuple[int, ReadCell]], *, hidden: bool) -> Row | None:
        """The row with these cells, or None for one without any text and fault of its own."""
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
        if self._covered:
            faults |= {self._columns[cell]: _merged(merged) for cell, merged in self._covered.of(number)}
        self._position += 1
        return Row(self._position, number, tuple(texts), tuple(stored), faults or NO_FAULTS, hidden)


def open_xlsx(spec: RecipientsSpec, where: Location, findings: Findings) -> XlsxSheet | None:
    """Open a worksheet; None where it is not there or has nobody in it. Raises SheetBroken."""
    book = workbook(spec.file, where)
    worksheet = _chosen(book.worksheets, spec.sheet)
    if worksheet is None:
        _report_not_found(book.worksheets, spec.sheet, where, findings)
        return None
    frame = frame_of(book, worksheet)
    found = _header_row(book, worksheet, spec.header)
    if found is None:
        nowhere = _place(book, worksheet)
        findings.add(no_header(nowhere, f"row {spec.header}") if spec.header else no_rows(nowhere, header=False))
        return None
    row, cells = found
    for cell, read in cells.items():
        if read.fault:
            fault, place = read.fault, _place(book, worksheet, row, cell)
            findings.add(rules.RULES[fault.rule].finding(fault.message, place, fault.hint, text=fault.text))
    texts = [cells[cell].text if cell in cells else "" for cell in range(max(cells) + 1)]
    header = read_header(texts, lambda cell: _place(book, worksheet, row, cell), findings, end=MOST_COLUMNS)
    for merged in frame.merged:
        if merged.first_row <= row <= merged.last_row and merged.first_column < header.width:
            findings.add(_merged_header(merged, _place(book, worksheet, row, merged.first_column)))
    sheet = XlsxSheet(book, worksheet, frame, header, row)
    with closing(sheet.rows()) as rows:
        if next(rows, None) is None:
            findings.add(no_rows(_place(book, worksheet), header=True))
            return None
    return sheet


def bare_rows(path: Path, where: Location) -> Generator[tuple[str, int, dict[int, ReadCell]], None, None]:
    """Every row of all visible worksheets, without a header: the worksheet, the row's number, its cells by column.

    Raises SheetBroken.
    """
    book = workbook(path, where)
    for worksheet in book.worksheets:
        if worksheet.visible:
            with closing(_rows(book, worksheet)) as rows:
                for number, _, cells in rows:
                    yield worksheet.name, number, dict(cells)


def cell_rows(book: Workbook, worksheet: Worksheet) -> Generator[tuple[int, bool, dict[int, ReadCell]], None, None]:
    """Every row of a worksheet, without a header: its number, whether it is hidden, its cells by column.

    Raises SheetBroken.
    """
    with closing(_rows(book, worksheet)) as rows:
        for number, hidden, cells in rows:
            yield number, hidden, dict(cells)


def _chosen(worksheets: Sequence[Worksheet], name: str | None) -> Worksheet | None:
    """The worksheet of this name; the first visible one without a name."""
    return next((each for each in worksheets if (each.visible if name is None else each.name == name)), None)


def _report_not_found(worksheets: Sequence[Worksheet], name: str | None, where: Location, findings: Findings) -> None:
    names = [each.name for each in worksheets]
    there = f"The worksheets are: {listed(names)}." if names else "The workbook has no worksheets."
    if name is None:
        findings.add(rules.SHEET_NOT_FOUND.finding("the workbook has no visible worksheet", where, there))
        return
    message = f"the workbook has no worksheet `{shown(name)}`"
    findings.add(rules.SHEET_NOT_FOUND.finding(message, where, did_you_mean(name, names, there), text=shown(name)))


def frame_of(book: Workbook, worksheet: Worksheet) -> Frame:
    """What stands around the cells of a worksheet. Raises SheetBroken."""
    with opened(book.path, TextLocation(book.path)) as file:
        book.state.check(file, book.path)
        with package(file, book.path) as parts, parts.open(worksheet.part) as source:
            return worksheet_frame(source)


def _merged(merged: MergedRange) -> CellFault:
    return CellFault(
        rules.CELL_MERGED.id,
        f"the cell is merged with {merged.anchor}, which alone has the value",
        "Unmerge the cells in the spreadsheet program, and write the value into each.",
        str(merged),
    )


def _merged_header(merged: MergedRange, where: CellLocation) -> Finding:
    hint = (
        "Unmerge the cells, and give each column a name of its own. If they are a title, write as `header:` under "
        "`recipients` the number of the row with the names of the columns."
    )
    message = f"the cells {merged} of the header are merged"
    return rules.CELL_MERGED.finding(message, where, hint, text=str(merged))


def _rows(
    book: Workbook, worksheet: Worksheet
) -> Generator[tuple[int, bool, Iterator[tuple[int, ReadCell]]], None, None]:
    """The rows with content: their numbers from 1, whether they are hidden, and their cells by column.

    Raises SheetBroken, the cells too.
    """
    reader = CellReader(book)
    with opened(book.path, TextLocation(book.path)) as file:
        book.state.check(file, book.path)
        with package(file, book.path) as parts, parts.open(worksheet.part) as source:
            for number, hidden, cells in worksheet_rows(source):
                yield number, hidden, _read(book, worksheet, reader, number, cells)
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


def _header_row(book: Workbook, worksheet: Worksheet, named: int | None) -> tuple[int, dict[int, ReadCell]] | None:
    """The row that is named, or the first that has any text; and its cells that have some."""
    with closing(_rows(book, worksheet)) as rows:
        for number, _, cells in rows:
            if named is not None and number < named:
                continue
            if named is not None and number > named:
                return None
            texts = {cell: read for cell, read in cells if read.fault or read.text.strip()}
            if texts:
                return number, texts
    return None


def _place(book: Workbook, worksheet: Worksheet, row: int | None = None, cell: int = 0) -> CellLocation:
    return CellLocation(book.path, worksheet.name, None if row is None else f"{column_letters(cell)}{row}")
