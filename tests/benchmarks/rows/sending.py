"""Rows that send over WORKS: against loops that only post, against a slow provider, and combined."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Measured, Series
from tests.benchmarks.jobs import Job, Sending, works_job
from tests.benchmarks.measure import ROOT, ChildFailed, Ended, run
from tests.benchmarks.servers.running import RunningServer, running_server
from tests.benchmarks.servers.tally import Tally
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench, in_turns, needs

CONNECTIONS = 64
LATENCY_SECONDS = 0.05


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


def over_httpx(bench: Workbench, row: Row, connections: int) -> Measured:
    """`send` over a gather loop of httpx."""
    return _over_peer(bench, row, "httpx", connections)


def over_aiohttp(bench: Workbench, row: Row) -> Measured:
    """`send` over a loop of aiohttp, and what the rest of the time goes into."""
    needs("aiohttp")
    return _over_peer(bench, row, "aiohttp", CONNECTIONS)


def _over_peer(bench: Workbench, row: Row, peer: str, connections: int) -> Measured:
    mails = bench.rows(row)
    sheet = bench.csv(mails)
    with running_server() as server:
        ours, theirs = in_turns(
            bench.runs_of(row),
            lambda: _send_anew(bench, sheet, server, Sending(connections), mails),
            lambda: post(peer, server, mails, connections),
        )
    figure = median(each.rate for each in ours) / median(each.rate for each in theirs)
    return Measured((figure,), (*series_of("batchmail", ours), *series_of(peer, theirs)), (phases(ours),))


def post(peer: str, server: RunningServer, mails: int, connections: int) -> Sent:
    """Let a loop that only posts send so many mails. Raises ChildFailed."""
    url = f"{server.base_url}/users/me/mail"
    command = [sys.executable, "-m", f"tests.benchmarks.peers.{peer}_post", url, str(mails), str(connections)]
    return watched(command, server, mails)


def _send_anew(bench: Workbench, sheet: Path, server: RunningServer, sending: Sending, mails: int) -> Sent:
    with bench.job_folder() as folder:
        return send(works_job(folder, sheet, server, sending), server, mails)


def phases(runs: Sequence[Sent]) -> str:
    """Where the time of `send` goes, in the median."""
    before = median(each.tally.first - each.ended.began for each in runs)
    sending = median(each.tally.seconds for each in runs)
    after = median(each.ended.began + each.ended.seconds - each.tally.last for each in runs)
    return f"batchmail: until the first request {before:.2f} s, sending {sending:.2f} s, report and end {after:.2f} s"


def slow_provider(bench: Workbench, row: Row) -> Measured:
    """Of what so many connections can do with a provider that takes its time, how much is done."""
    mails = bench.rows(row)
    sheet = bench.csv(mails)
    with running_server(delay_seconds=LATENCY_SECONDS) as server:
        (ours,) = in_turns(bench.runs_of(row), partial(_send_anew, bench, sheet, server, Sending(CONNECTIONS), mails))
    best = CONNECTIONS / LATENCY_SECONDS
    figure = 100 * median(each.tally.rate for each in ours) / best
    waited = median(each.tally.delays / each.tally.mails for each in ours) * 1000
    note = f"the server took {waited:.1f} ms on average; {best:,.0f}/s are possible at {LATENCY_SECONDS * 1000:.0f} ms"
    return Measured((figure,), series_of("batchmail", ours), (note,))


def combining(bench: Workbench, row: Row) -> Measured:
    """Identical mails, a hundred recipients a request."""
    people = bench.rows(row)
    requests = -(-people // 100)
    sheet = bench.csv(people)
    with running_server(recipients=True) as server:
        (ours,) = in_turns(
            bench.runs_of(row),
            partial(_send_anew, bench, sheet, server, Sending(CONNECTIONS, combined=True), requests),
        )
    if any(each.tally.recipients != people for each in ours):
        raise ChildFailed(f"not all of the {people:,} recipients have arrived once")
    whole = tuple(people / each.ended.seconds for each in ours)
    phase = tuple(people / each.tally.seconds for each in ours)
    series = (
        Series("batchmail, whole command", "recipients/s", whole),
        Series("batchmail, sending phase", "recipients/s", phase),
        *cpu_series("batchmail", [each.ended for each in ours]),
    )
    return Measured((median(each.tally.mails for each in ours), median(whole)), series, (phases(ours),))
