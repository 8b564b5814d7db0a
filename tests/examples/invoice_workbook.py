"""The workbook of manifests/invoices, as somebody would keep it in a spreadsheet program."""

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.examples.invoices import Invoice

COLUMNS = ("number", "company", "name", "email", "phone", "amount", "due", "active")
FORMATS = {"number": "00000", "phone": "@", "amount": "#,##0.00", "due": "yyyy-mm-dd"}
WIDTHS = (10, 32, 18, 58, 18, 12, 12, 8)

_SAVED = datetime(2026, 10, 1, 9, tzinfo=UTC)


def workbook(october: Iterable[Invoice], september: Iterable[Invoice]) -> bytes:
    """One worksheet a month, the older one first."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for month, invoices in (("September", september), ("October", october)):
        sheet = book.create_sheet(month)
        assert isinstance(sheet, Worksheet)
        _fill(sheet, invoices)
    book.active = len(book.worksheets) - 1
    book.properties.creator = "Maru"
    file = io.BytesIO()
    book.save(file)
    return dated(file.getvalue())


def _fill(sheet: Worksheet, invoices: Iterable[Invoice]) -> None:
    sheet.append(COLUMNS)
    for invoice in invoices:
        sheet.append(_cells(invoice))
    for number, (name, column, width) in enumerate(zip(COLUMNS, sheet.iter_cols(), WIDTHS, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        column[0].font = Font(bold=True)
        column[0].fill = PatternFill("solid", fgColor="EEF2F8")
        column[0].alignment = Alignment(horizontal="right" if name == "amount" else "left")
        for cell in column[1:]:
            cell.number_format = FORMATS.get(name, "General")
            if name == "number":
                cell.alignment = Alignment(horizontal="left")
    sheet.freeze_panes = "A2"


def _cells(invoice: Invoice) -> tuple[int | str | Decimal | date | None, ...]:
    active = "yes" if invoice.active else "no"
    contact = (invoice.company, invoice.name, invoice.email, invoice.phone or None)
    return (invoice.number, *contact, invoice.amount, invoice.due, active)


def dated(workbook: bytes) -> bytes:
    """The same workbook as if saved at a fixed time, and not compressed: the same bytes with any zlib."""
    file = io.BytesIO()
    saved = f"{_SAVED:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            content = re.sub(rb"(?<=W3CDTF\">)[^<]+", saved, before.read(name))
            after.writestr(zipfile.ZipInfo(name, _SAVED.timetuple()[:6]), content)
    return file.getvalue()
