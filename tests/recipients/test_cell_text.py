"""The cells of workbooks: their texts, what is stored in them, and why a text sometimes cannot be known."""

from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.worksheet.worksheet import Worksheet

from batchmail.recipients.cell_format import builtin_format
from batchmail.row import CellFault, Row, StoredCell
from tests.recipients.desk import Desk

DAY = datetime.fromisoformat("2026-10-31")
NOON = datetime.fromisoformat("2026-10-31T12:00")
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'


def only_row(desk: Desk, cells: str, **parts: str) -> Row:
    """The one row of a sheet with the columns a and b."""
    (row,) = desk.rows(desk.parts(f'{HEADER}<row r="2">{cells}</row>', **parts))
    return row


def only_fault(row: Row) -> tuple[int, CellFault]:
    ((column, fault),) = row.faults.items()
    return column, fault


def test_cells_read_as_their_user_sees_them_and_keep_what_is_stored(desk: Desk) -> None:
    def formats(sheet: Worksheet) -> None:
        for cell, code in {"A2": "00000", "B2": "yyyy-mm-dd", "C2": "0%", "D2": "[h]:mm", "E2": "h:mm"}.items():
            sheet[cell].number_format = code

    values = (42, DAY, 0.125, timedelta(hours=30), time(9, 5), True, "x", 0.5)
    (row,) = desk.rows(desk.workbook([list("abcdefgh"), values], formats))
    assert row.texts == ("00042", "2026-10-31", "13%", "30:00", "9:05", "TRUE", "x", "0.5")
    assert row.stored is not None
    assert tuple(cell.value for cell in row.stored) == values
    codes = ["00000", "yyyy-mm-dd", "0%", "[h]:mm", "h:mm", "General", "General", "General"]
    assert [cell.number_format for cell in row.stored] == codes


def test_formulas_give_their_last_value(desk: Desk) -> None:
    row = only_row(desk, '<c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>A2&amp;"x"</f><v>2x</v></c>')
    assert (row.texts, dict(row.faults)) == (("2", "2x"), {})


def test_a_formula_whose_value_is_an_empty_text_is_calculated(desk: Desk) -> None:
    row = only_row(desk, '<c r="A2"><v>1</v></c><c r="B2" t="str"><f>IF(A2="","",A2)</f><v></v></c>')
    assert (row.texts, dict(row.faults)) == (("1", ""), {})


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2"><f>VLOOKUP(A2,Prices,2)</f></c>',
        '<c r="B2"><f>VLOOKUP(A2,Prices,2)</f><v></v></c>',
        '<c r="B2" t="str"><f>VLOOKUP(A2,Prices,2)</f></c>',
    ],
)
def test_a_formula_without_a_saved_value_is_a_fault_that_shows_the_formula(desk: Desk, cell: str) -> None:
    column, fault = only_fault(only_row(desk, f'<c r="A2"><v>1</v></c>{cell}'))
    assert (column, fault.rule, fault.text) == (1, "cell-not-calculated", "=VLOOKUP(A2,Prices,2)")


def test_a_row_of_nothing_but_uncalculated_formulas_is_a_row(desk: Desk) -> None:
    (row,) = desk.rows(desk.workbook([("a", "b"), ("=C2", "=D2")]))
    assert [fault.text for fault in row.faults.values()] == ["=C2", "=D2"]


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!"])
def test_an_error_value_is_a_fault(desk: Desk, error: str) -> None:
    row = only_row(desk, f'<c r="A2"><v>1</v></c><c r="B2" t="e"><f>A1/0</f><v>{error}</v></c>')
    column, fault = only_fault(row)
    assert (column, fault.rule, fault.text) == (1, "cell-error-value", error)
    assert row.stored is not None
    assert row.stored[1].value == error


@pytest.mark.parametrize(("code", "value", "text"), [("# ?/?", 0.5, "0.5"), ('ggge"年"', DAY, "2026-10-31 00:00:00")])
def test_a_number_format_that_cannot_be_reproduced_is_a_fault(desk: Desk, code: str, value: object, text: str) -> None:
    def shape(sheet: Worksheet) -> None:
        sheet["B2"].number_format = code

    (row,) = desk.rows(desk.workbook([("a", "b"), (1, value)], shape))
    column, fault = only_fault(row)
    assert (column, fault.rule, fault.text, row.texts[1]) == (1, "cell-number-format", text, text)
    assert f"`{code}`" in fault.message


@pytest.mark.parametrize(
    ("number", "value", "text", "stored"),
    [
        (14, "46326", "2026-10-31", DAY),
        (22, "46326.5", "2026-10-31 12:00", NOON),
        (15, "46326", "31-Oct-26", DAY),
        (20, "0.5", "12:00", time(12)),
        (46, "1.5", "36:00:00", timedelta(hours=36)),
        (37, "-1234", "(1,234)", -1234),
        (10, "0.5", "50.00%", 0.5),
        (49, "42", "42", 42),
        (0, "42", "42", 42),
    ],
)
def test_formats_that_are_known_by_number(desk: Desk, number: int, value: str, text: str, stored: object) -> None:
    row = only_row(desk, f'<c r="A2" s="0"><v>{value}</v></c>', styles=f'<cellXfs><xf numFmtId="{number}"/></cellXfs>')
    assert row.texts[0] == text
    assert row.stored is not None
    assert (row.stored[0].value, row.stored[0].number_format) == (stored, BUILTIN_FORMATS[number])


