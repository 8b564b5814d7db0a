"""Jobs as offices have them: every planted fault is told at its cell or line, and nothing else is."""

from pathlib import Path

import pytest

from batchmail.rules import RULES
from tests.corpus.corpus import CORPUS, OFFICES, faults_of, faulty_files, summary, table
from tests.rules.case import Case
from tests.rules.findings import findings_of

NAMES = [case.name for case in OFFICES]
FAULTY = [case for case in OFFICES if case.expected]


@pytest.mark.parametrize("case", OFFICES, ids=NAMES)
def test_every_planted_fault_is_told_at_its_place_and_nothing_else_is(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings_of(case.lay_out(tmp_path / "job", monkeypatch)) == case.expected


@pytest.mark.parametrize("case", FAULTY, ids=[case.name for case in FAULTY])
def test_a_job_that_is_put_right_is_clean(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = case.lay_out(tmp_path / "job", monkeypatch)
    case.mend(job)
    assert findings_of(job) == []


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    kinds = {fault.rule for case in CORPUS for fault in faults_of(case)}
    assert len(faulty_files()) >= 60
    assert len(kinds) >= 40
    assert kinds == set(RULES)
    assert len(OFFICES) - len(FAULTY) >= 3


def test_the_names_of_cases_are_their_own() -> None:
    assert len({case.name for case in CORPUS}) == len(CORPUS)


def test_the_table_has_a_row_for_every_case() -> None:
    rows = list(table())[2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {case.name}" for case in CORPUS]
    assert all(row.count(" | ") == 2 for row in rows)
    assert summary().startswith(f"{len(CORPUS)} jobs, ")
