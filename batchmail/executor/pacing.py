"""One limiter for a whole run: as fast as the provider allows, never faster."""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from batchmail.clock import Clock
from batchmail.executor.remainder import Remainder, Told
from batchmail.executor.throttle import Throttle
from batchmail.executor.waiting import nap
from batchmail.executor.window import Window
from batchmail.outcome import Allowance
from batchmail.pace import LONGEST_EVEN_SECONDS
from batchmail.rate import Handover, Rate

#: How late a timer may be and still have it made up for. Windows wakes sleepers in steps of 15.6 ms,
#: which would cost a rate of 200/s most of its speed. The windows are kept to all the same.
LATENESS_SECONDS = 0.02

#: Shorter waits are part of an even pace, and are not told.
TOLD_SECONDS = 1.0

#: A rate limit that was exceeded is left alone for at least so many seconds.
LEAST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Permit:
    """Permission to send one request: the how-manieth it is, and when it was given."""

    number: int
    at: float


class Limiter:
    """Grants permission to send, first come, first served: evenly spaced, and never more than any rate allows.

    No rates: no waiting, but for what the provider asks for. `earlier` is what other runs have sent.
    After a refusal for the rate's sake, and while no connection comes about, requests leave one at a time.
    """

    def __init__(self, rates: Sequence[Rate], clock: Clock, earlier: Iterable[Handover] = ()) -> None:
        self._clock = clock
        self._windows = [Window(rate) for rate in rates]
        self._spacing = max((window.spacing for window in self._windows), default=0.0)
        self._turn = asyncio.Lock()
        self._throttle = Throttle()
        self._remainder = Remainder()
        self._paused_until = -math.inf
        self._paused_for = ""
        self._cut_off = False
        self._granted = 0
        self._last_grant = -math.inf
        self._under_way = 0
        self._landed = asyncio.Event()
        self._ready_at: float | None = None
        self._waits_begin: Callable[[], None] = lambda: None
        self.waiting_for = ""
        self._remember(earlier)

    @property
    def waiting_seconds(self) -> float:
        """How long the first in the queue has still to wait; 0 where nobody waits. `waiting_for` says why."""
        return 0.0 if self._ready_at is None else max(0.0, self._ready_at - self._clock.monotonic())

    def attach(self, waits_begin: Callable[[], None]) -> None:
        """What is called when the first in the queue has to wait for a second or longer."""
        self._waits_begin = waits_begin

    async def acquire(self, recipients: int, stop: asyncio.Event) -> Permit | None:
        """Wait until one request to so many recipients may be sent; None when `stop` was set before.

        A waiter that is cancelled or stopped takes nothing from those behind it. A request with more recipients
        than a rate allows at once waits for an empty window and counts for several. Every permit is given back: `done`.
        """
        arrival = self._clock.monotonic()
        async with self._turn:
            try:
                return await self._wait(recipients, arrival, stop)
            finally:
                self._ready_at = None

    def done(self) -> None:
        """Whoever had a permit has heard what became of the request, or has not sent it."""
        self._under_way -= 1
        self._landed.set()

    def pause(self, seconds: float, why: str = "the provider") -> None:
        """Let nothing through for so long; a pause already set is never made shorter."""
        until = self._clock.monotonic() + seconds
        if until > self._paused_until:
            self._paused_until, self._paused_for = until, why

    def slow_down(self, seconds: float | None, why: str) -> None:
        """The provider says that there were too many requests, and perhaps for how long it takes none."""
        if seconds is None:
            even = (window.rate.seconds for window in self._windows if window.rate.seconds <= LONGEST_EVEN_SECONDS)
            seconds = max(even, default=LONGEST_EVEN_SECONDS)
        seconds = max(LEAST_PAUSE_SECONDS, seconds)
        self._throttle.cut(self._clock.monotonic(), seconds)
        self.pause(seconds, why)

    def hold(self, seconds: float, why: str) -> None:
        """No connection came about: wait so long, and from then on try with one request at a time."""
        self._cut_off = True
        self.pause(seconds, why)

    def through(self) -> None:
        """A request has got through to the provider."""
        self._cut_off = False
        self._landed.set()

    def heed(self, permit: Permit, allowance: Allowance) -> None:
        """What the answer to a request tells of the provider's limit."""
        now = self._clock.monotonic()
        told = Told.at(now, permit.at, self._granted - permit.number, allowance)
        spacing = self._spacing / self._throttle.share(now)
        self._remainder.heed(told, now, max(now, self._last_grant + spacing), spacing)

    async def _wait(self, recipients: int, arrival: float, stop: asyncio.Event) -> Permit | None:
        while not stop.is_set():
            now = self._clock.monotonic()
            if self._under_way > 0 and (self._cut_off or self._throttle.share(now) < 1.0):
                self._landed.clear()
                await nap(self._clock, None, stop, self._landed)
                continue
            slot, why = max([(arrival, ""), *self._obstacles(recipients, now)])
            if slot <= now:
                return self._grant(recipients, now, slot)
            self._tell(slot, why)
            await nap(self._clock, slot - now, stop)
        return None

    def _obstacles(self, recipients: int, now: float) -> Iterable[tuple[float, str]]:
        """Until when each thing stands in the way, and its name."""
        yield self._paused_until, self._paused_for
        yield self._remainder.free_at(now), "others use the provider's limit too"
        for window in self._windows:
            yield window.free_at(recipients), window.full

    def _grant(self, recipients: int, now: float, slot: float) -> Permit:
        share = self._throttle.share(now)
        for window in self._windows:
            window.take(recipients, now, max(slot, now - LATENESS_SECONDS), share)
        self._remainder.take(now)
        self._granted += 1
        self._last_grant = now
        self._under_way += 1
        return Permit(self._granted, now)

    def _tell(self, slot: float, why: str) -> None:
        before, self._ready_at, self.waiting_for = self._ready_at, slot, why
        if self.waiting_seconds >= TOLD_SECONDS and (before is None or slot > before):
            self._waits_begin()

    def _remember(self, earlier: Iterable[Handover]) -> None:
        """Nothing was sent later than now: what says so was written by a clock that was ahead."""
        now = self._clock.monotonic()
        offset = now - self._clock.now().timestamp()
        for each in earlier:
            for window in self._windows:
                window.remember(min(now, each.at + offset), each.requests, each.recipients)
