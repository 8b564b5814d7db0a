"""What the README says is so."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from click import Context
from openpyxl import Workbook

from batchmail.cli import COMMANDS, batchmail, ending
from batchmail.cli.provider_facts import ProviderFacts
from batchmail.cli.providers_text import matrix_markdown
from batchmail.providers import PROVIDERS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = "manifests/invoices/job.yaml"


def block(name: str) -> str:
    """The code block after a marker."""
    found = re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```", README, re.DOTALL)
    assert found, name
    return found[1]


def table(header: str) -> list[list[str]]:
    """The rows of the table with this header."""
    lines = README[README.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_job_that_is_shown_is_the_one_of_the_example() -> None:
    assert block("job") == (ROOT / EXAMPLE).read_text(encoding="utf-8")


def test_the_plan_that_is_shown_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(EXAMPLE).parent
    copytree(ROOT / folder, tmp_path / folder, ignore=ignore_patterns(".batchmail"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", "any")
    out = StringIO()
    with redirect_stdout(out):
        code = ending.run(batchmail, ["plan", EXAMPLE])
    assert code == 0
    assert block("plan") == f"$ batchmail plan {EXAMPLE}\n{out.getvalue()}"


def test_every_command_is_listed_and_no_other() -> None:
    listed = {row[0].strip("`").split()[1] for row in table("| command | does |")}
    assert listed == set(COMMANDS)


def test_every_option_that_is_named_is_one() -> None:
    group = Context(batchmail)
    commands = [batchmail, *filter(None, (batchmail.get_command(group, name) for name in COMMANDS))]
    options = {option for command in commands for each in command.params for option in each.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README))
    assert "--workers" in named
    assert named <= options


def test_what_the_providers_can_do_is_what_the_code_says() -> None:
    assert matrix_markdown(tuple(map(ProviderFacts, PROVIDERS.values()))) in README, (
        "batchmail providers --format markdown"
    )


def test_the_exit_codes_are_the_programs_own() -> None:
    codes = {
        ending.DONE,
        ending.BLOCKED,
        ending.USAGE,
        ending.UNFINISHED,
        ending.STOPPED,
        ending.BUG,
        ending.INTERRUPTED,
    }
    assert {int(row[0]) for row in table("| code | meaning |")} == codes


def test_the_first_command_runs_the_example_and_the_second_the_tests() -> None:
    assert block("first command").strip().endswith(f"rehearse {EXAMPLE}")
    assert "pytest" in block("test command")


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_workbook_that_is_shown_is_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    rows = [row[:3] for row in table("| A | B | C |")]
    book = Workbook()
    book.remove(book.worksheets[0])
    settings, people = book.create_sheet("job"), book.create_sheet("recipients")
    for row in rows:
        settings.append([cell or None for cell in row])
    people.append(["email", "name", "day"])
    people.append(["kim@example.com", "Kim", "Monday"])
    book.save(tmp_path / "job.xlsx")
    out = StringIO()
    with redirect_stdout(out):
        code = ending.run(batchmail, ["plan", str(tmp_path / "job.xlsx")])
    assert code == 0, out.getvalue()
    assert "Lunch on Monday" in out.getvalue()
