"""A job that is written on a worksheet: its rows as whoever reads the workbook gives them."""

from collections.abc import Iterable
from dataclasses import dataclass

from batchmail.location import CellLocation


@dataclass(frozen=True, slots=True)
class SettingCell:
    """A value as the workbook's user sees it; `text` is None where that cannot be told, and was told."""

    where: CellLocation
    text: str | None


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A row: a dotted key (`message.subject`) and its values, of which there is one at least, blank or not."""

    where: CellLocation
    key: str
    values: tuple[SettingCell, ...]


@dataclass(frozen=True, slots=True)
class JobSheet:
    """The worksheet of a job; `people` is the one with the recipients, None where the workbook has none.

    `worksheets` are the names of all. The rows are read while the job is made of them; a reader may raise then.
    """

    where: CellLocation
    rows: Iterable[SettingRow]
    people: CellLocation | None
    worksheets: tuple[str, ...]
