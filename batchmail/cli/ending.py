"""How a command ends: its exit code, and one sentence where it could not do its work. Never a traceback."""

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from batchmail import __version__
from batchmail.cli.words import as_typed
from batchmail.errors import BatchmailError

#: The exit codes of the contract; errors of the input carry their own.
DONE = 0
BLOCKED = 1
USAGE = 2
UNFINISHED = 3
STOPPED = 4
BUG = 70
INTERRUPTED = 130


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run the program; gives the exit code."""
    try:
        typed = as_typed(["batchmail", *arguments])
        result = command.main(args=list(arguments), prog_name="batchmail", standalone_mode=False, obj=typed)
    except BaseException as error:  # noqa: BLE001  whatever ends the program, it ends in a sentence and a code
        return _ended_by(error)
    return result if isinstance(result, int) else DONE


def _ended_by(error: BaseException) -> int:
    match error:
        case click.exceptions.Exit() | BatchmailError():
            if isinstance(error, BatchmailError):
                click.echo(str(error), err=True)
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            click.echo("Interrupted.", err=True)
            return INTERRUPTED
        case click.ClickException():
            error.show()
            return USAGE
        case BrokenPipeError():
            # The reader has gone (`batchmail plan … | head`); Python would complain again when it closes stdout.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
        case Exception():
            click.echo(_bug_text(_write_log(error)), err=True)
            return BUG
        case _:
            raise error


def _write_log(error: Exception) -> Path:
    """The traceback, in a file that can be attached to a report."""
    system = f"batchmail {__version__}, Python {platform.python_version()}, {platform.platform()}"
    text = f"{system}\n\n{''.join(traceback.format_exception(error))}"
    descriptor, name = tempfile.mkstemp(prefix="batchmail-bug-", suffix=".log", text=True)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def _bug_text(log: Path) -> str:
    return (
        "This is a bug in batchmail. What was sent is in the journal, and nothing is sent twice.\n"
        f"  Please report it with the log: {log}"
    )
