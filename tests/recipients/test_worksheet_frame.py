"""What stands around the cells of a worksheet: titles, merged cells, hidden rows and columns."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from batchmail.finding import Findings
from batchmail.recipients import Sheet, check_hidden
from batchmail.recipients.worksheet_frame import MOST_RANGES, CoveredCells, Frame, MergedRange, worksheet_frame
from batchmail.recipients.xml_stream import XmlRefused
from tests.recipients.desk import Desk

ROW = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'


def frame(before: str = "", cells: str = "", after: str = "", prefix: str = "") -> Frame:
    name = f"{prefix}sheetData"
    xml = f"<{prefix}worksheet>{before}<{name}>{cells}</{name}>{after}</{prefix}worksheet>"
    return worksheet_frame(io.BytesIO(xml.encode()))


def faults(sheet: Sheet) -> list[tuple[str, str, str]]:
    """Where the rows of a sheet have faults, of which rule, and their texts."""
    return [
        (str(sheet.place(row, column)).rpartition("!")[2], fault.rule, fault.text)
        for row in sheet.rows()
        for column, fault in sorted(row.faults.items())
    ]


def test_a_merged_title_above_the_header_is_no_problem(desk: Desk) -> None:
    def titled(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:C1")

    rows = [("Guests of October",), (None,), ("name", "mail"), ("Kim", "a@example.com")]
    sheet = desk.open(desk.workbook(rows, titled), header=3)
    assert sheet.columns == ("name", "mail")
    (row,) = sheet.rows()
    assert (row.line, row.texts) == (4, ("Kim", "a@example.com"))
    assert str(sheet.header_place(1)).endswith("Guests!B3")


@pytest.mark.parametrize("header", [2, 9, 1_048_576])
def test_a_header_that_is_blank_or_beyond_the_end_is_told(desk: Desk, header: int) -> None:
    finding = desk.finding(desk.workbook([("Guests",), (None,), ("name",), ("Kim",)]), header=header)
    assert (finding.rule, finding.message.partition(" is")[0]) == ("sheet-no-header", f"row {header}")


def test_a_header_may_stand_below_many_blank_rows(desk: Desk) -> None:
    def far(sheet: Worksheet) -> None:
        sheet["A1200"], sheet["A1201"] = "name", "Kim"

    assert desk.texts(desk.workbook([("Guests",)], far), header=1200) == [("Kim",)]


@pytest.mark.parametrize("merged", ["A1:B1", "B1:B2", "A1:A3", "B1:D1"])
def test_merged_cells_of_the_header_are_told_by_name(desk: Desk, merged: str) -> None:
    rows = [("name", "mail"), ("Kim", "a@example.com"), ("Lee", "b@example.com")]
    path = desk.workbook(rows, lambda sheet: sheet.merge_cells(merged))
    _, findings = desk.try_open(path)
    (finding,) = [each for each in findings if each.rule == "cell-merged"]
    assert (str(finding.where).rpartition("!")[2], finding.text) == (merged.partition(":")[0], merged)
    assert "header:" in finding.hint


def test_cells_that_are_merged_into_another_are_faults_and_that_one_is_none(desk: Desk) -> None:
    def departments(sheet: Worksheet) -> None:
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("B5:C5")

    rows = [("dept", "name", "mail"), ("Sales", "Kim", "k"), (None, "Lee", "l"), (None, "Park", "p"), ("HR", "Choi")]
    sheet = desk.open(desk.workbook(rows, departments))
    for _ in range(2):
        assert faults(sheet) == [
            ("A3", "cell-merged", "A2:A4"),
            ("A4", "cell-merged", "A2:A4"),
            ("C5", "cell-merged", "B5:C5"),
        ]
    assert next(sheet.rows()).texts == ("Sales", "Kim", "k")


def test_merged_cells_outside_of_the_table_and_below_are_no_problem(desk: Desk) -> None:
    def notes(sheet: Worksheet) -> None:
        sheet["D2"] = None
        sheet.merge_cells("D1:F9")
        sheet.merge_cells("A3:B4")

    assert faults(desk.open(desk.workbook([("name", "mail"), ("Kim", "k")], notes))) == []


def test_a_row_that_is_merged_as_a_whole_into_the_one_above_is_no_row(desk: Desk) -> None:
    def doubled(sheet: Worksheet) -> None:
        for column in "AB":
            sheet.merge_cells(f"{column}2:{column}3")
            sheet.merge_cells(f"{column}4:{column}5")

    rows = [("name", "mail"), ("Kim", "k"), (None, None), ("Lee", "l"), (None, None)]
    assert desk.texts(desk.workbook(rows, doubled)) == [("Kim", "k"), ("Lee", "l")]


def test_hidden_rows_say_so_and_are_rows_like_all_others(desk: Desk) -> None:
    def filtered(sheet: Worksheet) -> None:
        sheet.auto_filter.ref = "A1:A4"
        for number in (2, 4):
            sheet.row_dimensions[number].hidden = True

    rows = desk.rows(desk.workbook([("name",), ("Kim",), ("Lee",), ("Park",)], filtered))
    assert [(row.texts[0], row.hidden) for row in rows] == [("Kim", True), ("Lee", False), ("Park", True)]


def test_hidden_columns_are_told_where_they_are_used(desk: Desk) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.column_dimensions["B"].hidden = True
        sheet.column_dimensions["D"].hidden = True

    sheet = desk.open(desk.workbook([("name", "mail", None, "salary"), ("Kim", "k", None, 1)], hide))
    for used, told in (({0, 1}, ["B1"]), ({0, 1, 2}, ["B1", "D1"]), ({0}, []), (set[int](), [])):
        findings = Findings()
        check_hidden(sheet, used, findings)
        assert [str(finding.where).rpartition("!")[2] for finding in findings] == told
        assert {finding.rule for finding in findings} <= {"sheet-hidden-column"}
        assert not findings.blocking
    plain = desk.open(desk.text("name\nKim\n"))
    check_hidden(plain, {0}, findings := Findings())
    assert not findings


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_what_stands_before_and_after_the_cells_is_found(prefix: str) -> None:
    p = prefix
    hidden = f'<{p}col min="2" max="3" hidden="1"/><{p}col min="5" max="5" width="0"/>'
    cols = f'<{p}cols>{hidden}<{p}col min="7" max="9"/></{p}cols>'
    merged = f'<{p}mergeCells><{p}mergeCell ref="B3:C4"/><{p}mergeCell ref="A1:A2"/></{p}mergeCells>'
    cells = f'<{p}row r="1"><{p}c r="A1"><{p}v>1</{p}v></{p}c></{p}row>' * 5_000
    found = frame(cols, cells, merged, p)
    assert found == Frame(frozenset({1, 2, 4}), (MergedRange(1, 2, 0, 0), MergedRange(3, 4, 1, 2)))
    assert [str(each) for each in found.merged] == ["A1:A2", "B3:C4"]


def test_a_worksheet_without_cells_has_a_frame() -> None:
    xml = b'<worksheet><sheetData/><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>'
    assert worksheet_frame(io.BytesIO(xml)).merged == (MergedRange(1, 1, 0, 1),)


def test_a_worksheet_in_utf_16_has_its_frame_too() -> None:
    merged = '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'
    xml = f'<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData><row r="1"/></sheetData>{merged}</worksheet>'
    assert worksheet_frame(io.BytesIO(xml.encode("utf-16"))).merged == (MergedRange(1, 1, 0, 1),)


class Slow:
    """Gives bytes a few at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._source = io.BytesIO(content)
        self._size = size

    def read(self, _size: int = -1, /) -> bytes:
        return self._source.read(self._size)


