"""The workbook of manifests/lunch, which is the whole job: its settings on one worksheet, the people on the other."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.examples.invoice_workbook import dated

_BODY = """\
Dear {{ name }},

lunch on {{ day }} is at {{ time }} in {{ room }}.
{% if diet %}The kitchen knows: {{ diet }}.
{% endif %}
See you there
Maru, front desk"""

SETTINGS: tuple[tuple[str | bool, ...], ...] = (
    ("key", "value"),
    ("# Next month is a new mailing: change the edition and the people.",),
    ("name", "lunch"),
    ("edition", "2026-11"),
    ("# The token itself never stands here: this is the environment variable that has it.",),
    ("provider.kind", "works"),
    ("provider.accessToken.env", "WORKS_ACCESS_TOKEN"),
    ("# The people are on the worksheet `recipients`; columns without a type are texts.",),
    ("recipients.fields.email.type", "email"),
    ("recipients.fields.diet.required", False),
    ("# {{ … }} takes a column of the row. Alt+Enter begins a line within a cell.",),
    ("message.to", "{{ email }}"),
    ("message.subject", "Lunch on {{ day }}"),
    ("message.body", _BODY),
    ("message.contentType", "text"),
    ("# Further values of a list stand in the columns C, D and so on.",),
    ("report", "results.xlsx", "results.csv"),
)

_COLUMNS = ("name", "email", "day", "time", "room", "diet")
_PEOPLE = (
    ("Alice Morgan", "alice.morgan@harbor.example.com", "3 November", "12:15", "the large hall", ""),
    ("김민수", "minsu.kim@harbor.example.com", "3 November", "12:15", "the large hall", "no pork"),
    ("山本 大輔", "daisuke.yamamoto@harbor.example.com", "3 November", "13:00", "room 204", ""),
    ("Elena Fischer", "elena.fischer@harbor.example.com", "10 November", "12:15", "the large hall", "vegetarian"),
    ("Jonas Weber", "jonas.weber@harbor.example.com", "10 November", "12:15", "the large hall", ""),
    ("이서연", "seoyeon.lee@harbor.example.com", "10 November", "13:00", "room 204", ""),
)


def workbook() -> bytes:
    """The workbook as somebody would keep it in a spreadsheet program."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _settings(book.create_sheet("job"))
    _table(book.create_sheet("recipients"), (16, 38, 14, 8, 18, 14))
    book.properties.creator = "Maru"
    file = io.BytesIO()
    book.save(file)
    return dated(file.getvalue())


def _settings(sheet: Worksheet) -> None:
    for row in SETTINGS:
        sheet.append(row)
    for cells in sheet.iter_rows():
        remark = str(cells[0].value).startswith("#")
        cells[0].font = Font(italic=remark, color="FF7A7F87" if remark else None)
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=cell.column == 2)
            cell.number_format = "@" if isinstance(cell.value, str) else "General"
    _head(sheet)
    for column, width in zip("ABC", (32, 60, 16), strict=True):
        sheet.column_dimensions[column].width = width


def _table(sheet: Worksheet, widths: Sequence[int]) -> None:
    sheet.append(_COLUMNS)
    for person in _PEOPLE:
        sheet.append([cell or None for cell in person])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.number_format = "@"
    _head(sheet)
    for column, width in zip("ABCDEF", widths, strict=True):
        sheet.column_dimensions[column].width = width


def _head(sheet: Worksheet) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="EEF2F8")
    sheet.freeze_panes = "A2"
