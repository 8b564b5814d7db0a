"""A run in simulated time, and what is seen of it."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from batchmail.delivery import Counts, Delivery, DeliveryState, Envelope, Leaving
from batchmail.executor.executor import run
from batchmail.executor.interrupt import Interruption
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import Progress, RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec
from batchmail.message import Address, Message
from batchmail.outcome import Closed, Outcome, Refused, Sent
from batchmail.rate import Rate
from batchmail.simulation import Answer, Script, SimulatedClock, Tape, simulate

CLOSED = Closed("401", "the token was refused", "Log in again.")
REFUSED = Refused("", "connection refused")


def envelope(number: int, deliveries: int = 1, attempts: int = 0) -> Envelope:
    """Deliveries number * 10, number * 10 + 1, …"""
    ids = range(number * 10, number * 10 + deliveries)
    people = tuple(f"p{each}@example.com" for each in ids)
    return Envelope(
        Message(tuple(map(Address, people)), f"{number}", "…"),
        tuple(Delivery(each, to, each, (to,), b"", attempts) for each, to in zip(ids, people, strict=True)),
    )


@dataclass
class World:
    """A run in simulated time, and what was seen of it."""

    envelopes: Iterable[Envelope]
    answer: Callable[[Message, int], Answer] = lambda _message, _number: Answer(Sent(), 1)
    tape: Tape = field(default_factory=Tape)
    spec: SendSpec = field(default_factory=lambda: SendSpec(concurrency=2))
    rates: tuple[Rate, ...] = ()
    doubts: int | None = None
    retries: int | None = None
    interrupted_at: tuple[float, ...] = ()
    refuse_to_prepare: Callable[[Message], Exception | None] = lambda _message: None
    watch: Callable[[Progress], None] = lambda _progress: None
    look: Callable[[Envelope], Leaving] | None = None
    show_seconds: float = 0.0
    progress: list[Progress] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)

    def run(self) -> RunResult:
        return simulate(self._scenario, thread_seconds=lambda: 0.01)

    async def _scenario(self, clock: SimulatedClock) -> RunResult:
        self.script = script = Script(clock, self.answer)
        script.refuse_to_prepare = self.refuse_to_prepare
        interruption = Interruption()
        for at in self.interrupted_at:
            asyncio.get_running_loop().call_later(at, interruption.request)
        limiter = Limiter(self.rates, clock)
        limits = (self.doubts, self.retries)
        more = (self.spec, lambda: 1.0, *limits)
        setup = Setup(self.tape, script.open, limiter, clock, *more, look=self.look, show_seconds=self.show_seconds)
        try:
            return await run(iter(self.envelopes), setup, watch=self._seen, interruption=interruption)
        finally:
            assert script.open_now == 0
            self.times = [at for at, _ in script.handed_over]
            self.subjects = [message.subject for _, message in script.handed_over]

    def _seen(self, progress: Progress) -> None:
        self.progress.append(progress)
        self.watch(progress)


def answers(*outcomes: Outcome | Exception, seconds: float = 1) -> Callable[[Message, int], Answer]:
    """These in order, and from then on Sent."""
    return lambda _message, number: Answer(outcomes[number] if number < len(outcomes) else Sent(), seconds)


def ending(result: RunResult) -> tuple[Counts, int, int, bool]:
    """Counts, requests, seconds, and whether it was interrupted."""
    assert result.error is None
    assert result.closed is None
    return result.counts, result.requests, round(result.seconds), result.interrupted


def states(world: World) -> list[tuple[int, DeliveryState]]:
    return [(step.delivery, step.state) for step in world.tape.steps]