@given(st.integers(1, 400), st.integers(0, 200))
def test_tags_may_be_cut_in_two_anywhere(size: int, rows: int) -> None:
    cells = "".join(ROW.format(number, "x") for number in range(1, rows + 1))
    xml = f'<x:worksheet><x:cols><x:col min="1" max="1" hidden="1"/></x:cols><x:sheetData>{cells}</x:sheetData >'
    xml += '<x:mergeCells><x:mergeCell ref="A1:B1"/></x:mergeCells></x:worksheet>'
    found = worksheet_frame(Slow(xml.encode(), size))
    assert found == Frame(frozenset({0}), (MergedRange(1, 1, 0, 1),))


@pytest.mark.parametrize("reference", ["", "A", "1", "A1:B", "A1:B2:C3", "A1 B2", "$A$1:$B$2", "ABCD1:A2", "A12345678"])
def test_a_range_that_is_none_is_refused(reference: str) -> None:
    with pytest.raises(XmlRefused):
        frame(after=f'<mergeCells><mergeCell ref="{reference}"/></mergeCells>')


def test_very_many_ranges_are_refused_in_little_memory() -> None:
    merged = '<mergeCell ref="A1:XFD1048576"/>' * (MOST_RANGES + 1)
    tracemalloc.start()
    with pytest.raises(XmlRefused, match="merged ranges"):
        frame(after=f"<mergeCells>{merged}</mergeCells>")
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


def test_ranges_over_the_whole_sheet_cost_nothing() -> None:
    ranges = [MergedRange(1, 1_048_576, 0, 16_383)] * 1_000
    covered = CoveredCells(ranges, range(256))
    assert all(len(covered.of(row)) == 256 for row in range(2, 1_000))


RANGES = st.builds(
    lambda row, rows, column, columns: MergedRange(row, row + rows, column, column + columns),
    st.integers(1, 12),
    st.integers(0, 4),
    st.integers(0, 5),
    st.integers(0, 3),
)


@given(st.lists(RANGES, max_size=6), st.sets(st.integers(0, 8)), st.sets(st.integers(1, 20)))
def test_exactly_the_cells_of_a_range_but_its_first_are_covered(
    ranges: list[MergedRange], cells: set[int], rows: set[int]
) -> None:
    apart = [each for number, each in enumerate(ranges) if not any(overlap(each, other) for other in ranges[:number])]
    covered = CoveredCells(sorted(apart), sorted(cells))
    for row in sorted(rows):
        expected = {
            cell
            for cell in cells
            for each in apart
            if each.first_row <= row <= each.last_row
            and each.first_column <= cell <= each.last_column
            and (row, cell) != (each.first_row, each.first_column)
        }
        assert {cell for cell, _ in covered.of(row)} == expected


def overlap(one: MergedRange, other: MergedRange) -> bool:
    return (
        one.first_row <= other.last_row
        and other.first_row <= one.last_row
        and one.first_column <= other.last_column
        and other.first_column <= one.last_column
    )
