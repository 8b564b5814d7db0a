"""A process of its own that works on a journal, until it ends or is killed."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.journal.desk import ROOT


@contextmanager
def child(script: str, *arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
    """Python running a script; it is ended when the test is done with it."""
    with subprocess.Popen(
        command(script, arguments), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told_by(script: str, *arguments: str | Path) -> list[str]:
    """What a script prints, line by line, whatever its end."""
    ended = subprocess.run(command(script, arguments), cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    return ended.stdout.splitlines()


def command(script: str, arguments: Sequence[str | Path]) -> list[str]:
    return [sys.executable, "-c", script, *map(str, arguments)]


def next_line(process: "subprocess.Popen[str]") -> str:
    """What a child says next; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def all_lines(process: "subprocess.Popen[str]") -> list[str]:
    """What a child still had to say; the last line may have been cut off when it was killed, and is left out then."""
    assert process.stdout is not None
    return [line.strip() for line in process.stdout if line.endswith("\n")]
