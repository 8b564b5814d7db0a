"""Rows that ask whether the do-nothing servers are ahead of all who send to them."""

import sys
from collections.abc import Callable
from functools import partial
from statistics import median

from tests.benchmarks.figures import Measured, Series
from tests.benchmarks.rows.contest import Sent, cpu_series, post, watched
from tests.benchmarks.rows.sending import CONNECTIONS
from tests.benchmarks.rows.smtp import Nodemailer
from tests.benchmarks.servers.running import RunningServer, running_server
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench, in_turns, needs


def over_http(bench: Workbench, row: Row) -> Measured:
    """What the server of HTTP takes of a flood, over what aiohttp gives it."""
    needs("aiohttp")
    mails = bench.rows(row)
    with running_server() as server:
        flood = partial(_flood, "http", server.port, server, mails)
        return _over_peer(bench, row, flood, "aiohttp", partial(post, "aiohttp", server, mails, CONNECTIONS))


def over_smtp(bench: Workbench, row: Row) -> Measured:
    """What the server of SMTP takes of a flood, over what nodemailer gives it."""
    peer = Nodemailer.got(bench)
    mails = bench.rows(row)
    with running_server(smtp=True) as server:
        flood = partial(_flood, "smtp", server.smtp_port, server, mails)
        return _over_peer(bench, row, flood, "nodemailer", partial(peer.send, server, mails))


def _flood(kind: str, port: int, server: RunningServer, mails: int) -> Sent:
    command = [sys.executable, "-m", "tests.benchmarks.peers.flood", kind, str(port), str(mails), str(CONNECTIONS)]
    return watched(command, server, mails)


def _over_peer(bench: Workbench, row: Row, flood: Callable[[], Sent], name: str, peer: Callable[[], Sent]) -> Measured:
    """Only the sending phase counts: what a peer does before it sends does not keep a server busy."""
    flooded, sent = in_turns(bench.runs_of(row), flood, peer)
    by_flood, by_peer = (tuple(each.tally.rate for each in runs) for runs in (flooded, sent))
    series = (
        Series("flood, sending phase", "mails/s", by_flood),
        Series(f"{name}, sending phase", "mails/s", by_peer),
        *cpu_series("flood", [each.ended for each in flooded]),
    )
    return Measured((median(by_flood) / median(by_peer),), series)