@pytest.mark.parametrize(
    ("number", "stored"),
    [(5, 46326), (44, 46326), (31, DAY), (58, DAY), (80, 46326)],
)
def test_formats_that_each_machine_shows_in_its_own_way_are_faults(desk: Desk, number: int, stored: object) -> None:
    row = only_row(desk, '<c r="A2" s="0"><v>46326</v></c>', styles=f'<cellXfs><xf numFmtId="{number}"/></cellXfs>')
    assert only_fault(row)[1].rule == "cell-number-format"
    assert row.stored is not None
    assert row.stored[0].value == stored


def test_a_number_that_the_workbook_gives_a_code_has_that_code(desk: Desk) -> None:
    styles = (
        '<numFmts><numFmt numFmtId="31" formatCode="yyyy&quot;년&quot; m&quot;월&quot; d&quot;일&quot;"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/></cellXfs>'
        '<cellStyles/><dxfs><dxf><numFmt numFmtId="200" formatCode="0.0"/></dxf></dxfs>'
    )
    row = only_row(desk, '<c r="A2" s="1"><v>46326</v></c><c r="B2" s="7"><v>46326</v></c>', styles=styles)
    assert row.texts == ("2026년 10월 31일", "46326")


def test_builtin_formats_are_those_that_openpyxl_writes() -> None:
    assert {number: builtin_format(number).code for number in BUILTIN_FORMATS} == BUILTIN_FORMATS


def test_days_of_a_workbook_that_counts_since_1904(desk: Desk) -> None:
    row = only_row(
        desk,
        '<c r="A2" s="0"><v>44864</v></c><c r="B2" s="0" t="d"><v>2026-10-31</v></c>',
        styles='<cellXfs><xf numFmtId="14"/></cellXfs>',
        workbook='<workbookPr date1904="1"/>',
    )
    assert row.texts == ("2026-10-31", "2026-10-31")
    assert row.stored is not None
    assert [cell.value for cell in row.stored] == [DAY] * 2


def test_shared_texts_rich_texts_and_readings(desk: Desk) -> None:
    rich = '<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r></is></c>'
    row = only_row(
        desk,
        f'<c r="A2" t="s"><v>1</v></c>{rich}',
        strings="<si><t>x</t></si><si><r><t>東</t></r><r><t>京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>",
    )
    assert row.texts == ("東京", "a b")


def test_rich_text_of_openpyxl(desk: Desk) -> None:
    rich = CellRichText("Dear ", TextBlock(InlineFont(b=True), "Kim"))
    assert desk.texts(desk.workbook([("a",), (rich,)])) == [("Dear Kim",)]


def test_escaped_characters_are_read_as_what_they_are(desk: Desk) -> None:
    row = only_row(
        desk,
        '<c r="A2" t="s"><v>0</v></c><c r="B2" t="str"><v>_x0041__xD800_</v></c>',
        strings="<si><t>one_x000D_\ntwo _x005F_x000D_ _x</t></si>",
    )
    assert row.texts == ("one\r\ntwo _x000D_ _x", "A_xD800_")


def test_cells_and_rows_without_references_follow_each_other(desk: Desk) -> None:
    cells = '<x:row><x:c t="str"><x:v>a</x:v></x:c><x:c t="str"><x:v>b</x:v></x:c></x:row><x:row/><x:row><x:c/>'
    path = desk.parts(f"{cells}<x:c><x:v>2</x:v></x:c></x:row>", prefix="x")
    (row,) = desk.rows(path)
    assert (row.line, row.texts) == (3, ("", "2"))


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n"),
    min_size=1,
).filter(lambda text: text.strip() and not text.startswith("="))
STORED = (
    st.integers(-(10**14), 10**14)
    | st.floats(-1e12, 1e12).map(lambda number: float(f"{number:.15g}"))
    | st.booleans()
    | st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("9999-12-30")).map(
        lambda each: each.replace(microsecond=0)
    )
    | st.times().map(lambda each: each.replace(microsecond=0))
    | st.timedeltas(timedelta(0), timedelta(days=10_000)).map(lambda each: timedelta(seconds=int(each.total_seconds())))
    | TEXTS
)


@given(st.lists(STORED, min_size=1, max_size=6))
def test_what_is_stored_is_what_openpyxl_reads(desk: Desk, values: list[object]) -> None:
    path = desk.workbook([[f"c{number}" for number in range(len(values))], values])
    (row,) = desk.rows(path)
    assert row.stored is not None
    book = openpyxl.load_workbook(path, data_only=True)
    (_, cells) = book["Guests"].iter_rows()
    assert [cell.value for cell in row.stored] == [cell.value for cell in cells]
    assert [cell.number_format for cell in row.stored] == [cell.number_format for cell in cells]
    book.close()


def test_a_date_is_stored_as_a_moment(desk: Desk) -> None:
    (row,) = desk.rows(desk.workbook([("a",), (date(2026, 10, 31),)]))
    assert row.stored == (StoredCell(DAY, "yyyy-mm-dd"),)
