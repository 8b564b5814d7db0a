"""Workbooks of cases as texts: `people.xlsx.toml` describes `people.xlsx`, so that a reviewer sees what is in it.

`title` is the worksheet's name and `rows` its cells from A1 on, an empty text for a blank one. `formats`, `merged`,
`hidden_rows` and `hidden_columns` are as openpyxl names them; with `since_1904` days are counted as on old Macintoshes.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

_SUFFIX = ".xlsx.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a workbook holds."""

    rows: list[list[object]]
    title: str = "Sheet"
    formats: dict[str, str] = field(default_factory=dict)
    merged: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    since_1904: bool = False


def make_workbooks(folder: Path) -> None:
    """Write the workbooks that are described in a folder, in the descriptions' place."""
    for path in folder.glob(f"*{_SUFFIX}"):
        described = Description(**tomllib.loads(path.read_text(encoding="utf-8")))
        _workbook(described).save(path.with_suffix(""))
        path.unlink()


def _workbook(described: Description) -> Workbook:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    if described.since_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet.title = described.title
    for row in described.rows:
        sheet.append([None if cell == "" else cell for cell in row])
    for cell, code in described.formats.items():
        sheet[cell].number_format = code
    for cells in described.merged:
        sheet.merge_cells(cells)
    _hide(sheet, described.hidden_rows, described.hidden_columns)
    return book


def _hide(sheet: Worksheet, rows: Iterable[int], columns: Iterable[str]) -> None:
    for row in rows:
        sheet.row_dimensions[row].hidden = True
    for column in columns:
        sheet.column_dimensions[column].hidden = True
