"""Several files as one list, and rows that stand in the manifest."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from batchmail.finding import Finding, Findings
from batchmail.job import FurtherFile, RecipientsSpec, TemplateText
from batchmail.location import TextLocation
from batchmail.recipients import Sheet, check_hidden, open_sheet
from tests.recipients.desk import WHERE, Desk

JOB = Path("job.yaml")


def opened(*paths: Path, header: int | None = None) -> tuple[Sheet | None, list[Finding]]:
    findings = Findings()
    others = tuple(FurtherFile(path, TextLocation(JOB, 8, 20 * number)) for number, path in enumerate(paths) if number)
    return open_sheet(RecipientsSpec(paths[0], header=header, others=others), WHERE, findings), list(findings)


def joined(*paths: Path) -> Sheet:
    sheet, findings = opened(*paths)
    assert sheet is not None, findings
    assert not findings
    return sheet


def test_files_are_one_list_in_their_order_with_their_own_places(desk: Desk) -> None:
    first = desk.text("name,mail\nKim,k\nLee,l\n")
    second = desk.workbook([("mail", None, "name"), ("p", None, "Park"), (None, None, None), ("c", None, "Choi")])
    third = desk.text('{"name": "Jung", "mail": "j"}\n', "more.jsonl")
    sheet = joined(first, second, third)
    assert (sheet.path, sheet.name, sheet.columns) == (first, "", ("name", "mail"))
    for _ in range(2):
        rows = list(sheet.rows())
        assert [(row.position, row.texts) for row in rows] == [
            (1, ("Kim", "k")),
            (2, ("Lee", "l")),
            (3, ("Park", "p")),
            (4, ("Choi", "c")),
            (5, ("Jung", "j")),
        ]
        assert [str(sheet.place(row, 0)).rpartition("/")[2] for row in rows] == [
            *("people.csv:2:1", "people.csv:3:1", "people.xlsx › Guests!C2", "people.xlsx › Guests!C4"),
            "more.jsonl:1:10",
        ]
    assert str(sheet.header_place(1)).endswith("people.csv:1:6")
    assert [row.stored is None for row in rows] == [True, True, False, False, True]
    stored = rows[2].stored
    assert stored is not None
    assert [cell.value for cell in stored] == ["Park", "p"]


def test_a_row_s_place_is_known_while_the_list_is_read(desk: Desk) -> None:
    sheet = joined(desk.text("a\n1\n"), desk.text("a\n2\n"), desk.text("a\n3\n"))
    assert [str(sheet.place(row)).rpartition("csv")[2] for row in sheet.rows()] == [":2:1"] * 3


def test_a_column_that_one_of_the_files_lacks_is_told_at_that_file(desk: Desk) -> None:
    path = desk.text("name,male\nKim,k\n")
    sheet, findings = opened(desk.text("name,mail\nKim,k\n"), path)
    assert sheet is not None
    assert {finding.rule for finding in findings} == {"sheet-columns-differ"}
    assert {str(finding.where) for finding in findings} == {"job.yaml:8:20", f"{path.as_posix()}:1:6"}
    assert "Did you mean `male`?" in next(each.hint for each in findings if each.text == "mail")
    assert [row.texts for row in sheet.rows()] == [("Kim", "k")]


def test_faults_of_a_file_keep_their_cells(desk: Desk) -> None:
    def merge(sheet: object) -> None:
        assert hasattr(sheet, "merge_cells")
        sheet.merge_cells("A2:A3")

    book = desk.workbook([("mail", "more", "name"), ("a", 1, "Kim"), (None, 1, "Lee", "x")], merge)
    sheet, findings = opened(desk.text("name,mail\nPark,p\n"), book)
    assert sheet is not None
    assert [finding.rule for finding in findings] == ["sheet-columns-differ"]
    *_, last = sheet.rows()
    assert [
        (str(sheet.place(last, number)).rpartition("!")[2], fault.rule) for number, fault in last.faults.items()
    ] == [
        ("D3", "sheet-unnamed-column"),
        ("A3", "cell-merged"),
    ]
    assert sorted(last.faults) == [1, 2]


def test_hidden_columns_of_any_file_are_told(desk: Desk) -> None:
    def hide(sheet: object) -> None:
        sheet.column_dimensions["A"].hidden = True  # type: ignore[attr-defined]  # openpyxl's worksheet

    sheet = joined(desk.text("name,mail\nKim,k\n"), desk.workbook([("mail", "name"), ("l", "Lee")], hide))
    check_hidden(sheet, {1}, findings := Findings())
    assert [str(finding.where).rpartition("!")[2] for finding in findings] == ["A1"]
    check_hidden(sheet, {0}, findings := Findings())
    assert not findings


def test_every_file_that_cannot_be_read_is_told_at_its_own_place(desk: Desk, tmp_path: Path) -> None:
    good = desk.text("a\n1\n")
    sheet, findings = opened(good, tmp_path / "gone.csv", good, desk.text("", "empty.csv"))
    assert sheet is None
    assert sorted((finding.rule, str(finding.where).rpartition("/")[2]) for finding in findings) == [
        ("file-missing", "job.yaml:8:20"),
        ("sheet-empty", "empty.csv"),
    ]


def test_the_digest_covers_every_file_and_their_order(desk: Desk) -> None:
    one, two = desk.text("a\n1\n"), desk.text("a\n2\n")
    digests = {joined(*paths).digest for paths in ((one, two), (two, one), (one, one), (one, two, two))}
    assert len(digests) == 4
    assert joined(one, two).digest == joined(one, two).digest


def test_a_header_line_holds_for_every_file(desk: Desk) -> None:
    sheet, findings = opened(desk.text("Title\na\n1\n"), desk.workbook([("Title",), ("a",), ("2",)]), header=2)
    assert not findings
    assert sheet is not None
    assert [row.texts for row in sheet.rows()] == [("1",), ("2",)]


def inline(*rows: Mapping[str, str]) -> tuple[Sheet | None, list[Finding]]:
    """Rows of a manifest: the first in line 11, each cell in a column of its own."""
    cells = tuple(
        {
            name: TemplateText(text, TextLocation(JOB, line, 10 * number))
            for number, (name, text) in enumerate(row.items(), 1)
        }
        for line, row in enumerate(rows, 11)
    )
    findings = Findings()
    return open_sheet(RecipientsSpec(JOB, rows=cells), WHERE, findings), list(findings)


def test_rows_of_the_manifest_have_their_texts_and_places() -> None:
    sheet, findings = inline(
        {"mail": "k", "name": "Kim"}, {"mail": " ", "name": ""}, {"name": "{{ 7 * 7 }}"}, {"mail": "l", "nmae": "x"}
    )
    assert sheet is not None
    assert not findings
    assert (sheet.path, sheet.name, sheet.columns) == (JOB, "", ("mail", "name"))
    for _ in range(2):
        rows = list(sheet.rows())
        assert [(row.position, row.line, row.texts) for row in rows] == [
            (1, 11, ("k", "Kim")),
            (2, 13, ("", "{{ 7 * 7 }}")),
            (3, 14, ("l", "")),
        ]
        assert [[str(sheet.place(row, column)) for column in (None, 0, 1)] for row in rows] == [
            ["job.yaml:11:10", "job.yaml:11:10", "job.yaml:11:20"],
            ["job.yaml:13:10", "job.yaml:13:10", "job.yaml:13:10"],
            ["job.yaml:14:10", "job.yaml:14:10", "job.yaml:14:10"],
        ]
        ((number, fault),) = rows[2].faults.items()
        assert (fault.rule, str(sheet.place(rows[2], number))) == ("sheet-late-column", "job.yaml:14:20")
    assert [str(sheet.header_place(column)) for column in (None, 1)] == [str(WHERE), "job.yaml:11:20"]


def test_rows_of_the_manifest_have_a_digest_of_their_texts() -> None:
    digests = [inline(*rows)[0] for rows in ([{"a": "1"}], [{"a": "2"}], [{"b": "1"}], [{"a": "1"}, {"a": "1"}])]
    assert len({sheet.digest for sheet in digests if sheet}) == 4


@pytest.mark.parametrize("rows", [[{}], [{"a": ""}], [{"a": " "}, {"a": ""}]])
def test_rows_without_any_text_are_nobody(rows: list[dict[str, str]]) -> None:
    sheet, (finding,) = inline(*rows)
    assert sheet is None
    assert (finding.rule, finding.where) == ("sheet-empty", WHERE)


def test_rows_have_no_header_line() -> None:
    cell = TemplateText("1", TextLocation(JOB, 11, 3))
    findings = Findings()
    assert open_sheet(RecipientsSpec(JOB, header=1, rows=({"a": cell},)), WHERE, findings) is None
    assert [finding.rule for finding in findings] == ["sheet-no-header"]
