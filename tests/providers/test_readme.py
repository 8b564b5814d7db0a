"""What "Write a provider" says is so."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from batchmail.outcome import Outcome

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "batchmail" / "providers" / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLE = ROOT / "tests" / "plugin" / "pigeon"

BLOCKS = re.findall(r"(?:<!-- (\S+) -->\n)?^```\w+\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def table(header: str) -> list[list[str]]:
    """The rows of the table with this header."""
    lines = TEXT[TEXT.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


#: What a package may rely on: modules with their names.
SURFACE = {module.strip("`"): set(re.findall(r"`(\w+)`", names)) for module, names in table("| module | names |")}


@pytest.mark.parametrize(("path", "block"), BLOCKS)
def test_every_block_stands_in_the_file_that_it_is_said_to_be_from(path: str, block: str) -> None:
    assert path, block
    assert block in (ROOT / path).read_text(encoding="utf-8")


def test_every_outcome_is_explained_and_no_other() -> None:
    explained = [row[0].strip("`") for row in table("| outcome | promises |")]
    assert sorted(explained) == sorted(outcome.__name__ for outcome in get_args(Outcome))


@pytest.mark.parametrize("module", SURFACE)
def test_what_a_package_may_rely_on_is_there(module: str) -> None:
    assert SURFACE[module]
    assert SURFACE[module] - set(vars(import_module(module))) == set()


@pytest.mark.parametrize("path", sorted(EXAMPLE.glob("*.py")), ids=lambda path: path.name)
def test_the_example_needs_nothing_else(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("batchmail."):
            assert {alias.name for alias in node.names} <= SURFACE[node.module or ""], node.module


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (PAGE.parent / target).exists(), target


def test_what_it_names_is_there() -> None:
    for name in re.findall(r"`(\w+\.py)`", TEXT):
        assert (PAGE.parent / name).exists(), name
