"""Rows of a sheet: what a source yields, before anything is merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from batchmail.values import CellValue

#: What a spreadsheet stores in a cell, before it is shown.
StoredValue = str | int | float | Decimal | bool | datetime | date | time | timedelta | None


class StoredCell(NamedTuple):
    """A workbook's own value and number format, kept so that a report can give the cell back unchanged."""

    value: StoredValue
    number_format: str


@dataclass(frozen=True, slots=True)
class CellFault:
    """Why a cell cannot be read as it is (an uncalculated formula, an error value), and what to do."""

    rule: str
    message: str
    hint: str
    text: str


_NO_FAULTS: Mapping[int, CellFault] = MappingProxyType({})


# Rows and their cells are made by the million: a tuple takes a third of the time of a frozen dataclass.
class Row(NamedTuple):
    """One row of recipients.

    `position` counts data rows from 1; `line` is the physical line of a text file on which the row begins,
    or the workbook's row number. `texts` has one entry a column: the cell as its user sees it.
    `stored` has one entry a column for workbooks, and is None for text files.
    `hidden` where the workbook does not show the row.
    """

    position: int
    line: int
    texts: tuple[str, ...]
    stored: tuple[StoredCell, ...] | None = None
    faults: Mapping[int, CellFault] = _NO_FAULTS
    hidden: bool = False


class ReadRow(NamedTuple):
    """A row with its cells read: one value a column, and what is wrong with some of them, by column.

    A fault at a position beyond the last column is about the row as a whole.
    """

    row: Row
    values: tuple[CellValue, ...]
    faults: Mapping[int, CellFault]
