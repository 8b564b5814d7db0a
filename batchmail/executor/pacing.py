"""One limiter for a whole run: as fast as the provider allows, never faster."""

import asyncio
import math
from array import array
from collections.abc import Sequence

from batchmail.clock import Clock
from batchmail.executor.waiting import nap
from batchmail.pace import spacing_seconds, window_seconds
from batchmail.rate import Rate, Unit

#: How late a timer may be and still have it made up for. Windows wakes sleepers in steps of 15.6 ms,
#: which would cost a rate of 200/s most of its speed. The windows are kept to all the same.
LATENESS_SECONDS = 0.02


class Limiter:
    """Grants permission to send, first come, first served: evenly spaced, and never more than any rate allows.

    No rates: no waiting, but for the pauses that the provider asks for.
    """

    def __init__(self, rates: Sequence[Rate], clock: Clock) -> None:
        self._clock = clock
        self._windows = [_Window(rate) for rate in rates]
        self._turn = asyncio.Lock()
        self._paused_until = -math.inf
        self._ready_at: float | None = None

    @property
    def waiting_seconds(self) -> float:
        """How long the first in the queue has still to wait; 0 where nobody waits."""
        return 0.0 if self._ready_at is None else max(0.0, self._ready_at - self._clock.monotonic())

    async def acquire(self, recipients: int, stop: asyncio.Event) -> bool:
        """Wait until one request to so many recipients may be sent; False when `stop` was set before.

        A waiter that is cancelled or stopped takes nothing from those behind it. A request with more recipients
        than a rate allows at once waits for an empty window and counts for several.
        """
        arrival = self._clock.monotonic()
        if not self._windows and self._paused_until <= arrival:
            return not stop.is_set()
        async with self._turn:
            try:
                return await self._wait(recipients, arrival, stop)
            finally:
                self._ready_at = None

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long; a pause already set is never made shorter."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    async def _wait(self, recipients: int, arrival: float, stop: asyncio.Event) -> bool:
        while not stop.is_set():
            now = self._clock.monotonic()
            slot = max([arrival, self._paused_until, *(window.free_at(recipients) for window in self._windows)])
            if slot <= now:
                for window in self._windows:
                    window.take(recipients, now, max(slot, now - LATENESS_SECONDS))
                return True
            self._ready_at = slot
            await nap(self._clock, slot - now, stop)
        return False


class _Window:
    """The last grants of one rate, as a ring of at most `count` times, and when the next one is due."""

    def __init__(self, rate: Rate) -> None:
        self._count = rate.count
        self._by_recipient = rate.unit is Unit.RECIPIENTS
        self._window = window_seconds(rate)
        self._spacing = spacing_seconds(rate)
        self._times = array("d")
        self._oldest = 0
        self._next_slot = -math.inf

    def free_at(self, recipients: int) -> float:
        """When a request to so many may leave."""
        beyond = len(self._times) + min(self._units(recipients), self._count) - self._count
        if beyond <= 0:
            return self._next_slot
        blocking = self._times[(self._oldest + beyond - 1) % len(self._times)]
        return max(self._next_slot, blocking + self._window)

    def take(self, recipients: int, now: float, slot: float) -> None:
        """Count a request that leaves now and was due at `slot`."""
        units = self._units(recipients)
        excess = max(0, units - self._count)
        for _ in range(units - excess):
            self._push(now + excess * self._window / self._count)
        self._next_slot = slot + units * self._spacing

    def _units(self, recipients: int) -> int:
        return recipients if self._by_recipient else 1

    def _push(self, time: float) -> None:
        if len(self._times) < self._count:
            self._times.append(time)
            return
        self._times[self._oldest] = time
        self._oldest = (self._oldest + 1) % self._count
