"""A workbook's cell as its user sees it, and why it sometimes cannot be."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import isfinite, nan
from typing import NamedTuple

from batchmail import rules
from batchmail.recipients.cell_format import DEFAULT_FORMAT, CellFormat
from batchmail.recipients.format_general import general
from batchmail.recipients.serial_date import DAYS_TO_1904, moment
from batchmail.recipients.unsupported_format import UnsupportedFormat
from batchmail.recipients.workbook import Workbook
from batchmail.recipients.worksheet_cells import RawCell
from batchmail.recipients.xml_stream import XmlRefused
from batchmail.row import CellFault, StoredCell, StoredValue
from batchmail.wording import shown

#: Numbers repeat, dates above all: a cell that reads as one of so many before it takes a twentieth of the time.
REMEMBERED_NUMBERS = 4_096

_DAY = timedelta(days=1)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  workbooks know no time zones
_LONGEST_NUMBER = 40
_MOST_EXACT_DIGITS = 15


class ReadCell(NamedTuple):
    """A cell's text, what is stored in it, and why the text is not what the user sees."""

    text: str
    stored: StoredCell
    fault: CellFault | None = None


class CellReader:
    """Reads the cells of one workbook."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._kinds: dict[str, Callable[[str, CellFormat], ReadCell]] = {
            "s": self._shared_text,
            "str": _text,
            "inlineStr": _text,
            "b": _boolean,
            "e": _error,
            "d": self._date,
        }
        self._known_number = lru_cache(maxsize=REMEMBERED_NUMBERS)(self._plain_number)

    def read(self, cell: RawCell) -> ReadCell:
        """The cell. Raises XmlRefused where its content is not of its kind."""
        if cell.value and cell.kind == "n":
            return self._known_number(cell.style, cell.value)
        shape = self._workbook.format_of(cell.style)
        if cell.value:
            kind = self._kinds.get(cell.kind)
            if kind is None:
                raise XmlRefused(f"it has a cell of an unknown kind, {shown(cell.kind)}")
            return kind(cell.value, shape)
        stored = StoredCell(None, shape.code)
        if cell.formula is not None and (cell.value is None or cell.kind == "n"):
            return ReadCell("", stored, _not_calculated(cell.formula))
        return ReadCell("", stored)

    def _shared_text(self, value: str, shape: CellFormat) -> ReadCell:
        try:
            return _text(self._workbook.strings[int(value)], shape)
        except (ValueError, IndexError):
            raise XmlRefused("a cell names a text that is not there") from None

    def _plain_number(self, style: int, value: str) -> ReadCell:
        number = _number(value)
        shape = self._workbook.format_of(style)
        if shape is DEFAULT_FORMAT:
            return ReadCell(general(number), StoredCell(number, shape.code))
        return self._number(number, shape)

    def _number(self, number: float, shape: CellFormat) -> ReadCell:
        since_1904 = self._workbook.since_1904
        stored = StoredCell(_stored(number, shape, since_1904=since_1904), shape.code)
        reason = shape.refusal
        if shape.compiled:
            try:
                text = shape.compiled.show(number, since_1904=since_1904)
                return ReadCell(text.strip(" "), stored)  # spaces at the ends align numbers in their column
            except UnsupportedFormat as unsupported:
                reason = str(unsupported)
        text = general(number) if isinstance(stored.value, int | float) else str(stored.value)
        return ReadCell(text, stored, _number_format(shape.code, reason, text))

    def _date(self, value: str, shape: CellFormat) -> ReadCell:
        return self._number(self._serial(value), shape)

    def _serial(self, value: str) -> float:
        """The serial number of a date in ISO 8601, as some programs store it."""
        try:
            found = datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            raise XmlRefused(f"`{shown(value)}` is no date") from None
        return (found - _EPOCH) / _DAY - (DAYS_TO_1904 if self._workbook.since_1904 else 0)


def _number(value: str) -> float:
    if len(value) <= _MOST_EXACT_DIGITS and value.isascii() and value.isdigit():
        return int(value)
    try:
        number = float(value) if len(value) <= _LONGEST_NUMBER and "_" not in value else nan
    except ValueError:
        number = nan
    if not isfinite(number):
        raise XmlRefused(f"`{shown(value)}` is no number")
    return int(number) if number.is_integer() and abs(number) < 10**_MOST_EXACT_DIGITS else number


def _stored(number: float, shape: CellFormat, *, since_1904: bool) -> StoredValue:
    """A number as what its format says that it is; as a number where there is no such date."""
    if shape.elapsed:
        try:
            return timedelta(days=number)
        except OverflowError:
            return number
    found: datetime | date | time | None = moment(number, since_1904=since_1904) if shape.dated else None
    return number if found is None else found


def _text(text: str, shape: CellFormat) -> ReadCell:
    compiled = shape.compiled
    if compiled is None or compiled.text is None:
        return ReadCell(text, StoredCell(text, shape.code))
    return ReadCell(compiled.show(text), StoredCell(text, shape.code))


def _boolean(value: str, shape: CellFormat) -> ReadCell:
    return ReadCell("TRUE" if value == "1" else "FALSE", StoredCell(value == "1", shape.code))


def _error(value: str, shape: CellFormat) -> ReadCell:
    return ReadCell(value, StoredCell(value, shape.code), _error_value(value))


def _not_calculated(formula: str) -> CellFault:
    return CellFault(
        rules.CELL_NOT_CALCULATED.id,
        "the formula has no saved value",
        "Open the workbook in the spreadsheet program, let it calculate, and save it.",
        shown(f"={formula}"),
    )


def _error_value(value: str) -> CellFault:
    return CellFault(
        rules.CELL_ERROR_VALUE.id,
        f"the cell shows the error {shown(value)}",
        "Correct the cell's formula, and save the workbook.",
        shown(value),
    )


def _number_format(code: str, reason: str, text: str) -> CellFault:
    return CellFault(
        rules.CELL_NUMBER_FORMAT.id,
        f"the number format `{shown(code)}` cannot be reproduced: {reason}",
        "Change the cell's format, or declare the column with a `type` and a `format` under `recipients.fields`.",
        shown(text),
    )
