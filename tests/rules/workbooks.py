"""Workbooks of cases as texts: `people.xlsx.toml` describes `people.xlsx`, so that a reviewer sees what is in it.

`title` is the worksheet's name and `rows` its cells from A1 on, an empty text for a blank one. `formats`, `merged`,
`hidden_rows` and `hidden_columns` are as openpyxl names them; with `since_1904` days are counted as on old Macintoshes.
A workbook of several worksheets has each below `[[sheets]]`.
"""

import tomllib
from collections.abc import Iterable, Sequence
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
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        _workbook([Description(**sheet) for sheet in told.get("sheets", [told])]).save(path.with_suffix(""))
        path.unlink()


def _workbook(sheets: Sequence[Description]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    if any(described.since_1904 for described in sheets):
        book.epoch = CALENDAR_MAC_1904
    for described in sheets:
        _fill(book.create_sheet(described.title), described)
    return book


def _fill(sheet: Worksheet, described: Description) -> None:
    for row in described.rows:
        sheet.append([None if cell == "" else cell for cell in row])
    for cell, code in described.formats.items():
        sheet[cell].number_format = code
    for cells in described.merged:
        sheet.merge_cells(cells)
    _hide(sheet, described.hidden_rows, described.hidden_columns)


def _hide(sheet: Worksheet, rows: Iterable[int], columns: Iterable[str]) -> None:
    for row in rows:
        sheet.row_dimensions[row].hidden = True
    for column in columns:
        sheet.column_dimensions[column].hidden = True
