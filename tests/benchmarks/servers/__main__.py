"""A do-nothing server as a process: prints its ports on one line, and serves until it is ended."""

import asyncio
import sys
from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec

from tests.benchmarks.servers.sink import SinkConnection
from tests.benchmarks.servers.works import Desk, WorksConnection

HOST = "127.0.0.1"


async def serve(desk: Desk, *, smtp: bool) -> None:
    """Serve what is counted over HTTP, and mails over HTTP or SMTP."""
    loop = asyncio.get_running_loop()
    http = await loop.create_server(lambda: WorksConnection(desk), HOST, 0, backlog=1024)
    ports = [http.sockets[0].getsockname()[1]]
    if smtp:
        sink = await loop.create_server(lambda: SinkConnection(desk.tally), HOST, 0, backlog=1024)
        ports.append(sink.sockets[0].getsockname()[1])
    sys.stdout.write(" ".join(map(str, ports)) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Read the command line, and serve with uvloop where it is installed."""
    parser = ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until an answer")
    parser.add_argument("--recipients", action="store_true", help="count recipients, which takes reading the mails")
    parser.add_argument("--smtp", action="store_true", help="take mails over SMTP too")
    given = parser.parse_args()
    run = import_module("uvloop").run if find_spec("uvloop") else asyncio.run
    run(serve(Desk(given.delay, given.recipients), smtp=given.smtp))


if __name__ == "__main__":
    main()
