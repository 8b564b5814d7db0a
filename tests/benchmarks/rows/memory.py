"""Rows that ask how large a process grows."""

from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figures import Measured, Series
from tests.benchmarks.jobs import Sending, works_job
from tests.benchmarks.measure import Ended
from tests.benchmarks.rows.contest import cpu_series, plan_anew, send
from tests.benchmarks.servers.running import running_server
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Unavailable, Workbench

FILE_BYTES = 5_000_000
CONNECTIONS = 16


def planning(bench: Workbench, row: Row) -> Measured:
    """`plan` of a long sheet, and of one with a tenth of its rows."""
    return _growth(bench, row, lambda rows: plan_anew(bench, bench.csv(rows)))


def sending(bench: Workbench, row: Row) -> Measured:
    """`send` of a long sheet, and of one with a tenth of its rows."""

    def sent(rows: int) -> Ended:
        sheet = bench.csv(rows)
        with running_server() as server, bench.job_folder() as folder:
            return send(works_job(folder, sheet, server), server, rows).ended

    return _growth(bench, row, sent)


def _growth(bench: Workbench, row: Row, child: Callable[[int], Ended]) -> Measured:
    many, few = bench.rows(row), bench.scaled(row.rows // 10)
    small, large = child(few), child(many)
    peak_small, peak_large = megabytes(small), megabytes(large)
    series = (
        Series(f"{few:,} rows", "MB", (peak_small,)),
        Series(f"{many:,} rows", "MB", (peak_large,)),
        Series(f"{many:,} rows, whole command", "rows/s", (many / large.seconds,)),
        *cpu_series(f"{many:,} rows", [large]),
    )
    return Measured((peak_large, peak_large / peak_small), series)


def attachments(bench: Workbench, row: Row) -> Measured:
    """One file that goes with every mail."""
    mails = bench.rows(row)
    sheet = bench.csv(mails)
    with running_server() as server, bench.job_folder() as folder:
        file = folder / "prospectus.pdf"
        _write_file(file)
        sent = send(works_job(folder, sheet, server, Sending(CONNECTIONS, attachment=file)), server, mails)
    series = (
        Series("batchmail, whole command", "mails/s", (sent.rate,)),
        Series("batchmail, sending phase", "MB/s", (sent.tally.size / sent.tally.seconds / 1e6,)),
        *cpu_series("batchmail", [sent.ended]),
    )
    return Measured((megabytes(sent.ended),), series)


def _write_file(path: Path) -> None:
    line = b"%PDF-1.4 nothing but these words, again and again, until the file is large enough\n"
    path.write_bytes((line * (FILE_BYTES // len(line) + 1))[:FILE_BYTES])


def megabytes(ended: Ended) -> float:
    """The peak of a child's memory, in millions of bytes. Raises Unavailable."""
    if ended.peak_bytes is None:
        raise Unavailable("this system does not tell how much memory a process has had (os.wait4)")
    return ended.peak_bytes / 1_000_000
