"""What a tenant counts: calls a minute for each operation, mails and recipients of one mailbox."""

from collections import deque
from math import ceil
from typing import Literal

from batchmail.clock import Clock

MINUTE = 60.0
DAY = 86_400.0


class RateBucket:
    """The calls of one operation: at most `limit` in a minute that begins with the first of them."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._used = 0
        self._ends = clock.monotonic()

    def take(self) -> bool:
        """Count a call; False where the minute has none left, and then it does not count."""
        self._turn()
        if self._used >= self._limit:
            return False
        self._used += 1
        return True

    def headers(self, used: Literal["both", "used", "ssed"]) -> tuple[tuple[str, str], ...]:
        """The four facts that every answer carries, under the names that the vendor's pages print."""
        self._turn()
        names = ("rateLimit-used", "rateLimit-ssed") if used == "both" else (f"rateLimit-{used}",)
        return (
            *((name, str(self._used)) for name in names),
            ("rateLimit-limit", str(self._limit)),
            ("rateLimit-remaining", str(self._limit - self._used)),
            ("rateLimit-reset", str(max(0, ceil(self._ends - self._clock.monotonic())))),
        )

    def _turn(self) -> None:
        now = self._clock.monotonic()
        if now >= self._ends:
            self._used = 0
            self._ends = now + MINUTE


class RollingCount:
    """How much came together in the last `seconds`."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._entries: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, count: int) -> None:
        """Count so many, now."""
        self._entries.append((self._clock.monotonic(), count))
        self._total += count

    def total(self) -> int:
        """The sum; what is older has been forgotten."""
        oldest = self._clock.monotonic() - self._seconds
        while self._entries and self._entries[0][0] <= oldest:
            self._total -= self._entries.popleft()[1]
        return self._total
