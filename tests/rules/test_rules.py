"""Every rule that is explained has a job that breaks it, at the place that is told, and its page mends that job.

A folder of a rule has `job.yaml` with its files, and in `expected.txt` the findings of a plan: rule, severity, place.
`mended.xlsx`, where there is one, is the workbook put right; texts are put right by the page itself.
"""

import shutil
from pathlib import Path

import pytest

from batchmail.rules import RULES
from batchmail.rules.page import explained_rules, page_of
from tests.program.office import captured
from tests.rules.findings import findings_of

FOLDER = Path(__file__).parent
EXAMPLES = sorted(path.parent.name for path in FOLDER.glob("*/expected.txt"))


@pytest.fixture
def job(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a rule's job."""
    folder = tmp_path / "job"
    shutil.copytree(FOLDER / request.param, folder)
    return folder


@pytest.mark.parametrize(("name", "job"), [(name, name) for name in EXAMPLES], indirect=["job"], ids=EXAMPLES)
def test_the_example_of_a_rule_has_its_findings_and_no_others(name: str, job: Path) -> None:
    expected = (job / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert findings_of(job) == expected
    assert any(line.startswith(f"{name} {RULES[name].severity} ") for line in expected)


@pytest.mark.parametrize(("name", "job"), [(name, name) for name in EXAMPLES], indirect=["job"], ids=EXAMPLES)
def test_what_the_page_calls_right_mends_the_example(name: str, job: Path) -> None:
    page = page_of(name)
    assert page is not None
    file = job / page.file
    if (job / "mended.xlsx").exists():
        file = file.with_suffix(".xlsx")
        shutil.copyfile(job / "mended.xlsx", file)
    else:
        text = file.read_text(encoding="utf-8")
        assert text.count(page.wrong) == 1
        file.write_text(text.replace(page.wrong, page.right), encoding="utf-8")
    assert [line for line in findings_of(job) if line.startswith(f"{name} ")] == []


def test_every_page_has_an_example_and_every_example_a_page() -> None:
    assert list(explained_rules()) == EXAMPLES
    assert set(EXAMPLES) <= set(RULES)
    assert len(EXAMPLES) > 70


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_is_shown_whole(name: str) -> None:
    page = page_of(name)
    assert page is not None
    ended = captured("explain", name)
    assert ended.code == 0
    assert f"{name} ({RULES[name].severity})" in ended.out
    for line in (*page.wrong.splitlines(), *page.right.splitlines()):
        assert f"    | {line}" in ended.out
    assert page.mend.split()[0] in ended.out


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_says_why_it_exists(name: str) -> None:
    ended = captured("explain", name)
    assert ended.code == 0
    assert " ".join(RULES[name].why.split()) in " ".join(ended.out.split())


def test_a_rule_that_is_misspelt_is_told_by_the_nearest() -> None:
    ended = captured("explain", "row-bad-adress")
    assert ended.code == 2
    assert "Did you mean row-bad-address?" in ended.err
