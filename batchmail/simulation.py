"""A world for tests: time that passes only while everybody waits, and a provider that answers as told.

    async def scenario(clock: SimulatedClock) -> None:
        script = Script(clock, lambda message, number: Answer(Sent(), seconds=0.2))
        ...

    simulate(scenario)

Days pass in no time, and the same scenario always takes the same course. Threads are real, but one works at a
time: what `run_in_executor` is given is run while the event loop stands still, `thread_seconds` later.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar, TypeVarTuple, Unpack

from batchmail.delivery import DeliveryState, Transition
from batchmail.message import Message
from batchmail.outcome import Outcome

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


#: A simulation lasts no longer than this. Later on a float cannot tell apart the nanoseconds that asyncio reckons with.
LONGEST_SECONDS = 90 * 86_400.0


class Stuck(Exception):
    """Everybody waits for something that cannot happen, any more or within the time of a simulation."""


class SimulatedClock:
    """A clock that `simulate` moves on."""

    def __init__(self, start: datetime = datetime(2026, 10, 1, 9, tzinfo=UTC)) -> None:
        self._start = start
        self._seconds = 0.0

    def monotonic(self) -> float:
        return self._seconds

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass. Raises Stuck after LONGEST_SECONDS."""
        self._seconds += seconds
        if self._seconds > LONGEST_SECONDS:
            raise Stuck(f"nothing has come to an end in {LONGEST_SECONDS:,.0f} s")


def simulate(
    scenario: Callable[[SimulatedClock], Coroutine[Any, Any, T]],
    *,
    thread_seconds: Callable[[], float] = lambda: 0.0,
    turn: Callable[[], None] = lambda: None,
    threads: bool = True,
) -> T:
    """What the scenario gives, in an event loop whose time is simulated; `asyncio.sleep` and timeouts included.

    `turn` is called before every turn of the loop, between any two steps of a task: what it raises ends the simulation
    right there, and all tasks are cancelled. Without `threads`, what would run in one runs in the loop's own, which
    takes a third of the time. Raises Stuck where the scenario would wait for ever.
    """
    clock = SimulatedClock()
    with asyncio.Runner(loop_factory=lambda: _SimulatedLoop(clock, thread_seconds, turn, threads=threads)) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, _SimulatedLoop)
        try:
            return runner.run(scenario(clock))
        finally:
            loop.end()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider says, after so many seconds. An exception is raised: a fault of the program."""

    outcome: Outcome | Exception
    seconds: float = 0.0


class Script:
    """A provider that is asked what to answer when a message is handed over: the message, and its number from 0."""

    def __init__(self, clock: SimulatedClock, answer: Callable[[Message, int], Answer]) -> None:
        self._clock = clock
        self._answer = answer
        self.handed_over: list[tuple[float, Message]] = []
        self.opened = 0
        self.open_now = 0
        self.refuse_to_prepare: Callable[[Message], Exception | None] = lambda _message: None

    @classmethod
    def of(cls, clock: SimulatedClock, answers: Iterable[Answer]) -> Self:
        """One that gives these answers in this order."""
        following = iter(answers)
        return cls(clock, lambda _message, _number: next(following))

    def open(self) -> "ScriptedSender":
        """A new connection."""
        return ScriptedSender(self)

    async def transmit(self, message: Message) -> Outcome:
        """Take a message."""
        number = len(self.handed_over)
        self.handed_over.append((self._clock.monotonic(), message))
        answer = self._answer(message, number)
        await self._clock.sleep(answer.seconds)
        if isinstance(answer.outcome, Exception):
            raise answer.outcome
        return answer.outcome


class ScriptedSender:
    """A connection to a scripted provider."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._open = False

    async def __aenter__(self) -> Self:
        self._script.opened += 1
        self._script.open_now += 1
        self._open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._script.open_now -= 1
        self._open = False

    def prepare(self, message: Message) -> Callable[[], Awaitable[Outcome]]:
        if not self._open:
            raise RuntimeError("a sender is used inside its context")
        if error := self._script.refuse_to_prepare(message):
            raise error
        return lambda: self._script.transmit(message)


