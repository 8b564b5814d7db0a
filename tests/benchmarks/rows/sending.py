"""Rows that send over WORKS: against loops that only post, against a slow provider, and combined."""

from functools import partial
from statistics import median

from tests.benchmarks.figures import Measured, Series
from tests.benchmarks.jobs import Sending
from tests.benchmarks.measure import ChildFailed
from tests.benchmarks.rows.contest import cpu_series, phases, plan_anew, post, send_anew, series_of
from tests.benchmarks.servers.running import running_server
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench, in_turns, needs

CONNECTIONS = 64
LATENCY_SECONDS = 0.05


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
        runs = [
            (
                send_anew(bench, sheet, server, Sending(connections, bench.workers), mails),
                send_anew(bench, sheet, server, Sending(connections), mails),
                post(peer, server, mails, connections),
                plan_anew(bench, sheet),
            )
            for _ in range(bench.runs_of(row))
        ]
    ours, alone, theirs, planned = zip(*runs, strict=True)
    figure = median(each.rate for each in ours) / median(each.rate for each in theirs)
    series = (*series_of("batchmail", ours), *series_of("batchmail in one process", alone), *series_of(peer, theirs))
    return Measured((figure,), series, (phases(ours, planned),))


def slow_provider(bench: Workbench, row: Row) -> Measured:
    """Of what so many connections can do with a provider that takes its time, how much is done."""
    mails = bench.rows(row)
    sheet = bench.csv(mails)
    with running_server(delay_seconds=LATENCY_SECONDS) as server:
        (ours,) = in_turns(
            bench.runs_of(row), partial(send_anew, bench, sheet, server, Sending(CONNECTIONS, bench.workers), mails)
        )
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
            partial(send_anew, bench, sheet, server, Sending(CONNECTIONS, bench.workers, combined=True), requests),
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
