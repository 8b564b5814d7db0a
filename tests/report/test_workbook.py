from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from batchmail.delivery import Record
from batchmail.report import MAIL_COLUMNS, ReportLine, ReportTooLarge, write_report
from batchmail.report.layout import Layout
from batchmail.report.workbook import WORKSHEET_ROWS, write_workbook
from batchmail.row import CellFault, Row, StoredCell, StoredValue

Lines = Callable[[Sequence[Sequence[str]]], list[ReportLine]]
Fresh = Callable[[str], Path]

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n")
)


def read(path: Path) -> Worksheet:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def shown(cell: Cell) -> str:
    """A cell's text as Excel reads it: with the escapes of ST_Xstring undone, which openpyxl leaves alone."""
    return unescape(str(cell.value)) if cell.value is not None else ""


def cells(path: Path, columns: int) -> list[tuple[Cell, ...]]:
    return [tuple(row) for row in read(path).iter_rows(min_row=2, max_col=columns)]  # type: ignore[arg-type]  # none is merged


def stored(cell: Cell) -> StoredValue:
    assert not isinstance(cell.value, CellRichText | ArrayFormula | DataTableFormula)
    return cell.value


def stored_line(cells: Sequence[tuple[StoredValue, str]], record: Record | None) -> ReportLine:
    stored = tuple(StoredCell(value, number_format) for value, number_format in cells)
    return ReportLine(Row(1, 2, tuple(str(cell.value) for cell in stored), stored), record)


