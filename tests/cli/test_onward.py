"""Commands that are printed to be pasted: they name the mailing in full, and a shell reads them as they are meant."""

import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.cli.onward import Onward
from batchmail.cli.words import as_typed_on_windows

posix = pytest.mark.skipif(sys.platform == "win32", reason="another shell, with other quotes")


def test_a_command_names_the_job_alone_where_the_manifest_says_the_rest() -> None:
    assert Onward(Path("job.yaml")).command("send") == "batchmail send job.yaml"


def test_the_edition_and_the_journal_come_along() -> None:
    command = Onward(Path("job.yaml"), "2026-11", "j.db").command("resolve", "--key", "7", "--sent")
    assert command == "batchmail resolve job.yaml --edition 2026-11 --journal j.db --key 7 --sent"


def test_every_rule_that_is_to_be_allowed_is_named() -> None:
    assert Onward(Path("job.yaml")).command("send", allowed=["a", "b"]) == "batchmail send job.yaml --allow a --allow b"


def test_a_file_that_begins_like_an_option_is_taken_for_a_file() -> None:
    assert Onward(Path("-job.yaml")).command("plan") == "batchmail plan ./-job.yaml"


def test_no_key_steers_the_terminal() -> None:
    assert "\x1b" not in Onward(Path("job.yaml")).command("resolve", "--key", "a\x1b[2J")


@posix
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])).filter(str.isprintable), st.text("ab '\"$`\\&;|%"))
def test_a_shell_reads_back_what_was_meant(edition: str, journal: str) -> None:
    words = shlex.split(Onward(Path("my jobs/job.yaml"), edition, journal).command("send"))
    expected = ["batchmail", "send", "my jobs/job.yaml", "--edition", edition]
    assert words == expected + (["--journal", journal] if journal else [])


@pytest.mark.parametrize(
    ("argument", "typed"),
    [
        ("job.yaml", "job.yaml"),
        (r"C:\jobs\job.yaml", r"C:\jobs\job.yaml"),
        ("my job.yaml", '"my job.yaml"'),
        ("R&D", '"R&D"'),
        ("a;b", '"a;b"'),
        ("", '""'),
        ('a"b', r'"a\"b"'),
        ("my jobs\\", r'"my jobs\\"'),
        ("송장", "송장"),
    ],
)
def test_windows_gets_double_quotes_around_whatever_a_shell_would_read(argument: str, typed: str) -> None:
    assert as_typed_on_windows(["batchmail", argument]) == f"batchmail {typed}"
