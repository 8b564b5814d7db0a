"""The row that starts the program and does nothing with it."""

import sys
from statistics import median

from tests.benchmarks.figures import Measured, Series
from tests.benchmarks.jobs import BATCHMAIL
from tests.benchmarks.measure import run
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench, in_turns

#: A start takes so little that a single disturbance would be most of it.
TIMES = 5


def starting(bench: Workbench, row: Row) -> Measured:
    """`--help` and `--version` over an import of click."""
    commands = ([*BATCHMAIL, "--help"], [*BATCHMAIL, "--version"], [sys.executable, "-c", "import click"])
    for command in commands:
        run(command)  # the first time, Python compiles what it imports
    times = bench.runs_of(row) * TIMES
    helped, told, imported = in_turns(times, *(lambda command=command: run(command).seconds for command in commands))
    series = (
        Series("batchmail --help", "s", helped),
        Series("batchmail --version", "s", told),
        Series("import click", "s", imported),
    )
    return Measured((median(helped) / median(imported), median(told) / median(imported)), series)
