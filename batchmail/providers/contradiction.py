"""Settings of a provider that cannot all be meant, though each by itself could be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What is wrong, what to do, and the manifest's key below `provider` where it shows.

    `lacks` are the keys that are not there: where one of them is written and faulty, that is told already.
    """

    key: str
    message: str
    hint: str
    lacks: tuple[str, ...] = ()


#: Finds them in the settings of one kind.
Contradictions = Callable[[object], Iterator[Contradiction]]


def none(settings: object) -> Iterator[Contradiction]:
    """For settings that always fit together."""
    del settings
    return iter(())