class Tape:
    """A ledger that keeps every commit, and takes no step that the state machine lacks.

    `fault` is asked before each commit, with its number from 0, whether it fails.
    """

    def __init__(self, requests: int = 0, fault: Callable[[int], Exception | None] = lambda _commit: None) -> None:
        self._requests = requests
        self._fault = fault
        self._last: dict[int, Transition] = {}
        self.commits: list[tuple[Transition, ...]] = []

    def record(self, transitions: Sequence[Transition]) -> None:
        if error := self._fault(len(self.commits)):
            raise error
        for step in transitions:
            self._check(step)
            self._last[step.delivery] = step
            self._requests = max(self._requests, step.request)
        self.commits.append(tuple(transitions))

    def requests(self) -> int:
        return self._requests

    def state(self, delivery: int) -> DeliveryState:
        """Where a delivery stands; what was never recorded is queued."""
        last = self._last.get(delivery)
        return last.state if last else DeliveryState.QUEUED

    @property
    def steps(self) -> list[Transition]:
        """All that was recorded, in order."""
        return [step for commit in self.commits for step in commit]

    def _check(self, step: Transition) -> None:
        last = self._last.get(step.delivery)
        before = last.state if last else DeliveryState.QUEUED
        if step.state not in _STEPS.get(before, ()):
            raise ValueError(f"delivery {step.delivery} cannot step from {before} to {step.state}")
        if last and before is DeliveryState.SENDING and (step.attempt, step.request) != (last.attempt, last.request):
            raise ValueError(f"delivery {step.delivery} got the result of another attempt")
        if step.state is DeliveryState.SENDING and step.attempt <= (last.attempt if last else 0):
            raise ValueError(f"delivery {step.delivery} makes attempt {step.attempt} once more")


_STEPS = {
    DeliveryState.QUEUED: (DeliveryState.SENDING, DeliveryState.SKIPPED),
    DeliveryState.SENDING: (
        DeliveryState.SENT,
        DeliveryState.REJECTED,
        DeliveryState.FAILED,
        DeliveryState.IN_DOUBT,
        DeliveryState.QUEUED,
    ),
}


class _SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits for time: it makes time pass."""

    def __init__(
        self,
        clock: SimulatedClock,
        thread_seconds: Callable[[], float],
        turn: Callable[[], None],
        *,
        threads: bool,
    ) -> None:
        self._clock = clock
        self._threads = threads
        self._thread_seconds = thread_seconds
        self._own_thread = ThreadPoolExecutor(max_workers=1)
        self._turns = _SimulatedSelector(clock, turn)
        super().__init__(self._turns)

    def end(self) -> None:
        """The scenario is over; what remains is to clean up, in turns that do not count."""
        self._turns.turn = lambda: None

    def time(self) -> float:
        return self._clock.monotonic()

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self.create_future()
        self.call_later(self._thread_seconds(), self._run, future, executor or self._own_thread, lambda: func(*args))
        return future

    def close(self) -> None:
        self._own_thread.shutdown()
        super().close()

    def _run(self, future: asyncio.Future[T], executor: Executor, call: Callable[[], T]) -> None:
        if future.cancelled():
            return
        try:
            future.set_result(executor.submit(call).result() if self._threads else call())
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits the future
            future.set_exception(error)


class _SimulatedSelector(selectors.DefaultSelector):
    """Instead of waiting it moves the clock on to the next thing that is due."""

    def __init__(self, clock: SimulatedClock, turn: Callable[[], None]) -> None:
        super().__init__()
        self._clock = clock
        self.turn = turn

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turn()
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            raise Stuck("everybody waits for something that cannot happen any more")
        self._clock.advance(timeout)
        return []
