"""Which of a sheet's rows are meant, where it may be all of a million: a byte for each row."""

from collections.abc import Iterable, Iterator
from itertools import compress, count


class Positions:
    """A set of the positions of rows, in order."""

    def __init__(self, positions: Iterable[int] = ()) -> None:
        self._marks = bytearray()
        self.update(positions)

    def add(self, position: int) -> None:
        """Take a position in."""
        if position >= len(self._marks):
            self._marks.extend(bytes(position + 1 - len(self._marks)))
        self._marks[position] = 1

    def update(self, positions: Iterable[int]) -> None:
        """Take positions in."""
        for position in positions:
            self.add(position)

    def discard(self, positions: Iterable[int]) -> None:
        """Take positions out, as far as they are there."""
        for position in positions:
            if position < len(self._marks):
                self._marks[position] = 0

    def __iter__(self) -> Iterator[int]:
        return compress(count(), self._marks)

    def __len__(self) -> int:
        return self._marks.count(1)
