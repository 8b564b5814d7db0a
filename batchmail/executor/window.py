"""One rate, and what was sent while it counts."""

import math
from array import array

from batchmail.pace import spacing_seconds, window_seconds
from batchmail.rate import Rate, Unit


class Window:
    """The last grants of one rate, as a ring of at most `count` times, and when the next one is due."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        #: Why nothing leaves where nothing is free.
        self.full = f"the limit of {rate} is reached"
        self.spacing = spacing_seconds(rate)
        self._count = rate.count
        self._by_recipient = rate.unit is Unit.RECIPIENTS
        self._window = window_seconds(rate)
        self._times = array("d")
        self._oldest = 0
        self._next_slot = -math.inf

    def free_at(self, recipients: int) -> float:
        """When a request to so many may leave."""
        beyond = len(self._times) + min(self._units(1, recipients), self._count) - self._count
        if beyond <= 0:
            return self._next_slot
        blocking = self._times[(self._oldest + beyond - 1) % len(self._times)]
        return max(self._next_slot, blocking + self._window)

    def take(self, recipients: int, now: float, slot: float, share: float) -> None:
        """Count a request that leaves now and was due at `slot`; the next is due as a share of the rate permits."""
        units = self._units(1, recipients)
        excess = max(0, units - self._count)
        for _ in range(units - excess):
            self._push(now + excess * self._window / self._count)
        self._next_slot = slot + units * self.spacing / share

    def remember(self, time: float, requests: int, recipients: int) -> None:
        """Count what an earlier run has sent; times rise."""
        for _ in range(min(self._units(requests, recipients), self._count)):
            self._push(time)
        self._next_slot = time + self.spacing

    def _units(self, requests: int, recipients: int) -> int:
        return recipients if self._by_recipient else requests

    def _push(self, time: float) -> None:
        if len(self._times) < self._count:
            self._times.append(time)
            return
        self._times[self._oldest] = time
        self._oldest = (self._oldest + 1) % self._count
