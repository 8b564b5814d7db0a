"""Sheets as they are in offices, through the whole program: what is planned, sent and reported."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from batchmail.cli import ending
from tests.program.office import Office

KOREAN = [("00001", "김민수"), ("00002", "이영희"), ("00003", "뷁똠하"), ("00004", "박지훈"), ("00005", "최서연")]
JAPANESE = [
    ("00001", "髙橋 一郎"),
    ("00002", "山﨑 努"),
    ("00003", "佐藤 花子"),
    ("00004", "ﾔﾏﾀﾞ"),
    ("00005", "株式会社～"),
]
HEADER = ("number", "name", "email")


def rows(people: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(number, name, f"p{number}@example.com") for number, name in people]


def text(table: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(table)
    return file.getvalue()


def worksheet(office: Office, table: Sequence[Sequence[str | None]]) -> tuple[openpyxl.Workbook, Worksheet]:
    """A new workbook for the job: save it as `people.xlsx`."""
    office.sheet("people.xlsx")
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in table:
        sheet.append(list(row))
    return book, sheet


def rules(office: Office, *options: str) -> list[str]:
    return [finding["rule"] for finding in office.plan(*options).document["findings"]]


def subjects(office: Office) -> set[str]:
    return {mail.subject for mail in office.works.inbox.mails}


@pytest.mark.parametrize(
    ("people", "codec", "word"),
    [
        (KOREAN, "cp949", "이름"),
        (KOREAN, "utf-16-le", "이름"),
        (JAPANESE, "cp932", "氏名"),
        (JAPANESE, "utf-16-be", "氏名"),
    ],
)
def test_a_sheet_in_the_encoding_of_its_office_is_sent_and_says_so(
    office: Office, people: list[tuple[str, str]], codec: str, word: str
) -> None:
    table = [("number", word, "email"), *rows(people)]
    (office.folder / "people.csv").write_bytes(text(table, ";").encode(codec))
    office.edit("{{ name }}", f"{{{{ {word} }}}}")
    plan = office.plan()
    assert [finding["rule"] for finding in plan.document["findings"]] == ["sheet-encoding-detected"]
    assert codec in plan.document["findings"][0]["message"]
    assert office.send().code == ending.DONE
    assert subjects(office) == {f"Hello {name}" for _, name in people}
    report = list(csv.reader(io.StringIO(office.report("back.csv"))))
    assert [tuple(row[:3]) for row in report[1:]] == rows(people)


def test_a_list_of_files_is_one_mailing_with_one_report(office: Office) -> None:
    people = rows(KOREAN)
    office.write("a.tsv", text([HEADER, *people[:2]], "\t"))
    book, _ = worksheet(
        office, [("A list",), ("email", "number", "name"), *((row[2], row[0], row[1]) for row in people[2:4])]
    )
    book.save(office.folder / "b.xlsx")
    office.edit("people.xlsx", "[a.tsv, b.xlsx]")
    # The title is taken for the header.
    assert set(rules(office)) == {"sheet-columns-differ"}
    office.write("a.tsv", "A list\n" + text([HEADER, *people[:2]], "\t"))
    office.edit("  key: number", "  key: number\n  header: 2")
    assert office.send().code == ending.DONE
    assert sorted(office.accepted()) == [row[2] for row in people[:4]]
    for name in ("back.csv", "back.xlsx", "back.jsonl"):
        assert office.run("report", str(office.job), "--out", str(office.folder / name)).code == 0
    report = list(csv.reader(io.StringIO((office.folder / "back.csv").read_text(encoding="utf-8-sig"))))
    assert [tuple(row[:3]) for row in report] == [HEADER, *people[:4]]
    # A report is a sheet: of everybody, nobody is left.
    office.edit(
        "[a.tsv, b.xlsx]\n  key: number\n  header: 2", "[back.xlsx, back.jsonl]\n  key: number\n  duplicates: first"
    )
    assert office.plan().document["counts"]["send"] == 0


def test_a_report_takes_no_file_of_the_list_s_place(office: Office) -> None:
    office.write("more.csv", text([HEADER, ("9", "Kim", "k@example.com")]))
    office.edit("people.csv", "[people.csv, more.csv]")
    office.edit("[results.csv]", "[more.csv]")
    assert rules(office) == ["manifest-report-over-input"]


def test_rows_may_stand_in_the_manifest(office: Office) -> None:
    office.edit(
        "file: people.csv",
        'rows:\n    - {number: 007, name: "{{ 7 * 7 }}", email: a@example.com}\n'
        "    - {number: 8, name: Lee, email: b@}",
    )
    (finding,) = office.plan().document["findings"]
    assert (finding["rule"], finding["line"], finding["text"]) == ("row-bad-address", 10, "b@")
    office.edit("b@}", "b@example.com}")
    assert office.send().code == ending.DONE
    assert subjects(office) == {"Hello {{ 7 * 7 }}", "Hello Lee"}
    assert office.report("back.csv").splitlines()[1].startswith("007,")


def test_hidden_rows_want_to_be_allowed_or_left_out(office: Office) -> None:
    book, sheet = worksheet(office, [HEADER, *rows(KOREAN)])
    for number in (3, 5):
        sheet.row_dimensions[number].hidden = True
    book.save(office.folder / "people.xlsx")
    assert rules(office) == ["sheet-hidden-rows"]
    assert office.send().code == ending.BLOCKED
    assert office.accepted() == []
    office.edit("  key: number", "  key: number\n  where: number not in ['00002', '00004']")
    assert rules(office) == []
    office.edit("\n  where: number not in ['00002', '00004']", "")
    assert office.send("--allow", "sheet-hidden-rows").code == ending.DONE
    assert len(office.accepted()) == 5


def test_merged_and_hidden_cells_matter_where_the_mail_uses_them(office: Office) -> None:
    table: list[tuple[str | None, ...]] = [(*HEADER, "dept"), *((*row, None) for row in rows(KOREAN))]
    book, sheet = worksheet(office, table)
    sheet["D2"] = "Sales"
    sheet.merge_cells("D2:D4")
    sheet.column_dimensions["D"].hidden = True
    book.save(office.folder / "people.xlsx")
    assert rules(office) == []
    office.edit("Hello", "{{ dept or '-' }}: hello")
    found = office.plan().document["findings"]
    assert [(each["rule"], each["cell"]) for each in found] == [
        ("cell-merged", "D3"),
        ("cell-merged", "D4"),
        ("sheet-hidden-column", "D1"),
    ]


@pytest.mark.parametrize("name", ["people.ods", "people.xls"])
def test_other_programs_sheets_are_told_to_be_saved_as_workbooks(office: Office, name: str) -> None:
    Path(office.folder / office.sheet(name)).write_bytes(b"PK\x03\x04")
    (finding,) = office.plan().document["findings"]
    assert ".xlsx" in finding["hint"]
