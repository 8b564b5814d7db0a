"""Things that go wrong between a client and a provider, on demand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

from batchmail.emulator.exchange import Answer, Incoming


@dataclass(frozen=True, slots=True)
class HalfAnswer:
    """The answer's status and headers and the first `kept` bytes of its body, and then the connection is cut."""

    answer: Answer
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is cut without one byte of an answer."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing, until the client gives up."""


Ending = Answer | HalfAnswer | Cut | Silence


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a request.

    First the wait, then the ending; None leaves the emulator's own answer as it is. With `handled` the emulator has
    dealt with the request before all that, so that a mail may be accepted although its sender hears otherwise;
    without it, the emulator never sees a request that has an ending here, and others only after the wait.
    A client that goes away during the wait ends the request there.
    """

    ending: Ending | None = None
    handled: bool = False
    wait_seconds: float = 0.0


class FaultSource(Protocol):
    """Where an emulator asks what goes wrong."""

    def of(self, incoming: Incoming) -> Fault | None:
        """The fault of a request, None for a request that has none. It is asked once for each, on its own thread."""
        ...


Predicate = Callable[[Incoming], bool]


class Faults:
    """A script: which requests go wrong, and how. Of several faults for one request, the first counts.

    It may be added to while the emulator runs.
    """

    def __init__(self) -> None:
        self._script: list[tuple[Predicate, Fault]] = []

    def at(self, fault: Fault, *numbers: int) -> Self:
        """The requests to send a mail with these numbers, counted from 1 in the order of their arrival."""
        chosen = frozenset(numbers)
        return self.when(fault, lambda incoming: _sends(incoming) and incoming.number in chosen)

    def when(self, fault: Fault, predicate: Predicate) -> Self:
        """Every request, of any operation, for which the predicate holds. It is called on the emulator's thread."""
        self._script.append((predicate, fault))
        return self

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._script.clear()

    def of(self, incoming: Incoming) -> Fault | None:
        """The fault of a request, None for a request that has none."""
        return next((fault for predicate, fault in tuple(self._script) if predicate(incoming)), None)


def _sends(incoming: Incoming) -> bool:
    """Whether a request hands a mail over; those for tokens are numbered by themselves."""
    return incoming.method == "POST" and not incoming.operation.startswith("oauth2-")
