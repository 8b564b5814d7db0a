import csv
from pathlib import Path

from openpyxl import load_workbook

from tests.benchmarks.people import HEADER, append_csv, people, person, write_csv
from tests.benchmarks.workbook import FORMATS, write_xlsx


def test_nobody_is_in_the_table_twice_and_it_is_the_same_at_every_run() -> None:
    assert len({each.email for each in people(1000)}) == 1000
    assert person(7) == person(7) == list(people(3, first=5))[2]


def test_cells_are_written_as_a_spreadsheet_shows_them() -> None:
    assert person(7).texts() == (
        "00007",
        "Zoë O'Hara",
        "person7@office7.example.com",
        "株式会社みなと",
        "Seoul",
        "554.33",
        "2026-01-08",
        "담당자 확인",
    )


def test_rows_that_are_appended_go_on_with_the_table(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    write_csv(whole, 30)
    write_csv(parts, 20)
    append_csv(parts, 10, 21)
    assert parts.read_bytes() == whole.read_bytes()


def test_the_workbook_holds_the_same_table_with_formats(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "people.xlsx", 5)
    write_csv(tmp_path / "people.csv", 5)
    header, *rows = load_workbook(tmp_path / "people.xlsx")["People"].iter_rows()
    assert tuple(cell.value for cell in header) == HEADER
    assert [row[2].value for row in rows] == [each.email for each in people(5)]
    formats = {name: row[HEADER.index(name)].number_format for row in rows for name in FORMATS}
    assert formats == FORMATS
    with (tmp_path / "people.csv").open(encoding="utf-8", newline="") as file:
        assert [each["number"] for each in csv.DictReader(file)] == [f"{row[0].value:05}" for row in rows]
