"""The table as a workbook; a process of its own writes it, so that the benchmark stays small."""

import sys
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from tests.benchmarks.people import HEADER, people

#: The columns that a spreadsheet shows otherwise than it keeps them.
FORMATS = {"number": "00000", "amount": "#,##0.00", "due": "yyyy-mm-dd"}


def write_xlsx(path: Path, rows: int) -> None:
    """Write the table as XLSX, row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    sheet.append(HEADER)
    for person in people(rows):
        cells: list[object] = []
        for name in HEADER:
            value = getattr(person, name)
            if name in FORMATS:
                cell = WriteOnlyCell(sheet, value)
                cell.number_format = FORMATS[name]
                cells.append(cell)
            else:
                cells.append(value or None)
        sheet.append(cells)
    book.save(path)


if __name__ == "__main__":
    write_xlsx(Path(sys.argv[1]), int(sys.argv[2]))
