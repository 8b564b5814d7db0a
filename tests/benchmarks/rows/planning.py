"""Rows that plan: against a bare loop of Jinja2, and a workbook against a CSV."""

import sys
from collections.abc import Sequence
from statistics import median

from tests.benchmarks import mailmerge
from tests.benchmarks.figures import Measured, Series
from tests.benchmarks.measure import Ended, run
from tests.benchmarks.rows.contest import cpu_series, plan_anew
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench, in_turns, needs

#: mailmerge makes one mail after the other: what it takes is linear.
MAILMERGE_SHARE = 5


def _series(name: str, rows: int, runs: Sequence[Ended]) -> tuple[Series, ...]:
    rates = Series(f"{name}, whole command", "rows/s", tuple(rows / each.seconds for each in runs))
    return (rates, *cpu_series(name, runs))


def over_jinja(bench: Workbench, row: Row) -> Measured:
    """`plan` over a loop that renders and checks nothing."""
    rows = bench.rows(row)
    sheet = bench.csv(rows)
    ours, theirs = in_turns(
        bench.runs_of(row),
        lambda: plan_anew(bench, sheet),
        lambda: run([sys.executable, "-m", "tests.benchmarks.peers.jinja_loop", sheet]),
    )
    figure = median(each.seconds for each in theirs) / median(each.seconds for each in ours)
    return Measured((figure,), (*_series("batchmail", rows, ours), *_series("Jinja2 loop", rows, theirs)))


def over_mailmerge(bench: Workbench, row: Row) -> Measured:
    """`plan` over mailmerge's dry run."""
    needs("mailmerge")
    rows, fewer = bench.rows(row), bench.scaled(row.rows // MAILMERGE_SHARE)
    sheet = bench.csv(rows)
    with bench.job_folder() as folder:
        mailmerge.configure(folder, fewer, plain_too=False)
        ours, theirs = in_turns(
            bench.runs_of(row), lambda: plan_anew(bench, sheet), lambda: run(mailmerge.COMMAND, cwd=folder)
        )
    figure = (rows / median(each.seconds for each in ours)) / (fewer / median(each.seconds for each in theirs))
    note = f"mailmerge was measured on {fewer:,} rows: it takes as long for each"
    return Measured((figure,), (*_series("batchmail", rows, ours), *_series("mailmerge", fewer, theirs)), (note,))


def workbook_over_csv(bench: Workbench, row: Row) -> Measured:
    """`plan` of a workbook over that of the same table as CSV."""
    rows = bench.rows(row)
    book, sheet = bench.xlsx(rows), bench.csv(rows)
    of_book, of_csv = in_turns(bench.runs_of(row), lambda: plan_anew(bench, book), lambda: plan_anew(bench, sheet))
    figure = median(each.seconds for each in of_book) / median(each.seconds for each in of_csv)
    return Measured((figure,), (*_series("XLSX", rows, of_book), *_series("CSV", rows, of_csv)))
