"""What separates the cells of a text file, and in which line its header is."""

import pytest

from tests.recipients.desk import Desk


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("a|b\n1|2,5\n", "people.csv"),
        ('"a,x;y"|b\n1|"2,5"\n', "people.csv"),
        ("a;b\n1;2,5\n3;4,5\n", "people.csv"),
        ("a;b, c\n1;2,5\n3;4\n", "people.csv"),
        ('"x\ny";b|c\n1;"2,5"\n', "people.csv"),
        ("\ufeffa\tb\n1\t2,5\n", "people.tsv"),
    ],
)
def test_the_separator_is_the_one_that_cuts_all_rows_alike(desk: Desk, content: str, name: str) -> None:
    assert desk.texts(desk.text(content, name))[0] == ("1", "2,5")


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=; ", "\ufeffsep=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_first_line_may_name_the_separator_as_excel_writes_it(desk: Desk, first: str, end: str) -> None:
    sheet = desk.open(desk.text(end.join([first, "a,b;c", "1,2;3", ""])))
    assert sheet.columns == ("a,b", "c")
    (row,) = sheet.rows()
    assert (row.line, row.texts) == (3, ("1,2", "3"))
    assert str(sheet.place(row, 1)).endswith("people.csv:3:5")


def test_an_unusual_separator_may_be_named(desk: Desk) -> None:
    assert desk.texts(desk.text("sep=^\na^b\n1^2,5\n")) == [("1", "2,5")]


@pytest.mark.parametrize("first", ["sep=", "sep=ab", "sep=x", "sepa;rator"])
def test_what_only_begins_like_it_is_a_header(desk: Desk, first: str) -> None:
    assert desk.open(desk.text(f"{first}\n1\n")).columns[0] == first.partition(";")[0]


TITLED = (
    "Guests of the October seminar, as of today\n\n(list; 2 people)\nname;mail\nKim;a@example.com\nLee;b@example.com\n"
)


def test_the_header_may_stand_below_a_title(desk: Desk) -> None:
    sheet = desk.open(desk.text(TITLED), header=4)
    assert sheet.columns == ("name", "mail")
    assert [(row.position, row.line, row.texts) for row in sheet.rows()] == [
        (1, 5, ("Kim", "a@example.com")),
        (2, 6, ("Lee", "b@example.com")),
    ]
    assert str(sheet.header_place(1)).endswith("people.csv:4:6")
    assert [str(sheet.place(row, 1)).rpartition("csv")[2] for row in sheet.rows()] == [":5:5", ":6:5"]


def test_a_title_with_a_quote_in_it_is_passed_over(desk: Desk) -> None:
    assert desk.texts(desk.text('The "best" list"\nname,mail\nKim,x\n'), header=2) == [("Kim", "x")]


def test_lines_are_counted_with_the_one_that_names_the_separator(desk: Desk) -> None:
    assert desk.texts(desk.text("sep=;\nA list\na;b\n1;2,5\n"), header=3) == [("1", "2,5")]


@pytest.mark.parametrize("header", [2, 7, 400])
def test_a_header_that_is_blank_or_beyond_the_end_is_told(desk: Desk, header: int) -> None:
    finding = desk.finding(desk.text(TITLED), header=header)
    assert (finding.rule, finding.message.partition(" is")[0]) == ("sheet-no-header", f"line {header}")


def test_a_header_in_the_last_line_has_no_rows(desk: Desk) -> None:
    assert desk.finding(desk.text(TITLED), header=6).rule == "sheet-empty"


def test_a_broken_row_below_a_title_is_told_at_its_line(desk: Desk) -> None:
    finding = desk.finding(desk.text('A list\nname,mail\nKim,"x\n'), header=2)
    assert (finding.rule, str(finding.where).rpartition("csv")[2]) == ("sheet-broken", ":3:5")


def test_a_large_file_s_places_below_a_title_are_its_lines(desk: Desk) -> None:
    sheet = desk.open(desk.text("A list\n\n\na,b\n" + "".join(f"{n},김\n" for n in range(20_000))), header=4)
    *_, last = sheet.rows()
    assert (last.position, last.line) == (20_000, 20_004)
    assert str(sheet.place(last, 1)).endswith("people.csv:20004:7")
