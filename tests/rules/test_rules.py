"""Every rule has a page and a job that breaks it, at the place that is told; the page mends that job.

A folder of a rule is a case (case.py). `mended/` holds the files put right where a page cannot do it by itself: a
workbook, a file of bytes; texts are put right by the page.
"""

from pathlib import Path

import pytest

from batchmail.rules import RULES
from batchmail.rules.page import explained_rules, page_of
from tests.program.office import captured
from tests.rules.case import Case, cases
from tests.rules.findings import findings_of

EXAMPLES = cases(Path(__file__).parent)
every_example = pytest.mark.parametrize("case", EXAMPLES, ids=[case.name for case in EXAMPLES])
every_rule = pytest.mark.parametrize("name", sorted(RULES))


@pytest.fixture
def job(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rule's job, in a folder of its own."""
    return case.lay_out(tmp_path / "job", monkeypatch)


def test_every_rule_has_a_page_and_an_example_and_nothing_else_has() -> None:
    assert list(explained_rules()) == sorted(RULES)
    assert [case.name for case in EXAMPLES] == sorted(RULES)


@every_example
def test_the_example_of_a_rule_has_its_findings_and_no_others(case: Case, job: Path) -> None:
    assert findings_of(job) == case.expected
    assert any(line.startswith(f"{case.name} {RULES[case.name].severity} ") for line in case.expected)


@every_example
def test_what_the_page_calls_right_leaves_nothing_to_find(case: Case, job: Path) -> None:
    if case.is_mended_by_files:
        case.mend(job)
    else:
        page = page_of(case.name)
        file = job / page.file
        text = file.read_text(encoding="utf-8")
        assert text.count(page.wrong) == 1
        file.write_text(text.replace(page.wrong, page.right), encoding="utf-8")
    assert findings_of(job) == case.left
    assert all(" info " in line for line in case.left)


@every_rule
def test_a_page_is_shown_whole_and_fits_a_terminal(name: str) -> None:
    page = page_of(name)
    ended = captured("explain", name)
    assert ended.code == 0
    assert f"{name} ({RULES[name].severity})" in ended.out
    for line in (*page.wrong.splitlines(), *page.right.splitlines()):
        assert f"    | {line}".rstrip() in ended.out
    assert " ".join(page.mend.split()) in " ".join(ended.out.split())
    assert max(map(len, ended.out.splitlines())) <= 80


@every_rule
def test_every_rule_says_why_it_exists(name: str) -> None:
    ended = captured("explain", name)
    assert ended.code == 0
    assert " ".join(RULES[name].why.split()) in " ".join(ended.out.split())


def test_without_a_rule_all_are_listed() -> None:
    ended = captured("explain")
    assert ended.code == 0
    heads = [line.split()[:2] for line in ended.out.splitlines() if not line.startswith(" ")]
    assert heads == [[rule.id, rule.severity] for rule in RULES.values()]
    assert max(map(len, ended.out.splitlines())) <= 80


def test_a_rule_that_is_misspelt_is_told_by_the_nearest() -> None:
    ended = captured("explain", "row-bad-adress")
    assert ended.code == 2
    assert "Did you mean row-bad-address?" in ended.err
