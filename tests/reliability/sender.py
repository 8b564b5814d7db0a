"""The program in processes of their own, each ready at once: they are forked from one that has everything imported.

Where the system cannot fork (Windows), each is started anew. In a child, `before` may do its worst to the product:
limit its disk, end it at a named point. The product itself knows nothing of that.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from batchmail.cli import batchmail, report, send, status
from batchmail.cli.ending import run
from batchmail.journal.sqlite import SqliteJournal
from batchmail.providers import http, tls

if sys.platform != "win32":
    import fcntl

ROOT = Path(__file__).parents[2]
#: So long is waited for the processes that a child has started, once it has ended, in seconds.
PATIENCE_SECONDS = 20.0
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
#: What a command imports only when it needs it, or a library when it is used first.
WARM = (report, send, status, http, tls)
for _name in ("anyio._backends._asyncio", "encodings.utf_8_sig", "httpcore", "importlib.readers"):
    import_module(_name)


@dataclass(frozen=True, slots=True)
class Orders:
    """What a child is to do."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    output: Path
    before: Callable[[], None] | None = None


def obey(orders: Orders) -> None:
    """Be the program, in a child."""
    with orders.output.open("wb", buffering=0) as file:
        assert _is_locked(file)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  open until the process ends
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  the same
    os.environ.update(orders.environment)
    _forget_the_pace()
    if orders.before is not None:
        orders.before()
    code = run(batchmail, orders.arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)


def _is_locked(file: BinaryIO) -> bool:
    """Whether a file is locked from now on, until this process has ended and all that have the file from it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget_the_pace() -> None:
    """Let this process go on at once. What earlier ones have sent counts for the rate until their second is over: a
    fraction of a second after each of hundreds of deaths, and nothing that is tested here.
    """
    assert callable(SqliteJournal.recent)
    SqliteJournal.recent = lambda _journal, _since: iter(())  # type: ignore[assignment,method-assign]  # in a child alone


@dataclass(frozen=True, slots=True)
class Running:
    """A child."""

    process: BaseProcess
    output: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def text(self) -> str:
        """What it has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    @property
    def ended(self) -> bool:
        return self.process.exitcode is not None

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in this time; it is waited for no longer."""
        self.process.join(seconds)
        return self.ended

    def code(self) -> int:
        """Its exit code, when it has ended; below 0 the signal that ended it."""
        self.process.join()
        assert self.process.exitcode is not None
        return self.process.exitcode

    def is_left_by_all(self) -> bool:
        """Whether the processes that it has started end as well, soon; Windows does not tell, and is believed."""
        deadline = monotonic() + PATIENCE_SECONDS
        with self.output.open("ab") as file:  # it may have ended before there was one
            while not _is_locked(file):
                if monotonic() > deadline:
                    return False
        return True

    def kill(self) -> None:
        """End it without a word, and be sure that it has ended."""
        self.process.kill()
        self.process.join()


class Nursery:
    """Starts children; none outlives `close`."""

    def __init__(self) -> None:
        self._children: list[BaseProcess] = []
        if CAN_FORK:
            _warm_up()

    def start(self, orders: Orders) -> Running:
        """Start a child."""
        process = _new_process(orders)
        process.start()
        self._children.append(process)
        return Running(process, orders.output)

    def close(self) -> None:
        """End whoever is still there."""
        for child in self._children:
            if child.exitcode is None:
                child.kill()
            child.join()
            child.close()
        self._children.clear()


def _new_process(orders: Orders) -> BaseProcess:
    if CAN_FORK:
        return multiprocessing.get_context("forkserver").Process(target=obey, args=(orders,))
    return multiprocessing.get_context("spawn").Process(target=obey, args=(orders,))


def _warm_up() -> None:
    """Start the process that all others are forked from; it must find this folder by itself."""
    forkserver.set_forkserver_preload([__name__ if __name__ != "__main__" else "tests.reliability.sender"])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), before)))
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def command(job: Path, *options: str) -> tuple[str, ...]:
    """`batchmail send`, told to ask nobody: neither a person, nor the provider about those in doubt."""
    return ("send", str(job), "--yes", "--no-look", "--format", "json", *options)


def report_command(job: Path, out: Path) -> Sequence[str]:
    """`batchmail report`."""
    return ("report", str(job), "--out", str(out))
