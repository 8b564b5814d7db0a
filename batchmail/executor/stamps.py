"""The time of day as the journal writes it."""

import math

from batchmail.clock import Clock, stamp

#: A stamp counts whole seconds; one that is used for so long after is late by no more. A new one takes 8 µs.
FRESH_SECONDS = 0.05


class Stamps:
    """Gives the time of day in ISO 8601, to the second, with its offset."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made_at = -math.inf
        self._stamp = ""

    def now(self) -> str:
        """The time, as it is or was a twentieth of a second ago."""
        monotonic = self._clock.monotonic()
        if monotonic - self._made_at >= FRESH_SECONDS:
            self._made_at = monotonic
            self._stamp = stamp(self._clock)
        return self._stamp
