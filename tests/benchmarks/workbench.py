"""Where rows are measured: a temporary folder with sheets, how many runs, and contestants in turns."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

from tests.benchmarks.measure import run
from tests.benchmarks.people import write_csv
from tests.benchmarks.table import Row

#: Fewer rows would measure nothing at all.
FEWEST_ROWS = 20

_Run = TypeVar("_Run")


class Unavailable(Exception):
    """What a row needs cannot be had on this machine: why."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """A folder that is gone with the benchmark, and how much is measured.

    Where the rate counts, mails leave from so many `workers`: processes of their own.
    """

    folder: Path
    scale: float = 1.0
    runs: int = 3
    workers: int = 0

    def rows(self, row: Row) -> int:
        """How many rows its job has in this run."""
        return self.scaled(row.rows)

    def scaled(self, rows: int) -> int:
        """So many rows, in this run."""
        return max(FEWEST_ROWS, round(rows * self.scale))

    def runs_of(self, row: Row) -> int:
        """How often it is measured."""
        return 1 if row.long else self.runs

    def csv(self, rows: int) -> Path:
        """The table with so many rows, written once."""
        path = self.folder / f"people-{rows}.csv"
        if not path.exists():
            write_csv(path, rows)
        return path

    def xlsx(self, rows: int) -> Path:
        """The table as a workbook, written once."""
        path = self.folder / f"people-{rows}.xlsx"
        if not path.exists():
            run([sys.executable, "-m", "tests.benchmarks.workbook", path, str(rows)])
        return path

    @contextmanager
    def job_folder(self) -> Iterator[Path]:
        """A new folder, gone with the block: every run begins without a journal."""
        folder = Path(mkdtemp(dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def in_turns(runs: int, *contestants: Callable[[], _Run]) -> Iterator[tuple[_Run, ...]]:
    """The runs of each contestant; they take turns, so that a slower minute of the machine is everybody's."""
    rounds = [[contestant() for contestant in contestants] for _ in range(runs)]
    return (tuple(column) for column in zip(*rounds, strict=True))


def needs(package: str) -> None:
    """Raises Unavailable where a peer's package is not installed."""
    if find_spec(package) is None:
        raise Unavailable(f"{package} is not installed: pip install -e '.[bench]'")
