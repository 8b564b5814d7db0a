"""Workbooks: what is read, where it stands, and what is refused."""

import tracemalloc
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from batchmail.location import CellLocation
from batchmail.recipients.worksheet_cells import column_letters
from tests.recipients.desk import WHERE, Desk, broken_at

DAY = datetime.fromisoformat("2026-10-31")
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'


def test_a_row_has_its_texts_its_number_and_its_line(desk: Desk) -> None:
    path = desk.workbook([("number", "name"), ("00042", "김민수"), (None, None), ("00043", "Lee")])
    sheet = desk.open(path)
    assert (sheet.path, sheet.name, sheet.columns) == (path, "Guests", ("number", "name"))
    rows = list(sheet.rows())
    assert [(row.position, row.line, row.texts) for row in rows] == [
        (1, 2, ("00042", "김민수")),
        (2, 4, ("00043", "Lee")),
    ]
    assert sheet.place(rows[1], 1) == CellLocation(path, "Guests", "B4")
    assert sheet.place(rows[1]) == CellLocation(path, "Guests", "A4")
    assert sheet.header_place(1) == CellLocation(path, "Guests", "B1")


def test_rows_can_be_read_again_and_half(desk: Desk) -> None:
    sheet = desk.open(desk.workbook([("a",), (1,), (2,), (3,)]))
    rows = sheet.rows()
    next(rows)
    assert len(list(sheet.rows())) == len(list(sheet.rows())) == 3
    assert len(list(rows)) == 2


def test_the_header_is_the_first_row_with_any_text(desk: Desk) -> None:
    sheet = desk.open(desk.workbook([(None,), (" ", None), (None, " name "), (None, "Kim")]))
    assert sheet.columns == ("name",)
    (row,) = sheet.rows()
    assert (row.line, row.texts) == (4, ("Kim",))
    assert str(sheet.header_place(0)).endswith("Guests!B3")
    assert str(sheet.place(row, 0)).endswith("Guests!B4")


def test_a_name_may_be_a_number_or_a_date(desk: Desk) -> None:
    assert desk.open(desk.workbook([(2026, DAY), (1, 2)])).columns == ("2026", "2026-10-31 0:00:00")


def test_the_first_visible_worksheet_is_the_sheet_and_any_can_be_named(desk: Desk) -> None:
    book = openpyxl.Workbook()
    for number, name in enumerate(("Notes", "October", "November")):
        sheet = book.create_sheet(name)
        sheet.append(["a"])
        sheet.append([number])
        sheet.sheet_state = "hidden" if name == "Notes" else "visible"
    del book["Sheet"]
    path = desk.path("people.xlsx")
    book.save(path)
    assert [desk.open(path, sheet=name).name for name in (None, "Notes", "November")] == [
        "October",
        "Notes",
        "November",
    ]
    finding = desk.finding(path, sheet="octobr")
    assert (finding.rule, finding.where) == ("sheet-not-found", WHERE)
    assert finding.hint == "Did you mean `October`? The worksheets are: `Notes`, `October`, `November`."


def test_a_workbook_without_a_visible_worksheet_is_told(desk: Desk) -> None:
    chart = openpyxl.Workbook()
    chart.create_chartsheet("Chart")
    del chart["Sheet"]
    path = desk.path("people.xlsx")
    chart.save(path)
    assert desk.finding(path).rule == "sheet-not-found"
    assert "no worksheets" in desk.finding(path, sheet="Chart").hint


@pytest.mark.parametrize("rows", [[], [(None, " ")], [(None,)] * 1_200])
def test_a_worksheet_without_a_header_is_empty(desk: Desk, rows: list[tuple[str | None, ...]]) -> None:
    finding = desk.finding(desk.workbook(rows))
    assert (finding.rule, finding.message) == ("sheet-empty", "the sheet is empty")
    assert str(finding.where).endswith("› Guests")


def test_a_header_without_rows_is_empty(desk: Desk) -> None:
    finding = desk.finding(desk.workbook([("a", "b"), (None, " "), ("", None)]))
    assert (finding.rule, finding.message) == ("sheet-empty", "the sheet has a header and no rows")


