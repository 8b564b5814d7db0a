"""CSV files: what is read, where it stands, and what is refused."""

import io
import tracemalloc
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchmail.finding import Findings
from batchmail.job import RecipientsSpec
from batchmail.location import TextLocation
from batchmail.mail_columns import MAIL_COLUMNS
from batchmail.recipients import Sheet, open_sheet
from tests.recipients.desk import WHERE, Desk, broken_at


def place(sheet: Sheet, row: int, column: int | None = None) -> tuple[int | None, int | None]:
    where = sheet.place(list(sheet.rows())[row], column)
    assert isinstance(where, TextLocation)
    return where.line, where.column


def test_a_row_has_its_texts_its_number_and_its_line(desk: Desk) -> None:
    path = desk.text("number,name\n00042,김민수\n00043,Lee\n")
    sheet = desk.open(path)
    assert (sheet.path, sheet.name, sheet.columns) == (path, "", ("number", "name"))
    assert [(row.position, row.line, row.texts) for row in sheet.rows()] == [
        (1, 2, ("00042", "김민수")),
        (2, 3, ("00043", "Lee")),
    ]
    assert all(row.stored is None and not row.faults for row in sheet.rows())


def test_cells_keep_their_spaces_and_names_of_columns_lose_them(desk: Desk) -> None:
    sheet = desk.open(desk.text(" name ,\tmail\n Kim , a@example.com\n"))
    assert sheet.columns == ("name", "mail")
    assert [row.texts for row in sheet.rows()] == [(" Kim ", " a@example.com")]


def test_the_digest_is_that_of_the_bytes(desk: Desk) -> None:
    path = desk.text("a\n" + "1\n" * 100_000)
    assert desk.open(path).digest == sha256(path.read_bytes()).hexdigest()


def test_rows_can_be_read_again_and_half(desk: Desk) -> None:
    sheet = desk.open(desk.text("a\n1\n2\n3\n"))
    rows = sheet.rows()
    next(rows)
    assert len(list(sheet.rows())) == len(list(sheet.rows())) == 3
    assert len(list(rows)) == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("a;b\n1;2,5\n", "people.csv"),
        ("a\tb\n1\t2,5\n", "people.csv"),
        ('"a,x";b\n1;"2,5"\n', "people.csv"),
        ("\n\na;b\n1;2,5\n", "people.csv"),
        ('a\tb,c\n1\t"2,5"\n', "people.tsv"),
    ],
)
def test_semicolons_and_tabs_separate_where_the_header_has_no_comma(desk: Desk, content: str, name: str) -> None:
    assert desk.texts(desk.text(content, name)) == [("1", "2,5")]


def test_commas_separate_where_the_header_has_one(desk: Desk) -> None:
    assert desk.open(desk.text("a;b,c\n1;2,3\n")).columns == ("a;b", "c")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_lines(desk: Desk, end: str) -> None:
    lines = ["a,b", '1,"x', 'y"', "", "2,z", "3,w"]
    sheet = desk.open(desk.text(end.join(lines)))
    assert [(row.line, row.texts) for row in sheet.rows()] == [
        (2, ("1", f"x{end}y")),
        (5, ("2", "z")),
        (6, ("3", "w")),
    ]
    assert place(sheet, 0, 1) == (2, 4)
    assert place(sheet, 1, 1) == (5, 3)


def test_a_quoted_cell_begins_after_its_quote(desk: Desk) -> None:
    sheet = desk.open(desk.text('a,b,c\n"1,5","",5" pipe\n'))
    assert [row.texts for row in sheet.rows()] == [("1,5", "", '5" pipe')]
    assert [place(sheet, 0, column) for column in (None, 0, 1, 2)] == [(2, 1 + 1), (2, 2), (2, 8), (2, 10)]


def test_cells_after_a_line_break_are_found_on_their_own_line(desk: Desk) -> None:
    sheet = desk.open(desk.text('\ufeffa,b,c\n"한\n글","x\n\ny",z\n'))
    assert [place(sheet, 0, column) for column in range(3)] == [(2, 2), (3, 5), (5, 4)]
    assert str(sheet.header_place(1)).endswith("people.csv:1:3")


def test_rows_without_any_text_are_left_out(desk: Desk) -> None:
    sheet = desk.open(desk.text("a,b\n\n1,2\n,\n  ,\t\n\u3000,\n3,4\n\n"))
    assert [(row.position, row.line, row.texts) for row in sheet.rows()] == [(1, 3, ("1", "2")), (2, 7, ("3", "4"))]


def test_cells_that_are_missing_at_the_end_are_empty(desk: Desk) -> None:
    sheet = desk.open(desk.text("a,b,c\n1,2\n1\n"))
    assert [row.texts for row in sheet.rows()] == [("1", "2", ""), ("1", "", "")]
    assert place(sheet, 0, 2) == (2, 4)


def test_columns_without_a_name_and_without_cells_are_ignored(desk: Desk) -> None:
    sheet = desk.open(desk.text("a,,b,\n1,,2,\n3, ,4\n"))
    assert sheet.columns == ("a", "b")
    assert [(row.texts, dict(row.faults)) for row in sheet.rows()] == [(("1", "2"), {}), (("3", "4"), {})]
    assert place(sheet, 0, 1) == (2, 4)


