"""Three messages that show best what a job sends: the first, the shortest and the longest."""

from collections.abc import Callable
from dataclasses import dataclass

from batchmail.location import Location
from batchmail.message import Message
from batchmail.planning.plan import Sample
from batchmail.row import Row


class Sampler:
    """Looks at every message, keeps three; `place` tells where a row stands, and is asked for those alone."""

    def __init__(self, place: Callable[[Row], Location]) -> None:
        self._place = place
        self._first: _Seen | None = None
        self._shortest: _Seen | None = None
        self._longest: _Seen | None = None

    def look(self, message: Message, row: Row) -> None:
        """Consider a message."""
        length = len(message.subject) + len(message.body)
        if self._first is None or self._shortest is None or self._longest is None:
            self._first = self._shortest = self._longest = _Seen(message, row, length)
        elif length < self._shortest.length:
            self._shortest = _Seen(message, row, length)
        elif length > self._longest.length:
            self._longest = _Seen(message, row, length)

    def samples(self) -> tuple[Sample, ...]:
        """At most three samples, none of them twice."""
        reasons = {"first": self._first, "shortest": self._shortest, "longest": self._longest}
        kept: dict[int, Sample] = {}
        for why, seen in reasons.items():
            if seen and seen.row.position not in kept:
                kept[seen.row.position] = Sample(why, self._place(seen.row), seen.message)
        return tuple(kept.values())


@dataclass(frozen=True, slots=True)
class _Seen:
    message: Message
    row: Row
    length: int
