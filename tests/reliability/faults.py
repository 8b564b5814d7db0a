"""A server of an HTTP API with every fault that was measured, in the clear and inside TLS; it counts whole mails."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from batchmail.clock import SystemClock
from batchmail.delivery import Candidate, DeliveryState, Mailing
from batchmail.executor import Limiter, Setup, run
from batchmail.journal.memory import MemoryJournal
from batchmail.message import Address, Message
from batchmail.outcome import Outcome
from batchmail.providers.http import Timeouts
from tests.providers.conftest import HERE, Api, Contents, Outbox, Server, Visit
from tests.reliability.simulated_run import envelopes

Scheme = Literal["http", "https"]
SCHEMES: tuple[Scheme, ...] = ("http", "https")
CERTIFICATE: Path = HERE / "loopback.pem"
#: Far more than the systems on both sides keep for a connection.
LARGE = (b'{"data":"', bytes(24_000_000), b'"}')
SHORT = 0.2
HASTY = Timeouts(answer=SHORT, rest=SHORT, connect=5.0, write=SHORT)
NOW = "2026-10-01T12:00:00+00:00"


def server_tls(scheme: Scheme) -> ssl.SSLContext | None:
    """The server's end of TLS, with a certificate for 127.0.0.1."""
    if scheme == "http":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def trusting() -> ssl.SSLContext:
    """A client's end that trusts this certificate."""
    return ssl.create_default_context(cafile=CERTIFICATE)


@dataclass
class Faulty:
    """A behaviour with a fault. `bodies` counts the mails that have come as a whole, `arrived` tells of the first."""

    fault: Callable[["Faulty", Visit], Awaitable[None]]
    bodies: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, visit: Visit) -> None:
        await self.fault(self, visit)

    async def whole(self, visit: Visit) -> None:
        """Read a mail to its end."""
        await visit.request()
        self.bodies += 1
        self.arrived.set()


OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


async def body_stalled(_: Faulty, visit: Visit) -> None:
    await visit.some(1_000)
    await visit.stay_silent()


async def reset_while_sending(_: Faulty, visit: Visit) -> None:
    await visit.some(100_000)
    visit.reset()


async def closed_on_accept(_: Faulty, visit: Visit) -> None:
    del visit  # not a byte of it is read


async def reset_after_body(server: Faulty, visit: Visit) -> None:
    await server.whole(visit)
    visit.reset()


async def closed_after_body(server: Faulty, visit: Visit) -> None:
    await server.whole(visit)


async def closed_at_the_second(server: Faulty, visit: Visit) -> None:
    """A connection that is kept, and ends just as the next mail arrives."""
    await visit.request()
    await visit.say(OK)
    await server.whole(visit)


async def silence_after_body(server: Faulty, visit: Visit) -> None:
    await server.whole(visit)
    await visit.stay_silent()


async def garbage(server: Faulty, visit: Visit) -> None:
    await server.whole(visit)
    await visit.say(b"\x16\x03\x01 is not HTTP\r\n\r\n")


async def half_a_header(server: Faulty, visit: Visit) -> None:
    await server.whole(visit)
    await visit.say(b"HTTP/1.1 202 Accep")


async def truncated_answer(server: Faulty, visit: Visit) -> None:
    await server.whole(visit)
    await visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


@contextmanager
def silent_port() -> Iterator[int]:
    """A port whose connections are taken by the system, and where nobody ever says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield int(silent.getsockname()[1])


@contextmanager
def full_port() -> Iterator[int]:
    """A port with a queue that is full: the system drops whoever wants to connect."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield int(server.getsockname()[1])


def outbox() -> Outbox:
    """Hands mails over to a mail API as simple as can be."""
    message = Message((Address("kim@example.com"),), "a", "<p>Dear Kim</p>")
    return Outbox(message, Contents({}), trusting())


def outcome_at(url: str, timeouts: Timeouts = HASTY, body: tuple[bytes, ...] = (b"{}",)) -> Outcome:
    """What becomes of a mail to an address."""
    [outcome] = asyncio.run(outbox().send(Api(url, body), timeouts))
    return outcome


def last_outcome(faulty: Faulty, scheme: Scheme, body: tuple[bytes, ...] = (b"{}",), mails: int = 1) -> Outcome:
    """What becomes of the last of so many mails that one connection takes to a faulty server."""

    async def scenario() -> Outcome:
        async with Server(faulty, server_tls(scheme)) as server:
            return (await outbox().send(Api(server.url, body), HASTY, times=mails))[-1]

    return asyncio.run(scenario())


def state_after_two_runs(faulty: Faulty, scheme: Scheme) -> DeliveryState:
    """Where a delivery stands after a whole run, and another one, that meet a faulty server."""
    journal = MemoryJournal(Mailing("faults"))

    async def scenario() -> None:
        async with Server(faulty, server_tls(scheme)) as server:
            api = Api(server.url, (b"{}",))
            for _ in range(2):
                roster = journal.roster()
                roster.add([Candidate(1, "kim", ("kim@example.com",), b"a", b"")])
                roster.enrol(NOW)
                clock = SystemClock()
                setup = Setup(journal, lambda: outbox().sender(api, HASTY), Limiter((), clock), clock)
                await run(envelopes(journal, 1), setup)

    asyncio.run(scenario())
    return journal.records(["kim"])["kim"].state
