"""What one rendering of a template may cost: counted, not timed, so that the same template ends the same everywhere."""

from collections.abc import Iterator
from itertools import islice

from batchmail.values import Addresses

#: Characters that one template may print, and the longest text or list that an expression may make.
LARGEST = 5_000_000
#: Characters and items that the expressions of one rendering may read and make together; a turn of a loop counts too.
WORK = 20_000_000


class TooLarge(ValueError):
    """A template would have made something huge, or gone on without end."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: the limit is {LARGEST:,} characters, and {WORK:,} in all loops and filters together")


class Budget:
    """What is left of a rendering's limits."""

    __slots__ = ("_work", "printable")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A new rendering begins."""
        self._work = WORK
        #: Characters that may still be printed; below 0 where `print` raises.
        self.printable = LARGEST

    def spend(self, amount: int) -> None:
        """Count work, in characters or items. Raises TooLarge."""
        self._work -= amount
        if self._work < 0:
            raise TooLarge("the template does too much, in a loop perhaps")

    def make(self, amount: int) -> None:
        """Count what one expression is about to make. Raises TooLarge."""
        if amount > LARGEST:
            raise TooLarge("the template makes a text or list that is too long")
        self.spend(amount)

    def turn(self, cost: int) -> None:
        """Count one turn through a part of a template, as work and as print. Raises TooLarge."""
        self._work -= cost
        self.printable -= cost
        if self._work < 0 or self.printable < 0:
            self.spend(0)
            self.print(0)

    def print(self, amount: int) -> None:
        """Count what is printed. Raises TooLarge."""
        self.printable -= amount
        if self.printable < 0:
            raise TooLarge("the template prints too much")


def length(value: object) -> int:
    """How many characters or items a value has; 1 for all that is neither text nor list."""
    return len(value) if isinstance(value, str | list | tuple | dict | set | frozenset | range) else 1


def weight(value: object) -> int:
    """How many characters a value may print, as far as LARGEST: lists count with all that is in them."""
    if isinstance(value, str):
        return len(value) + 1
    if not isinstance(value, list | tuple | dict | set | frozenset) or isinstance(value, Addresses):
        return length(value)
    total = 0
    open_values: list[object] = [value]
    while open_values and total <= LARGEST:
        each = open_values.pop()
        total += 1 if isinstance(each, list | tuple | dict | set | frozenset) else weight(each)
        open_values.extend(_parts(each))
    return total


def _parts(value: object) -> Iterator[object]:
    """What is in a list, as far as it can matter."""
    if isinstance(value, dict):
        yield from islice((part for pair in value.items() for part in pair), LARGEST + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        yield from islice(value, LARGEST + 1)
