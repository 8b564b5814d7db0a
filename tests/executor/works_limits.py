"""A provider in simulated time that counts calls as WORKS does, for tests of the limiter."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from batchmail.message import Message
from batchmail.outcome import Allowance, Outcome, Refused, Sent
from batchmail.simulation import Answer, SimulatedClock

MINUTE = 60.0


@dataclass
class CountedMinute:
    """So many calls in a minute that begins with the first of them; whatever else uses the app counts too."""

    limit: int
    begun: float = 0.0
    used: int = 0

    def take(self, now: float, count: int = 1) -> bool:
        """Count calls; False where too few are left."""
        if now >= self.begun + MINUTE:
            self.begun, self.used = now, 0
        if self.used + count > self.limit:
            return False
        self.used += count
        return True

    def allowance(self, now: float) -> Allowance:
        """What the headers of an answer tell: whole seconds, rounded up."""
        return Allowance(self.limit - self.used, ceil(self.begun + MINUTE - now))


@dataclass
class Works:
    """Answers each call after its latency; `headers` tells whether it says what is left."""

    limits: list[CountedMinute]
    latency: float = 0.3
    headers: bool = True
    others_per_second: float = 0.0
    refused_at: list[float] = field(default_factory=list)
    accepted_at: list[float] = field(default_factory=list)
    _others_counted: int = 0

    def on(self, clock: SimulatedClock) -> Callable[[Message, int], Answer]:
        """The answers, as a script takes them."""

        def answer(_message: Message, _number: int) -> Answer:
            return Answer(self._outcome(clock.monotonic()), self.latency)

        return answer

    def _outcome(self, now: float) -> Outcome:
        self._count_others(now)
        taken = sum(limit.take(now) for limit in self.limits) == len(self.limits)
        allowance = self.limits[0].allowance(now) if self.headers else None
        (self.accepted_at if taken else self.refused_at).append(now)
        if taken:
            return Sent(allowance=allowance)
        wait = self.limits[0].allowance(now).reset_seconds
        return Refused("TOO_MANY_REQUESTS", "API rate limit exceeded", wait, attempt=False, allowance=allowance)

    def _count_others(self, now: float) -> None:
        """What others have called by now, each call at its own time."""
        while self._others_counted < now * self.others_per_second:
            self.limits[0].take(self._others_counted / self.others_per_second)
            self._others_counted += 1
