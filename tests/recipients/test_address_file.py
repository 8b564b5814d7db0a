"""Lists of addresses: which column holds them, where each entry stands, and that none is passed over in silence."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from batchmail.location import TextLocation
from batchmail.recipients import SheetBroken
from batchmail.recipients.address_file import Entry, address_entries

WHERE = TextLocation(Path("job.yaml"), 7, 13)


def is_address(text: str) -> bool:
    local, _, domain = text.partition("@")
    return bool(local) and "." in domain and " " not in text


def entries(folder: Path, name: str, text: str) -> list[Entry]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(address_entries(path, WHERE, is_address))


def book(folder: Path, **sheets: list[list[object]]) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == "Hidden":
            sheet.sheet_state = "hidden"
    made.save(folder / "list.xlsx")
    return folder / "list.xlsx"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name,E-Mail\nKim,kim@x.com\n", [(2, "kim@x.com")]),
        ("E_MAIL Address\nkim@x.com\n", [(2, "kim@x.com")]),
        ("Ｅ－ｍａｉｌ\nkim@x.com\n", [(2, "kim@x.com")]),
        ("kim@x.com,Kim\nlee@x.com,Lee\n", [(1, "kim@x.com"), (2, "lee@x.com")]),
        ("Kim,kim@x.com\n", [(1, "kim@x.com")]),
        ("who;when\nkim@x.com;1\n\n;\nlee@x.com;2\n", [(2, "kim@x.com"), (5, "lee@x.com")]),
        ("address,contact\nMain St 1,kim@x.com\n", [(2, "kim@x.com")]),
        ("address\nkim@x.com\n", [(2, "kim@x.com")]),
        ("address\n", []),
        ("email\n", []),
        ("", []),
        ("email,email\nkim@x.com,lee@x.com\n", [(2, "kim@x.com")]),
        ("Name,Mail\nKim,\nLee,lee at x\n", [(2, ""), (3, "lee at x")]),
        ("kim@@x\nlee@x.com\nmin@x.com\n", [(1, "kim@@x"), (2, "lee@x.com"), (3, "min@x.com")]),
        ("kim.x.com\nlee@x.com\nmin@x.com\n", [(1, "kim.x.com"), (2, "lee@x.com"), (3, "min@x.com")]),
    ],
)
def test_the_column_is_the_named_one_or_the_first_that_holds_addresses(
    text: str, expected: list[tuple[int, str]], tmp_path: Path
) -> None:
    assert [(entry.line, entry.text) for entry in entries(tmp_path, "list.csv", text)] == expected


@pytest.mark.parametrize("first", ["email", "Address", "メールアドレス"])
def test_a_text_has_one_entry_a_line_whatever_stands_there(first: str, tmp_path: Path) -> None:
    found = entries(tmp_path, "list.txt", f"{first}\nkim@x.com\n\nKim, Lee <lee@x.com>\nnothing\n")
    assert [(entry.line, entry.text) for entry in found] == [
        (2, "kim@x.com"),
        (4, "Kim, Lee <lee@x.com>"),
        (5, "nothing"),
    ]


def test_no_line_of_a_text_is_taken_for_a_header_because_it_is_no_address(tmp_path: Path) -> None:
    assert [entry.text for entry in entries(tmp_path, "list.txt", "kim\nlee@x.com\n")] == ["kim", "lee@x.com"]


def test_every_visible_worksheet_is_read_each_in_its_own_columns(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        One=[["n", "mail"], [1, "kim@x.com"], [None, None], [2, "lee@x.com"]],
        Hidden=[["hidden@x.com"]],
        Empty=[],
        Two=[["min@x.com"]],
    )
    found = list(address_entries(path, WHERE, is_address))
    assert [(str(entry.place(path)).rpartition("› ")[2], entry.text) for entry in found] == [
        ("One!B2", "kim@x.com"),
        ("One!B4", "lee@x.com"),
        ("Two!A1", "min@x.com"),
    ]


def test_a_cell_whose_text_cannot_be_told_says_so_where_the_address_stands_alone(tmp_path: Path) -> None:
    path = book(tmp_path, One=[["mail", "note"], ["=A9", "x"], ["kim@x.com", "=A9"]])
    first, second = address_entries(path, WHERE, is_address)
    assert (first.line, bool(first.fault), second.text, second.fault) == (2, True, "kim@x.com", "")


@pytest.mark.parametrize(("name", "text"), [("list.csv", "a,b\nc,d\n"), ("list.tsv", "a\tb\n"), ("list.csv", "Kim\n")])
def test_a_table_without_addresses_is_told(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(SheetBroken, match="has no column with addresses"):
        entries(tmp_path, name, text)


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    for name, content in (("list.txt", b"PK\x03\x04zip"), ("list.csv", b"a\x00b\n"), ("list.xlsx", b"no workbook")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SheetBroken):
            list(address_entries(tmp_path / name, WHERE, is_address))
