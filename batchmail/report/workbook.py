"""The report as a workbook: the one file of the report that knows openpyxl."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from itertools import chain, islice
from math import isfinite
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from batchmail.formula import is_formula
from batchmail.report.layout import Layout
from batchmail.report.line import ReportLine
from batchmail.report.too_large import ReportTooLarge
from batchmail.report.worksheet_text import CELL_CHARACTERS, as_title, escaped, readable, shortened, width
from batchmail.row import Row, StoredCell, StoredValue

WORKSHEET_ROWS = 1_048_576  # "Excel specifications and limits"
_TEXT_FORMAT = "@"
_GENERAL_FORMAT = "General"
_LINES_MEASURED = 100
_WIDEST_COLUMN = 60


def write_workbook(file: BinaryIO, layout: Layout, lines: Iterable[ReportLine], *, rows: int = WORKSHEET_ROWS) -> None:
    """Write a workbook of one worksheet that has no more than `rows` rows.

    Cells of a workbook come back with their value and number format, formulas as their last value. Texts are stored
    as texts, whatever they look like. Characters that XML cannot hold become U+FFFD, and line breaks LF.
    Raises ReportTooLarge beyond a worksheet's limits; only texts of the mail columns are cut to fit.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "batchmail"
    worksheet = _Worksheet(book, layout, rows)
    try:
        with _disk_errors():
            worksheet.fill(lines)
            book.save(file)
    except BaseException:
        worksheet.discard()
        raise


@contextmanager
def _disk_errors() -> Iterator[None]:
    """OSError for what openpyxl raises on a full disk: where lxml is installed it writes through it."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] == "lxml":
            raise OSError(errno.EIO, str(error)) from error
        raise


class _Worksheet:
    """The worksheet while it is being written."""

    def __init__(self, book: Workbook, layout: Layout, rows: int) -> None:
        self._sheet = book.create_sheet(as_title(layout.title))
        self._layout = layout
        self._rows = rows

    def fill(self, lines: Iterable[ReportLine]) -> None:
        """Write the header and all lines."""
        lines = iter(lines)
        first = list(islice(lines, _LINES_MEASURED))
        self._sheet.freeze_panes = "A2"
        self._set_widths(first)
        self._sheet.append([self._header(name) for name in self._layout.header])
        row = 1
        for row, line in enumerate(chain(first, lines), start=2):
            if row > self._rows:
                raise ReportTooLarge(f"it has more than {self._rows:,} rows.")
            self._sheet.append(self._cells(line))
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(len(self._layout.header))}{row}"

    def discard(self) -> None:
        """Remove the temporary file in which openpyxl keeps the rows; by itself it does so at exit only."""
        with suppress(OSError), _disk_errors():  # the disk may be full, and closing writes
            if not self._sheet.closed:
                self._sheet.close()
        rows = self._sheet._writer  # noqa: SLF001  it has no public name
        if rows is not None:
            with suppress(OSError):
                rows.cleanup()

    def _set_widths(self, lines: list[ReportLine]) -> None:
        tables = [[*self._layout.texts(line.row), *map(str, line.mail_cells())] for line in lines]
        for number, column in enumerate(zip(self._layout.header, *tables, strict=True), start=1):
            widest = min(max(map(width, column)), _WIDEST_COLUMN)
            self._sheet.column_dimensions[get_column_letter(number)].width = widest + 2

    def _cells(self, line: ReportLine) -> Iterator[Cell | int | None]:
        for name, position in zip(self._layout.names, self._layout.positions, strict=True):
            yield self._own(line.row, position, name) if line.row else None
        for result in line.mail_cells():
            yield self._text(shortened(escaped(readable(result)))) if isinstance(result, str) else result

    def _own(self, row: Row, position: int, name: str) -> Cell | None:
        if row.stored is not None:
            return self._stored(row.stored[position], row.texts[position], faulty=position in row.faults)
        text = escaped(readable(row.texts[position]))
        if shortened(text) != text:
            place = f"line {row.line}, column `{name}`"
            raise ReportTooLarge(f"the cell at {place} has more than {CELL_CHARACTERS:,} characters.")
        return self._text(text)

    def _stored(self, stored: StoredCell, shown: str, *, faulty: bool) -> Cell | None:
        """A workbook's own cell; an error value (`#N/A`) stays one, where the sheet's reader found it to be one."""
        match stored.value:
            case None if stored.number_format == _GENERAL_FORMAT:
                return None
            case str() as text:
                cell = self._cell(readable(text))
                cell.data_type = "e" if faulty and text in ERROR_CODES else "s"
                cell.quotePrefix = is_formula(text)
            case float() as number if not isfinite(number):
                return self._text(shown)
            case int() | float() | Decimal() as number if not isinstance(number, bool):
                cell = self._cell(str(number))  # as a number, openpyxl would write it with 16 digits
                cell.data_type = "n"
            case value:
                cell = self._cell(value)
        cell.number_format = stored.number_format
        return cell

    def _text(self, text: str) -> Cell | None:
        """A text that stays one, even when somebody edits the cell."""
        if not text:
            return None
        cell = self._cell(text)
        cell.data_type = "s"
        cell.number_format = _TEXT_FORMAT
        return cell

    def _header(self, name: str) -> Cell:
        cell = self._cell(escaped(readable(name)))
        cell.data_type = "s"
        cell.font = Font(bold=True)
        return cell

    def _cell(self, value: StoredValue) -> Cell:
        cell: Cell = WriteOnlyCell(self._sheet)
        cell.value = value
        return cell
