"""`batchmail --help`: quick, and true."""

import subprocess
import sys
from importlib import import_module

import click
import pytest

from batchmail.cli import COMMANDS

#: What no help needs, and what takes time to import.
HEAVY = (
    "aiohttp",
    "asyncio",
    "httpx",
    "jinja2",
    "openpyxl",
    "pydantic",
    "rich",
    "sqlite3",
    "starlette",
    "uvicorn",
    "yaml",
)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_help_says_of_a_command_is_the_first_sentence_of_its_own(name: str) -> None:
    command: click.Command = import_module(f"batchmail.cli.{name}").command
    assert command.get_short_help_str(1_000) == COMMANDS[name]


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_nothing_heavy_and_what_little_it_needs(option: str) -> None:
    code = (
        "import sys\nfrom batchmail.cli import batchmail\nfrom batchmail.cli.ending import run\n"
        f"code = run(batchmail, [{option!r}])\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(code, loaded, sorted(name for name in sys.modules if name.startswith('batchmail.'))[:20])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    last = ended.stdout.splitlines()[-1]
    assert last.startswith("0 [] "), last