def test_blank_cells_rows_and_columns_are_ignored(desk: Desk) -> None:
    def borders(sheet: Worksheet) -> None:
        sheet["F30"].number_format = "0.00"
        sheet.cell(40, 7).value = " "

    rows = desk.rows(desk.workbook([("a", None, "b"), (1, None, 2), ("", None, " "), (3, None, None)], borders))
    assert [(row.line, row.texts) for row in rows] == [(2, ("1", "2")), (4, ("3", ""))]
    assert all(not row.faults for row in rows)


def test_nobody_is_forgotten_below_however_many_blank_rows(desk: Desk) -> None:
    def far(sheet: Worksheet) -> None:
        sheet["A2003"] = "2"
        sheet["A1048576"] = "3"

    rows = desk.rows(desk.workbook([("a",), ("1",)], far))
    assert [(row.line, row.texts) for row in rows] == [(2, ("1",)), (2003, ("2",)), (1_048_576, ("3",))]


def test_a_header_stands_below_however_many_blank_rows(desk: Desk) -> None:
    rows = desk.rows(desk.workbook([*[(None,)] * 1_200, ("a",), ("1",)]))
    assert [(row.line, row.texts) for row in rows] == [(1_202, ("1",))]


def test_content_without_a_column_name_is_a_fault_at_its_first_cell_only(desk: Desk) -> None:
    sheet = desk.open(desk.workbook([("a", None, "b"), (1, None, 2), (3, "x", 4, None, "y"), (5, "x", 6, None, "y")]))
    for _ in range(2):
        first, second, third = sheet.rows()
        assert not first.faults
        assert not third.faults
        assert [fault.rule for fault in second.faults.values()] == ["sheet-unnamed-column"] * 2
        assert all(number >= len(sheet.columns) for number in second.faults)
        assert [str(sheet.place(second, number))[-2:] for number in second.faults] == ["B3", "E3"]
        assert second.texts == ("3", "4")


def test_a_column_name_that_stands_twice_is_found_at_the_second(desk: Desk) -> None:
    sheet, (finding,) = desk.try_open(desk.workbook([("name", "mail", " name "), ("Kim", "a@example.com", "x")]))
    assert (finding.rule, str(finding.where)[-2:]) == ("sheet-duplicate-column", "C1")
    assert "Guests!A1" in finding.message
    assert sheet is not None
    (row,) = sheet.rows()
    assert (row.texts, dict(row.faults)) == (("Kim", "a@example.com"), {})


def test_a_formula_in_the_header_that_was_never_calculated_is_told_at_its_cell(desk: Desk) -> None:
    _, (finding,) = desk.try_open(desk.workbook([("a", "=B9"), (1, 2)]))
    assert (finding.rule, str(finding.where)[-2:], finding.text) == ("cell-not-calculated", "B1", "=B9")


def test_a_far_cell_costs_nothing(desk: Desk) -> None:
    def far(sheet: Worksheet) -> None:
        sheet["XFD1048576"] = "far"
        sheet["XFD3"] = "wide"

    path = desk.workbook([("a",), (1,), (2,)], far)
    tracemalloc.start()
    rows = desk.rows(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.line for row in rows] == [2, 3]
    assert [fault.text for fault in rows[1].faults.values()] == ["wide"]
    assert peak < 2_000_000


def test_rows_stream_without_growing(desk: Desk) -> None:
    peaks = []
    for count in (2_000, 10_000):
        cells = "".join(
            f'<row r="{number}" ht="16" customHeight="1"><c r="A{number}" t="str"><v>Kim</v></c></row>'
            for number in range(2, count + 2)
        )
        path = desk.parts(HEADER + cells)
        sheet = desk.open(path)
        tracemalloc.start()
        assert sum(1 for _ in sheet.rows()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000


def test_a_file_that_was_changed_is_not_read_on(desk: Desk) -> None:
    path = desk.workbook([("a",), (1,)])
    sheet = desk.open(path)
    path.write_bytes(desk.workbook([("a",), (1,), (2,)]).read_bytes())
    read, finding = broken_at(sheet)
    assert (read, finding.rule) == (0, "sheet-broken")
    assert "changed" in finding.message


@given(st.integers(0, 16_383))
def test_columns_have_the_letters_that_spreadsheets_give_them(column: int) -> None:
    assert column_letters(column) == get_column_letter(column + 1)


def test_a_workbook_with_macros_is_read(desk: Desk, tmp_path: Path) -> None:
    path = desk.workbook([("a",), (1,)]).rename(tmp_path / "people.xlsm")
    assert desk.texts(path) == [("1",)]