@given(table=st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
@example(table=[("=1+1", "+82 10-1234-5678"), ("@SUM(1)", "\t=1"), ("00042", "#N/A"), ("-1", "1")])
@example(table=[("item_x2024_v2", "_x005F_"), (" two  spaces ", "\n"), ("TRUE", "2026-10-05")])
def test_any_table_of_texts_comes_back_as_texts(table: list[tuple[str, str]], lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.xlsx")

    write_report(path, ("a", "b"), lines_of(table))

    found = cells(path, 2)[: len(table)]
    assert [tuple(shown(cell) for cell in row) for row in found] == table
    assert {cell.data_type for row in found for cell in row if cell.value is not None} <= {"s"}


def test_a_text_stays_one_even_when_the_cell_is_edited(lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("key", "offer"), lines_of([("00042", "=1+1")]))

    assert [(cell.value, cell.data_type, cell.number_format) for cell in cells(path, 2)[0]] == [
        ("00042", "s", "@"),
        ("=1+1", "s", "@"),
    ]


def test_column_names_are_texts_too(lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("=cmd()",), lines_of([("1",)]))

    assert (read(path)["A1"].value, read(path)["A1"].data_type) == ("=cmd()", "s")


STORED: list[tuple[StoredValue, str]] = [
    (42, "00000"),
    (1234.5, "#,##0.00"),
    (0.07, "0.0%"),
    (0.1 + 0.2, "0.0"),
    (1e-07, "General"),
    (12345678901234567, "0"),
    (datetime(2026, 10, 31, 18, 30), "yyyy-mm-dd hh:mm"),  # noqa: DTZ001  workbooks know no zones
    (date(2026, 10, 31), 'yyyy"년" m"월" d"일"'),
    (time(9, 30), "h:mm"),
    (timedelta(hours=30), "[h]:mm"),
    (True, "General"),
    ("00042", "General"),
    ("=1+1", "General"),
    ("#N/A", "General"),
    ("line\nbreak", "@"),
    (-12.5, "General"),
]


@pytest.mark.parametrize(("value", "number_format"), STORED)
def test_a_workbooks_cell_comes_back_with_value_and_format(
    value: StoredValue, number_format: str, sent: Callable[[str], Record], tmp_path: Path
) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("cell",), [stored_line([(value, number_format)], sent("1"))])

    cell = read(path)["A2"]
    expected = datetime.combine(value, time()) if type(value) is date else value
    assert (cell.value, cell.number_format) == (expected, number_format)
    assert cell.data_type == ("s" if isinstance(value, str) else cell.data_type)


def test_a_decimal_is_written_with_all_its_digits(tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("cell",), [stored_line([(Decimal("1234567890123.25"), "0.00")], None)])

    assert read(path)["A2"].value == 1234567890123.25


def test_every_cell_of_a_real_workbook_survives(sent: Callable[[str], Record], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["number", "due", "amount", "note"])
    sheet.append([42, date(2026, 10, 31), Decimal("1234.50"), None])
    sheet.append(["00043", datetime(2026, 11, 30, 12, 0), -3, "가나다"])  # noqa: DTZ001  workbooks know no zones
    for row in (2, 3):
        for column, number_format in enumerate(("00000", "yyyy-mm-dd", "#,##0.00", "@"), start=1):
            sheet.cell(row, column).number_format = number_format
    book.save(tmp_path / "recipients.xlsx")
    original = cells(tmp_path / "recipients.xlsx", 4)

    write_report(
        tmp_path / "results.xlsx",
        ("number", "due", "amount", "note"),
        [stored_line([(stored(cell), cell.number_format) for cell in row], sent("1")) for row in original],
    )

    def facts(rows: list[tuple[Cell, ...]]) -> list[list[tuple[object, str, str]]]:
        return [[(cell.value, cell.number_format, cell.data_type) for cell in row] for row in rows]

    assert facts(cells(tmp_path / "results.xlsx", 4)) == facts(original)


def test_an_error_value_stays_one_and_a_text_like_it_a_text(tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"
    stored = (StoredCell("#N/A", "General"), StoredCell("#N/A", "General"))
    fault = CellFault("cell-error-value", "an error value", "mend it", "#N/A")

    write_report(path, ("a", "b"), [ReportLine(Row(1, 2, ("#N/A", "#N/A"), stored, {1: fault}), None)])

    assert [cell.data_type for cell in cells(path, 2)[0]] == ["s", "e"]


def test_a_formula_is_never_written_as_one(tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"
    fault = CellFault("cell-not-calculated", "no saved value", "save it", "=A1")

    write_report(path, ("a",), [ReportLine(Row(1, 2, ("",), (StoredCell("=A1", "General"),), {0: fault}), None)])

    assert read(path)["A2"].data_type == "s"


def test_an_infinite_number_is_written_as_it_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("a",), [ReportLine(Row(1, 2, ("1E+999",), (StoredCell(float("inf"), "0"),)), None)])

    assert read(path)["A2"].value == "1E+999"


def test_the_mail_cells_are_texts_and_the_attempts_a_number(lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("key",), lines_of([("1",)]))

    assert [cell.value for cell in read(path)[2]] == [
        "1",
        "sent",
        None,
        1,
        "2026-10-05T09:00:01+09:00",
        "m-1",
        "kim@example.com",
    ]


def test_the_header_is_bold_stays_in_sight_and_filters(lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("key",), lines_of([("1",), ("2",)]))

    sheet = read(path)
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:G3"


def test_columns_are_as_wide_as_their_first_texts(lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("key", "name", "memo"), lines_of([("1", "髙橋 一郎", "x" * 500)]))

    widths = {letter: read(path).column_dimensions[letter].width for letter in "ABC"}
    assert widths == {"A": 5, "B": 11, "C": 62}


@pytest.mark.parametrize(
    ("title", "expected"),
    [("October", "October"), ("", "Results"), ("a/b:c", "a_b_c"), ("x" * 40, "x" * 31), ("'", "Results")],
)
def test_the_worksheet_keeps_its_name(title: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("key",), [], title=title)

    assert read(path).title == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\0b", "a\ufffdb"),
        ("\x1b[31m", "\ufffd[31m"),
        ("\ud800", "\ufffd"),
        ("\uffff", "\ufffd"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_what_xml_cannot_hold_is_replaced(text: str, expected: str, lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, (f"name {text}",), lines_of([(text,)]))

    assert read(path)["A2"].value == expected
    assert read(path)["A1"].value == f"name {expected}"


@pytest.mark.parametrize("text", ["x" * 32_767, "😀" * 16_383])
def test_a_cell_that_is_as_long_as_can_be_comes_back(text: str, lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("memo",), lines_of([(text,)]))

    assert read(path)["A2"].value == text


@pytest.mark.parametrize("text", ["x" * 32_768, "😀" * 16_384])
def test_a_longer_cell_is_refused_with_its_place_and_a_way_out(text: str, lines_of: Lines, tmp_path: Path) -> None:
    with pytest.raises(ReportTooLarge, match="line 2, column `memo`") as refusal:
        write_report(tmp_path / "results.xlsx", ("memo",), lines_of([(text,)]))

    assert "results.csv" in refusal.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_reason_that_is_too_long_is_cut(sent: Callable[[str], Record], tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"

    write_report(path, ("key",), [ReportLine(Row(1, 2, ("1",)), sent("1")._replace(reason="r" * 40_000))])

    assert read(path)["C2"].value == "r" * 32_767


def test_more_rows_than_a_worksheet_has_are_refused(lines_of: Lines, fresh: Fresh) -> None:
    layout = Layout.of(("key",), "")

    with fresh("results.xlsx").open("wb") as file:
        write_workbook(file, layout, lines_of([("1",), ("2",)]), rows=3)

    with fresh("results.xlsx").open("wb") as file, pytest.raises(ReportTooLarge, match="3 rows"):
        write_workbook(file, layout, lines_of([("1",), ("2",), ("3",)]), rows=3)

    assert WORKSHEET_ROWS == 1_048_576


def test_mail_columns_come_last(lines_of: Lines, tmp_path: Path) -> None:
    write_report(tmp_path / "results.xlsx", ("key",), lines_of([("1",)]))

    assert [cell.value for cell in read(tmp_path / "results.xlsx")[1]] == ["key", *MAIL_COLUMNS]
