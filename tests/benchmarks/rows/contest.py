"""Commands that take part: they send or plan, and what they come to is told alike."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Series
from tests.benchmarks.jobs import Job, Sending, works_job
from tests.benchmarks.measure import ROOT, ChildFailed, Ended, run
from tests.benchmarks.servers.running import RunningServer
from tests.benchmarks.servers.tally import Tally
from tests.benchmarks.workbench import Workbench

#: A plan asks nobody.
NOBODY = RunningServer(9)


@dataclass(frozen=True, slots=True)
class Sent:
    """A command that has sent mails, and what the server saw of it."""

    ended: Ended
    tally: Tally

    @property
    def rate(self) -> float:
        """Mails a second over the whole command."""
        return self.tally.mails / self.ended.seconds


def watched(
    command: Sequence[str | Path],
    server: RunningServer,
    mails: int,
    environment: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Sent:
    """Run a command that sends so many mails. Raises ChildFailed, also where it sends another number."""
    server.counted()
    ended = run(command, environment, cwd)
    tally = server.counted()
    if tally.mails != mails:
        raise ChildFailed(f"{tally.mails:,} mails have arrived instead of {mails:,}")
    return Sent(ended, tally)


def send(job: Job, server: RunningServer, mails: int) -> Sent:
    """Send a job of so many mails. Raises ChildFailed."""
    return watched(job.send(), server, mails, job.environment)


def series_of(name: str, runs: Sequence[Sent]) -> tuple[Series, ...]:
    """What is told of a contestant that sends."""
    series = (
        Series(f"{name}, whole command", "mails/s", tuple(each.rate for each in runs)),
        Series(f"{name}, sending phase", "mails/s", tuple(each.tally.rate for each in runs)),
    )
    return series + cpu_series(name, [each.ended for each in runs])


def cpu_series(name: str, runs: Sequence[Ended]) -> tuple[Series, ...]:
    """How long a contestant has kept processors busy, where the system tells."""
    seconds = tuple(each.cpu_seconds for each in runs if each.cpu_seconds is not None)
    return (Series(f"{name}, processor time", "s", seconds),) if seconds else ()


def send_anew(bench: Workbench, sheet: Path, server: RunningServer, sending: Sending, mails: int) -> Sent:
    """Send a sheet over WORKS that nobody has been written to. Raises ChildFailed."""
    with bench.job_folder() as folder:
        return send(works_job(folder, sheet, server, sending), server, mails)


def post(peer: str, server: RunningServer, mails: int, connections: int) -> Sent:
    """Let a loop that only posts send so many mails. Raises ChildFailed."""
    url = f"{server.base_url}/users/me/mail"
    command = [sys.executable, "-m", f"tests.benchmarks.peers.{peer}_post", url, str(mails), str(connections)]
    return watched(command, server, mails)


def plan_anew(bench: Workbench, sheet: Path) -> Ended:
    """Plan a sheet that nobody has been written to. Raises ChildFailed."""
    with bench.job_folder() as folder:
        job = works_job(folder, sheet, NOBODY)
        return run(job.plan(), job.environment)


def phases(runs: Sequence[Sent], planned: Sequence[Ended] = ()) -> str:
    """Where the time of `send` goes, in the median; with plans of the same job, what comes before is told apart."""
    before = median(each.tally.first - each.ended.began for each in runs)
    sending = median(each.tally.seconds for each in runs)
    after = median(each.ended.began + each.ended.seconds - each.tally.last for each in runs)
    first = f"until the first request {before:.2f} s"
    if planned:
        plan = median(each.seconds for each in planned)
        first = f"start and plan {plan:.2f} s, enrolling {max(0.0, before - plan):.2f} s"
    return f"batchmail: {first}, sending {sending:.2f} s, report and end {after:.2f} s"
