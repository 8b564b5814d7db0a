"""The row that goes on with a long job that is nearly done."""

from shutil import copyfile

from tests.benchmarks.figures import Measured, Series
from tests.benchmarks.jobs import works_job
from tests.benchmarks.measure import run
from tests.benchmarks.people import append_csv
from tests.benchmarks.rows.contest import cpu_series, send
from tests.benchmarks.servers.running import running_server
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench

LEFT = 10


def resuming(bench: Workbench, row: Row) -> Measured:
    """How much longer than a plan it takes until the first request, when all others have their mail."""
    rows = bench.rows(row)
    done = rows - LEFT
    with running_server() as server, bench.job_folder() as folder:
        sheet = folder / "people.csv"
        copyfile(bench.csv(done), sheet)
        job = works_job(folder, sheet, server)
        before = send(job, server, done)
        append_csv(sheet, LEFT, done + 1)
        planned = run(job.plan(), job.environment)
        resumed = send(job, server, LEFT)
    first = resumed.tally.first - resumed.ended.began
    series = (
        Series("until the first request", "s", (first,)),
        Series("plan", "s", (planned.seconds,)),
        Series("the whole resumed send", "s", (resumed.ended.seconds,)),
        Series(f"the send of {done:,} before", "mails/s", (before.rate,)),
        *cpu_series("plan", [planned]),
        *cpu_series("the resumed send", [resumed.ended]),
    )
    return Measured((first - planned.seconds,), series)
