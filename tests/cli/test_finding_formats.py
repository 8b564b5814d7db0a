"""Findings for machines: annotations of GitHub Actions, and SARIF."""

import json
from pathlib import Path

import pytest

from batchmail import rules
from batchmail.cli.github_text import github_text
from batchmail.cli.sarif import sarif_document
from batchmail.finding import Finding
from batchmail.location import CellLocation, Location, TextLocation

LINE = TextLocation(Path("a job, new.yaml"), 3, 7)
CELL = CellLocation(Path("people.xlsx"), "October", "B14")


def finding(where: Location | None, message: str = "two @") -> Finding:
    return rules.ROW_BAD_ADDRESS.finding(message, where, "Correct it.", text="kim@@example.com")


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (finding(LINE), "::error file=a job%2C new.yaml,line=3,col=7,title=row-bad-address::two @%0ACorrect it."),
        (
            finding(CELL),
            "::error file=people.xlsx,title=row-bad-address::people.xlsx › October!B14: two @%0ACorrect it.",
        ),
        (finding(None), "::error title=row-bad-address::two @%0ACorrect it."),
        (
            rules.SUBJECT_WOULD_BE_CUT.finding("50 % over", TextLocation(Path("x")), ""),
            "::warning file=x,title=subject-would-be-cut::50 %25 over",
        ),
    ],
)
def test_a_finding_is_one_annotation(found: Finding, line: str) -> None:
    assert github_text([found]) == line


def test_a_cell_cannot_write_an_annotation_of_its_own() -> None:
    (line,) = github_text([finding(CELL, "kim\n::error::forged\r::debug::x")]).splitlines()
    assert line.count("::error") == 2  # the second stands in the message, behind an escaped line break
    assert "\r" not in line


def test_sarif_names_the_rule_the_level_and_the_place() -> None:
    document = json.loads(json.dumps(sarif_document([finding(LINE), finding(CELL), finding(None)])))
    (run,) = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["row-bad-address"]
    first, second, third = run["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("row-bad-address", 0, "error")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20job%2C%20new.yaml"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert second["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "October!B14", "kind": "cell"}]
    assert third["locations"] == []


def test_an_absolute_path_is_a_uri_of_its_own(tmp_path: Path) -> None:
    document = json.loads(json.dumps(sarif_document([finding(TextLocation(tmp_path / "job.yaml"))])))
    place = document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": (tmp_path / "job.yaml").as_uri()}}
