"""A provider that has too many connections gets fewer, and the run goes on."""

import asyncio
from typing import Self

from batchmail.delivery import Counts
from batchmail.executor.executor import run
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec
from batchmail.message import Message
from batchmail.outcome import Outcome, Refused, Sent
from batchmail.providers.base import Transmission
from batchmail.simulation import SimulatedClock, Tape, simulate
from tests.executor.world import World, answers, ending, envelope

CROWDED = Refused("SMTP 421", "too many connections", attempt=False, crowded=True)


class Server:
    """Takes so many connections at once; each is made with the first mail over it and stays."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.open: set[Connection] = set()
        self.refused = 0

    def connect(self) -> "Connection":
        return Connection(self)

    def admit(self, connection: "Connection") -> bool:
        if len(self.open | {connection}) > self.most:
            self.refused += 1
            return False
        self.open.add(connection)
        return True


class Connection:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.open.discard(self)

    def prepare(self, _message: Message) -> Transmission:
        return self._transmit

    async def _transmit(self) -> Outcome:
        await asyncio.sleep(0.1)
        return Sent() if self._server.admit(self) else CROWDED


def sent_to(server: Server, mails: int, concurrency: int) -> RunResult:
    async def scenario(clock: SimulatedClock) -> RunResult:
        spec = SendSpec(concurrency=concurrency)
        setup = Setup(Tape(), server.connect, Limiter([], clock), clock, spec, lambda: 1.0)
        return await run(map(envelope, range(mails)), setup)

    return simulate(scenario)


def test_a_server_that_takes_fewer_connections_than_the_job_has_is_sent_everything_over_those_it_takes() -> None:
    server = Server(most=5)
    result = sent_to(server, mails=400, concurrency=16)
    assert (result.counts, result.closed) == (Counts(sent=400), None)
    assert server.refused == 11
    assert result.seconds < 15
    assert server.open == set()


def test_the_last_connection_is_tried_again_until_there_is_room() -> None:
    world = World(map(envelope, range(40)), answers(*[CROWDED] * 20), spec=SendSpec(concurrency=16), retries=10)
    counts, requests, *_ = ending(world.run())
    assert (counts, requests) == (Counts(sent=40), 60)
    assert world.script.opened == 16


def test_a_server_that_never_has_room_is_given_up_after_an_hour() -> None:
    result = sent_to(Server(most=0), mails=40, concurrency=16)
    assert result.closed is not None
    assert result.counts == Counts()
    assert 3_000 < result.seconds < 7_300
