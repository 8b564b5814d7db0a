"""A desk to write sheets on: files in folders of their own, opened as the program opens them."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from batchmail.finding import Finding, Findings
from batchmail.job import RecipientsSpec
from batchmail.location import TextLocation
from batchmail.recipients import Sheet, SheetBroken, open_sheet
from batchmail.row import Row

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"

#: Where the manifest names the file.
WHERE = TextLocation(Path("job.yaml"), 8, 9)


class Desk:
    """Writes sheets and opens them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._numbers = count()

    def path(self, name: str) -> Path:
        """A file name in a folder where nothing is yet."""
        folder = self._root / str(next(self._numbers))
        folder.mkdir()
        return folder / name

    def text(self, content: str | bytes, name: str = "people.csv") -> Path:
        """A text file, in UTF-8 unless its bytes are given."""
        path = self.path(name)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def workbook(self, rows: Sequence[Sequence[object]], change: Callable[[Worksheet], None] | None = None) -> Path:
        """A workbook with one worksheet, `Guests`, written by openpyxl; None for a cell that is not there."""
        book = openpyxl.Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        sheet.title = "Guests"
        for row in rows:
            sheet.append(list(row))
        if change:
            change(sheet)
        path = self.path("people.xlsx")
        book.save(path)
        return path

    def parts(self, cells: str, **parts: str) -> Path:
        """A workbook of raw XML: the rows inside of sheetData, and other parts; see `raw_parts`."""
        return self.archive(raw_parts(cells, **parts))

    def archive(self, parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
        """A zip archive of these parts under the name of a workbook."""
        path = self.path("people.xlsx")
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return path

    def open(self, path: Path, *, encoding: str = "auto", sheet: str | None = None, header: int | None = None) -> Sheet:
        """The sheet in a file that is all right."""
        opened, findings = self.try_open(path, encoding=encoding, sheet=sheet, header=header)
        assert opened is not None, findings
        assert not findings
        return opened

    def try_open(
        self, path: Path, *, encoding: str = "auto", sheet: str | None = None, header: int | None = None
    ) -> tuple[Sheet | None, list[Finding]]:
        """The sheet in a file, and what was found."""
        findings = Findings()
        return open_sheet(RecipientsSpec(path, sheet, encoding, header=header), WHERE, findings), list(findings)

    def finding(
        self, path: Path, *, encoding: str = "auto", sheet: str | None = None, header: int | None = None
    ) -> Finding:
        """What is wrong with a file that gives no sheet: just one thing."""
        opened, findings = self.try_open(path, encoding=encoding, sheet=sheet, header=header)
        assert opened is None
        (found,) = findings
        return found

    def rows(
        self, path: Path, *, encoding: str = "auto", sheet: str | None = None, header: int | None = None
    ) -> list[Row]:
        """The rows of a file that is all right."""
        return list(self.open(path, encoding=encoding, sheet=sheet, header=header).rows())

    def texts(
        self, path: Path, *, encoding: str = "auto", sheet: str | None = None, header: int | None = None
    ) -> list[tuple[str, ...]]:
        """The texts of its rows."""
        return [row.texts for row in self.rows(path, encoding=encoding, sheet=sheet, header=header)]


def broken_at(sheet: Sheet) -> tuple[int, Finding]:
    """How many rows a sheet gives before it cannot be read on, and why."""
    rows = 0
    try:
        for _ in sheet.rows():
            rows += 1
    except SheetBroken as broken:
        return rows, broken.finding
    raise AssertionError("the sheet can be read to its end")


def raw_parts(
    cells: str, *, styles: str = "", strings: str = "", workbook: str = "", prefix: str = ""
) -> dict[str, str]:
    """The parts of a workbook whose worksheet has these rows; `workbook` stands before its list of sheets."""
    name = f"{prefix}:" if prefix else ""
    namespace = f'xmlns{":" if prefix else ""}{prefix}="{MAIN}"'
    parts = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "_rels/.rels": _relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{workbook}'
            '<sheets><sheet name="Guests" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relations(
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "styles", "/xl/styles.xml"),
            ("rId3", "sharedStrings", "sharedStrings.xml"),
        ),
        "xl/worksheets/sheet1.xml": (
            f"<{name}worksheet {namespace}><{name}sheetData>{cells}</{name}sheetData></{name}worksheet>"
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
    }
    return {part: f'<?xml version="1.0" encoding="UTF-8"?>{content}' for part, content in parts.items()}


def _relations(*relations: tuple[str, str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for key, kind, target in relations
    )
    return f'<Relationships xmlns="{PACKAGE_RELATIONS}">{inside}</Relationships>'