def test_content_without_a_column_name_is_a_fault_at_its_first_cell_only(desk: Desk) -> None:
    sheet = desk.open(desk.text("a,,b,\n1,,2,\n3,x,4,y\n5,x,6,y\n"))
    for _ in range(2):
        rows = list(sheet.rows())
        faults = rows[1].faults
        assert [fault.rule for fault in faults.values()] == ["sheet-unnamed-column"] * 2
        assert [str(sheet.place(rows[1], number)).rpartition(":")[2] for number in faults] == ["3", "7"]
        assert [fault.text for fault in faults.values()] == ["x", "y"]
        assert not rows[0].faults
        assert not rows[2].faults
        assert rows[1].texts == ("3", "4")


def test_a_row_with_more_cells_than_the_header_is_a_fault_at_the_first_of_them(desk: Desk) -> None:
    sheet = desk.open(desk.text("a,b\nKim, Lee,x\n1,2,,\n3,4,,y\n"))
    first, second, third = sheet.rows()
    ((number, fault),) = first.faults.items()
    assert number == len(sheet.columns)
    assert (fault.rule, fault.message, fault.text) == ("sheet-ragged-row", "the row has 3 cells, the header 2", "x")
    assert str(sheet.place(first, number)).endswith("people.csv:2:10")
    assert not second.faults
    assert [str(sheet.place(third, number)).endswith(":4:6") for number in third.faults] == [True]
    assert [row.texts for row in (first, second, third)] == [("Kim", " Lee"), ("1", "2"), ("3", "4")]


def test_a_column_name_that_stands_twice_is_found_at_the_second(desk: Desk) -> None:
    sheet, (finding,) = desk.try_open(desk.text("name,mail, name\nKim,a@example.com,x\n"))
    assert finding.rule == "sheet-duplicate-column"
    assert str(finding.where).endswith("people.csv:1:11")
    assert "people.csv:1:1" in finding.message
    assert sheet is not None
    assert sheet.columns == ("name", "mail")
    assert not next(sheet.rows()).faults


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " , \n"])
def test_a_file_without_a_header_is_empty(desk: Desk, content: str) -> None:
    finding = desk.finding(desk.text(content))
    assert (finding.rule, finding.message) == ("sheet-empty", "the sheet is empty")


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "a,b\n\n,\n"])
def test_a_header_without_rows_is_empty(desk: Desk, content: str) -> None:
    finding = desk.finding(desk.text(content))
    assert (finding.rule, finding.message) == ("sheet-empty", "the sheet has a header and no rows")


@pytest.mark.parametrize(
    ("content", "rows", "where", "message"),
    [
        ('a,b\n1,2\n3,"4\n5,6\n', 1, "3:3", "the quote that opens here is not closed"),
        ('a,b\n1,2\n3,"4" x\n5,6\n', 1, "3:6", "text stands after a closing quote"),
        ('a,b\n1,2\n3,"4\n5,"6",7\n', 1, "4:4", "text stands after a closing quote"),
        (f'a,b\n1,2\n"{"x" * 200_000}",2\n', 1, "3:1", "the cell is too long"),
        (f"a,b\n1,2\n1,{'x' * 200_000}\n", 1, "3:3", "the cell is too long"),
    ],
)
def test_a_quote_that_does_not_fit_ends_the_reading_at_its_place(
    desk: Desk, content: str, rows: int, where: str, message: str
) -> None:
    read, finding = broken_at(desk.open(desk.text(content)))
    assert (read, finding.rule, finding.message) == (rows, "sheet-broken", message)
    assert str(finding.where).endswith(f"people.csv:{where}")
    assert finding.hint


def test_a_quote_that_does_not_fit_in_the_header_leaves_no_sheet(desk: Desk) -> None:
    finding = desk.finding(desk.text('a,"b\n1,2\n'))
    assert (finding.rule, str(finding.where).rpartition("people.csv")[2]) == ("sheet-broken", ":1:3")


def test_a_nul_character_is_no_text(desk: Desk) -> None:
    finding = desk.finding(desk.text("a,b\n1,2\n3,\0\n"))
    assert (finding.rule, str(finding.where).rpartition("people.csv")[2]) == ("sheet-broken", ":3:3")


