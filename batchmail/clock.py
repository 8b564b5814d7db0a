"""Time, passed in so that nothing in the tests has to wait for it."""

import time
from datetime import datetime
from typing import Protocol


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


class SystemClock:
    """The machine's own clock, in the local time zone."""

    monotonic = staticmethod(time.monotonic)  # a mail asks for it seven times

    def now(self) -> datetime:
        return datetime.now().astimezone()

    async def sleep(self, seconds: float) -> None:
        import asyncio  # noqa: PLC0415  most commands wait for nothing

        await asyncio.sleep(seconds)
