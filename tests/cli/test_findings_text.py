"""Findings as text: what has one cause is told once, with each of its places once."""

from dataclasses import replace
from pathlib import Path

from batchmail import rules
from batchmail.cli.findings_text import distinct_total, findings_text
from batchmail.finding import Finding, Findings, Severity
from batchmail.location import CellLocation

JOB = CellLocation(Path("lunch.xlsx"), "job", "B7")


def cut(cell: CellLocation, key: str | None) -> Finding:
    return replace(rules.SUBJECT_WOULD_BE_CUT.finding("the subject is too long", cell, "Shorten it."), key=key)


def gathered(*each: Finding, keep: int = 100) -> Findings:
    findings = Findings(keep)
    for finding in each:
        findings.add(finding)
    return findings


def test_what_many_mails_have_from_one_cell_names_the_cell_once_and_counts_the_mails() -> None:
    findings = gathered(*(cut(JOB, f"{number}@example.com") for number in range(6)))
    assert findings_text(findings).splitlines() == [
        "lunch.xlsx › job!B7  warning  subject-would-be-cut  in 6 mails",
        "    the subject is too long",
        "    → Shorten it.",
    ]
    assert distinct_total(findings, Severity.WARNING) == 1


def test_one_mail_needs_no_count() -> None:
    assert findings_text(gathered(cut(JOB, "kim"))).startswith("lunch.xlsx › job!B7  warning  subject-would-be-cut\n")


def test_places_that_differ_are_all_named() -> None:
    cells = [replace(JOB, cell=cell) for cell in ("C2", "C3", "C3")]
    findings = gathered(*(cut(cell, f"{number}") for number, cell in enumerate(cells)))
    assert findings_text(findings).splitlines()[:2] == [
        "lunch.xlsx › job!C2  warning  subject-would-be-cut  2 places, in 3 mails",
        "    and at C3",
    ]
    assert distinct_total(findings, Severity.WARNING) == 2


def test_what_belongs_to_no_mail_is_counted_by_times() -> None:
    assert "subject-would-be-cut  2 times\n" in findings_text(gathered(cut(JOB, None), cut(JOB, None)))


def test_more_of_them_than_are_kept_count_once_where_all_that_are_kept_stand_at_one_place() -> None:
    same = gathered(*(cut(JOB, f"{number}") for number in range(9)), keep=3)
    assert distinct_total(same, Severity.WARNING) == 1
    others = gathered(*(cut(replace(JOB, cell=f"B{number}"), f"{number}") for number in range(9)), keep=3)
    assert distinct_total(others, Severity.WARNING) == 9
    assert distinct_total(others, Severity.ERROR) == 0