@pytest.mark.parametrize("start", [b"PK\x03\x04xx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_under_another_name_is_told(desk: Desk, start: bytes) -> None:
    finding = desk.finding(desk.text(start))
    assert finding.rule == "sheet-broken"
    assert "workbook" in finding.message


def test_texts_of_an_earlier_report_lose_the_apostrophe_that_keeps_them_from_running(desk: Desk) -> None:
    columns = ",".join(["=name", "memo", *MAIL_COLUMNS])
    sheet = desk.open(desk.text(f"'{columns}\n'=1+1,'quoted',sent,,1,,,\n"))
    assert sheet.columns[:2] == ("=name", "memo")
    assert next(sheet.rows()).texts[:2] == ("=1+1", "'quoted'")
    assert desk.texts(desk.text("name\n'=1+1\n")) == [("'=1+1",)]


def test_a_header_with_too_many_columns_is_refused(desk: Desk) -> None:
    assert desk.open(desk.text(",".join(map(str, range(256))) + ",,,\n1\n")).columns[-1] == "255"
    finding = desk.finding(desk.text(",".join(map(str, range(100, 1100))) + "\n1\n"))
    assert (finding.rule, str(finding.where).rpartition("people.csv")[2]) == ("sheet-broken", ":1:1025")


def test_a_file_that_is_one_endless_line_is_refused(desk: Desk) -> None:
    finding = desk.finding(desk.text("a,b\n1,2\n" + "x" * 4_100_000))
    assert (finding.rule, str(finding.where).rpartition("people.csv")[2]) == ("sheet-broken", ":3:1")


def test_a_row_that_goes_on_over_too_many_lines_is_refused(desk: Desk) -> None:
    content = "a,b\n1,2\n" + ",".join(['"' + "x\n" * 50_000 + '"'] * 50)
    read, finding = broken_at(desk.open(desk.text(content)))
    assert (read, finding.rule, str(finding.where).rpartition("people.csv")[2]) == (1, "sheet-broken", ":3:1")


def test_a_file_that_was_changed_is_not_read_on(desk: Desk) -> None:
    path = desk.text("a,b\n1,2\n3,4\n")
    sheet = desk.open(path)
    path.write_text("a,b\n1,2\n3,4\n5,6\n", encoding="utf-8")
    read, finding = broken_at(sheet)
    assert (read, finding.rule) == (0, "sheet-broken")
    assert "changed" in finding.message


def test_a_file_that_is_changed_while_it_is_read_is_told_at_the_end(desk: Desk) -> None:
    path = desk.text("a\n" + "1\n" * 10)
    sheet = desk.open(path)
    rows = sheet.rows()
    next(rows)
    with path.open("a", encoding="utf-8") as file:
        file.write("2\n")
    with pytest.raises(Exception, match="changed"):
        list(rows)


def test_a_file_that_is_gone_is_told(desk: Desk) -> None:
    path = desk.text("a,b\n1,2\n")
    sheet = desk.open(path)
    path.unlink()
    assert broken_at(sheet)[1].rule == "file-missing"


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "a\nb", ' "x" ', "=1+1", "'", "\ufeff", "\u2028", "\x0b\x85", "😀"]
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(CELLS, min_size=width, max_size=width).filter(lambda row: any(map(str.strip, row))), min_size=1
    )
)
SEPARATORS = st.sampled_from(",;\t")
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def written(table: Sequence[Sequence[str]], separator: str, end: str, *, quoted: bool) -> str:
    """The table as CSV, with a second column where it has just one; all cells in quotes, or those that need it."""
    width = max(len(table[0]), 2)
    header = [f"c{number}" for number in range(width)]
    rows = [header, *([*row, *[""] * (width - len(row))] for row in table)]
    return end.join(separator.join(cell_text(cell, separator, quoted=quoted) for cell in row) for row in rows)


def cell_text(cell: str, separator: str, *, quoted: bool) -> str:
    if quoted or cell.startswith('"') or any(sign in cell for sign in (separator, "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@given(table=TABLES, separator=SEPARATORS, end=ENDS, quoted=st.booleans())
@example(table=[["x\r"]], separator=",", end="\r", quoted=False)
def test_any_table_survives_and_every_place_is_that_of_its_text(
    desk: Desk, *, table: list[list[str]], separator: str, end: str, quoted: bool
) -> None:
    text = written(table, separator, end, quoted=quoted)
    sheet = desk.open(desk.text(text))
    rows = list(sheet.rows())
    width = len(table[0])
    assert [list(row.texts[:width]) for row in rows] == table
    lines = io.StringIO(text, newline="").readlines()
    for row in rows:
        for column, cell in enumerate(row.texts):
            where = sheet.place(row, column)
            assert isinstance(where, TextLocation)
            rest = lines[(where.line or 0) - 1][(where.column or 0) - 1 :] + "".join(lines[where.line or 0 :])
            in_quotes = cell_text(cell, separator, quoted=quoted).startswith('"')
            assert rest.startswith(cell.replace('"', '""') + '"' if in_quotes else cell)


def test_50_000_rows_stream_without_growing(desk: Desk) -> None:
    line = "00042,김민수,kim@example.com,1234.5\n"
    peaks = []
    for count in (5_000, 50_000):
        path = desk.text("number,name,email,amount\n" + line * count)
        tracemalloc.start()
        sheet = open_sheet(RecipientsSpec(path), WHERE, Findings())
        assert sheet is not None
        assert sum(1 for _ in sheet.rows()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000


def test_a_place_far_into_the_file_is_found_without_reading_what_stands_before(desk: Desk) -> None:
    path = desk.text("a,b\n" + "".join(f"{number},김\n" for number in range(50_000)))
    sheet = desk.open(path)
    *_, last = sheet.rows()
    tracemalloc.start()
    assert str(sheet.place(last, 1)).endswith("people.csv:50001:7")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
