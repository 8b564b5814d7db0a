"""A child process, watched: how long it took, how busy it was, how large it grew."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

ROOT = Path(__file__).parents[2]


class ChildFailed(Exception):
    """A child ended badly, with what it said last."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child went. `began` is in seconds since 1970; what the system does not tell is None.

    `peak_bytes` is the most memory that the child had at any time (`ru_maxrss` of `wait4`). Linux counts in what this
    very process had when it started the child, so it has to stay small.
    """

    began: float
    seconds: float
    cpu_seconds: float | None
    peak_bytes: int | None


def run(command: Sequence[str | Path], more_environment: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Ended:
    """Run a command to its end. Raises ChildFailed."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **(more_environment or {})}
    with TemporaryFile() as errors:
        began, start = time.time(), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        try:
            cpu, peak = _wait(process)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - start
        if process.returncode:
            raise ChildFailed(
                f"{Path(command[0]).name} … {command[-1]} ended with {process.returncode}: {_last(errors)}"
            )
    return Ended(began, seconds, cpu, peak)


def _wait(process: subprocess.Popen[bytes]) -> tuple[float | None, int | None]:
    """Wait for a child; its processor seconds and peak of memory, where the system tells."""
    if sys.platform != "win32":
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, kilobytes elsewhere
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit
    else:  # noqa: RET505  mypy takes what follows a return for unreachable
        process.wait()
        return None, None


def _last(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing"
