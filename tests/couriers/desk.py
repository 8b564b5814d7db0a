"""A courier in the event loop of the test, its connection played by a script; all that was done is written down."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from batchmail.couriers.crew import Crew
from batchmail.couriers.service import serve
from batchmail.event_loop import LoopFactory
from batchmail.message import Address, Message
from batchmail.outcome import Outcome, Sent
from batchmail.providers.base import Sender, Transmission

T = TypeVar("T")

#: So long may a scenario take that hangs; one that does not takes milliseconds.
_HANGING_SECONDS = 60.0


def mail(subject: str = "Invoice 7") -> Message:
    """A message."""
    return Message((Address("kim@example.com"),), subject, "Dear Kim")


class StillLoop(asyncio.SelectorEventLoop):
    """Time stands still until it is moved."""

    now = 100.0

    def time(self) -> float:
        """Seconds, as asyncio has it."""
        return self.now


def played(scenario: Coroutine[Any, Any, T], loop: LoopFactory = asyncio.new_event_loop) -> T:
    """What a scenario gives, in a loop of its own; one that hangs, or leaves something that runs, fails."""

    async def bounded() -> T:
        async with asyncio.timeout(_HANGING_SECONDS):
            given = await scenario
        assert asyncio.all_tasks() == {asyncio.current_task()}, "something is left that runs"
        return given

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(bounded())


async def nothing() -> None:
    """Done at once."""


async def sent(message: Message) -> Outcome:
    """Every mail is taken."""
    return Sent(message.subject)


@dataclass
class Script:
    """What a connection does in each part; it may raise, or wait. `log` is what was done, over all connections."""

    opening: Callable[[], Awaitable[None]] = nothing
    getting_ready: Callable[[], Awaitable[None]] = nothing
    preparing: Callable[[Message], None] = lambda _: None
    answering: Callable[[Message], Awaitable[Outcome]] = sent
    closing: Callable[[], Awaitable[None]] = nothing
    log: list[str] = field(default_factory=list)

    def open(self) -> Sender:
        """A new connection."""
        return Scripted(self)

    def times(self, what: str) -> int:
        """How often something was done."""
        return self.log.count(what)


@dataclass(frozen=True)
class Scripted:
    """A connection that keeps to a script."""

    script: Script

    async def __aenter__(self) -> Self:
        await self._do("open", self.script.opening())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._do("close", self.script.closing())

    async def ready(self) -> None:
        """As GetsReady has it."""
        await self._do("ready", self.script.getting_ready())

    def prepare(self, message: Message) -> Transmission:
        """As Sender has it."""
        self.script.preparing(message)

        async def transmit() -> Outcome:
            return await self._do(f"transmit {message.subject}", self.script.answering(message))

        return transmit

    async def _do(self, what: str, doing: Awaitable[T]) -> T:
        self.script.log.append(what)
        try:
            return await doing
        except asyncio.CancelledError:
            self.script.log.append(f"{what}: cancelled")
            raise


@dataclass
class Halt:
    """Something that waits, as often as it is begun, until it is let go on."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, *_: object) -> Outcome:
        self.begun.set()
        await self.go_on.wait()
        return Sent("at last")

    async def wait(self) -> None:
        """The same, where no outcome is asked for."""
        await self()


@dataclass(frozen=True)
class Desk:
    """A crew of one; `near` and `far` are the two ends of its line, `service` is what the courier does."""

    crew: Crew
    near: socket.socket
    far: socket.socket
    service: asyncio.Task[None]

    def kill_courier(self) -> None:
        """All that a run sees when a courier is killed."""
        self.far.shutdown(socket.SHUT_RDWR)

    def kill_run(self) -> None:
        """All that a courier sees when its run is killed."""
        self.near.shutdown(socket.SHUT_RDWR)


@asynccontextmanager
async def desk(open_sender: Callable[[], Sender]) -> AsyncIterator[Desk]:
    """A courier in this loop, and the crew that it is. Both have ended at the end."""
    near, far = socket.socketpair()
    with near, far:
        service = asyncio.create_task(serve(far, open_sender))
        async with Crew([near]) as crew:
            yield Desk(crew, near, far, service)
        await service
