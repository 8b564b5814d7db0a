"""One limiter for a whole run: as fast as the provider allows, never faster."""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

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


class Permit(NamedTuple):
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
        self._queued = 0
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
        if self._queued == 0 and not stop.is_set() and (permit := self._try(recipients, arrival, arrival)):
            return permit
        self._queued += 1
        try:
            async with self._turn:
                return await self._wait(recipients, arrival, stop)
        finally:
            self._queued -= 1

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
        try:
            while not stop.is_set():
                now = self._clock.monotonic()
                if permit := self._try(recipients, arrival, now):
                    return permit
                if self._is_blocked(now):
                    self._landed.clear()
                    await nap(self._clock, None, stop, self._landed)
                    continue
                slot, why = self._obstacle(recipients, now)
                self._tell(slot, why)
                await nap(self._clock, slot - now, stop)
            return None
        finally:
            self._ready_at = None

    def _try(self, recipients: int, arrival: float, now: float) -> Permit | None:
        """A permit, where nothing stands in the way of one."""
        if self._is_blocked(now):
            return None
        slot, _ = self._obstacle(recipients, now)
        return self._grant(recipients, now, max(arrival, slot)) if slot <= now else None

    def _is_blocked(self, now: float) -> bool:
        """Whether another request has to come back first."""
        return self._under_way > 0 and (self._cut_off or self._throttle.share(now) < 1.0)

    def _obstacle(self, recipients: int, now: float) -> tuple[float, str]:
        """What stands in the way for longest: until when, and its name."""
        until, what = self._paused_until, self._paused_for
        if (free_at := self._remainder.free_at(now)) > until:
            until, what = free_at, "others use the provider's limit too"
        for window in self._windows:
            if (free_at := window.free_at(recipients)) > until:
                until, what = free_at, window.full
        return until, what

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
