"""Three messages that show best what a job sends: the first, the shortest and the longest."""

from collections.abc import Iterator

from batchmail.location import Location
from batchmail.message import Message
from batchmail.planning.plan import Sample


class Sampler:
    """Looks at every message, keeps three."""

    def __init__(self) -> None:
        self._first: Sample | None = None
        self._shortest: Sample | None = None
        self._longest: Sample | None = None

    def look(self, message: Message, where: Location) -> None:
        """Consider a message."""
        if self._first is None or self._shortest is None or self._longest is None:
            self._first = self._shortest = self._longest = Sample("first", where, message)
        elif _length(message) < _length(self._shortest.message):
            self._shortest = Sample("shortest", where, message)
        elif _length(message) > _length(self._longest.message):
            self._longest = Sample("longest", where, message)

    def samples(self) -> tuple[Sample, ...]:
        """At most three samples, none of them twice."""
        return tuple(self._distinct())

    def _distinct(self) -> Iterator[Sample]:
        places = set()
        for sample in (self._first, self._shortest, self._longest):
            if sample and sample.where not in places:
                places.add(sample.where)
                yield sample


def _length(message: Message) -> int:
    return len(message.subject) + len(message.body)
