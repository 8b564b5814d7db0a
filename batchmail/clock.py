"""Time, passed in so that nothing in the tests has to wait for it."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

#: What counts whole seconds and is used for so long after is late by no more. Asking anew takes 8 µs.
FRESH_SECONDS = 0.05


class Clock(Protocol):
    """Where time comes from."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...

    def now(self) -> datetime:
        """The time of day, with its offset."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


def stamp(clock: Clock) -> str:
    """The time of day as the journal writes it: ISO 8601, to the second, with its offset."""
    return clock.now().isoformat(timespec="seconds")


class Recently(Generic[T]):
    """What is read off a clock, for those who ask for it with every mail."""

    def __init__(self, clock: Clock, read: Callable[[Clock], T]) -> None:
        self._clock = clock
        self._read = read
        self._last: tuple[float, T] | None = None

    def now(self) -> T:
        """It, as it is or was a twentieth of a second ago."""
        monotonic = self._clock.monotonic()
        if self._last is None or monotonic - self._last[0] >= FRESH_SECONDS:
            self._last = monotonic, self._read(self._clock)
        return self._last[1]


class SystemClock:
    """The machine's own clock, in the local time zone."""

    monotonic = staticmethod(time.monotonic)  # a mail asks for it seven times

    def now(self) -> datetime:
        return datetime.now().astimezone()

    async def sleep(self, seconds: float) -> None:
        import asyncio  # noqa: PLC0415  most commands wait for nothing

        await asyncio.sleep(seconds)
