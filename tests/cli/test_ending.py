"""However a command ends, it ends with a documented code and without a traceback."""

import re
from pathlib import Path

import click
import pytest

from batchmail.cli import ending
from batchmail.errors import BatchmailError, InputChanged, JournalBusy


def command_that(raises: BaseException | None = None, gives: object = None) -> click.Command:
    @click.command()
    def command() -> object:
        if raises:
            raise raises
        return gives

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BatchmailError("The sheet is gone", "Bring it back."), 1),
        (JournalBusy(Path("journal.db")), 1),
        (InputChanged("people.csv"), 4),
        (click.UsageError("no such option"), 2),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (click.exceptions.Exit(3), 3),
    ],
)
def test_every_error_has_its_code(error: BaseException, code: int) -> None:
    assert ending.run(command_that(raises=error), []) == code


def test_an_error_is_told_in_a_sentence_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    ending.run(command_that(raises=BatchmailError("The sheet is gone", "Bring it back.")), [])
    assert capsys.readouterr().err == "The sheet is gone\n  Bring it back.\n"


def test_a_command_gives_its_own_code() -> None:
    assert ending.run(command_that(gives=3), []) == 3
    assert ending.run(command_that(), []) == 0


def test_a_bug_ends_with_70_and_the_path_of_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending.run(command_that(raises=ZeroDivisionError("oops")), []) == 70
    said = capsys.readouterr().err
    assert "Traceback" not in said
    found = re.search(r"with the log: (.+\.log)", said)
    assert found is not None
    log = Path(found[1])
    assert "ZeroDivisionError: oops" in log.read_text(encoding="utf-8")
    log.unlink()
