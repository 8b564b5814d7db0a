"""Opening a sheet by its name, and the columns that a job names."""

import os
from pathlib import Path

import pytest

from batchmail import rules
from batchmail.finding import Findings
from batchmail.job import FieldSpec, RecipientsSpec
from batchmail.location import TextLocation
from batchmail.recipients import check_columns, open_sheet
from tests.recipients.desk import WHERE, Desk


def place(*route: str | int) -> TextLocation:
    """The manifest's places: the key's columns stand in line 9, each in a column of its own."""
    column = route[2] if len(route) > 2 else 0
    return TextLocation(Path("job.yaml"), 9, 10 + 10 * int(column))


def missing(desk: Desk, *, key: tuple[str, ...] = (), fields: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    sheet = desk.open(desk.text("number,Name,e-mail\n1,Kim,a@example.com\n"))
    declared = {name: FieldSpec(name, TextLocation(Path("job.yaml"), 20 + len(name), 5)) for name in fields}
    findings = Findings()
    check_columns(sheet, RecipientsSpec(sheet.path, key=key, fields=declared), place, findings)
    assert all(finding.rule == "sheet-missing-column" for finding in findings)
    return [(finding.message, str(finding.where), finding.hint) for finding in findings]


def test_columns_that_are_there_are_not_missed(desk: Desk) -> None:
    assert missing(desk, key=("number", "Name"), fields=("e-mail",)) == []


def test_a_missing_column_is_told_where_the_manifest_names_it_with_the_nearest(desk: Desk) -> None:
    there = "The columns are: `number`, `Name`, `e-mail`."
    assert missing(desk, key=("number", "name"), fields=("email", "amount")) == [
        ("the sheet has no column `name`", "job.yaml:9:20", f"Did you mean `Name`? {there}"),
        ("the sheet has no column `email`", "job.yaml:25:5", f"Did you mean `e-mail`? {there}"),
        ("the sheet has no column `amount`", "job.yaml:26:5", there),
    ]


@pytest.mark.parametrize("name", ["people.ods", "people.xls", "people", "people.json"])
def test_another_kind_of_file_is_told_where_it_is_named(desk: Desk, name: str) -> None:
    finding = desk.finding(desk.text("a\n1\n", name))
    assert (finding.rule, finding.where) == ("manifest-bad-value", WHERE)
    assert "`.csv`, `.tsv`, `.xlsx`, `.xlsm`, `.jsonl`" in finding.hint
    assert ("File, Save As" in finding.hint) is (Path(name).suffix in (".ods", ".xls"))


def test_suffixes_are_compared_without_case(desk: Desk) -> None:
    assert desk.texts(desk.text("a\n1\n", "PEOPLE.CSV")) == [("1",)]


def test_a_file_that_the_manifests_reader_has_missed_already_is_not_told_again(tmp_path: Path) -> None:
    findings = Findings()
    findings.add(rules.FILE_MISSING.finding("`recipients.file`: `people.csv` is not there", WHERE, "Look again."))
    assert open_sheet(RecipientsSpec(tmp_path / "people.csv"), WHERE, findings) is None
    assert len(findings) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_a_pipe_is_not_waited_for(desk: Desk, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    finding = desk.finding(tmp_path / name)
    assert (finding.rule, finding.where, finding.message) == ("file-unreadable", WHERE, f"`{name}` is no file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this account may read everything")
def test_a_file_without_the_right_to_read_it_is_told(desk: Desk) -> None:
    path = desk.text("a\n1\n")
    path.chmod(0)
    finding = desk.finding(path)
    assert (finding.rule, finding.where) == ("file-unreadable", WHERE)
    assert "another program holds it" in finding.message
