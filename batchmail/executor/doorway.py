"""The way from a durable intent to the first byte. It is narrow: who is on it at a crash is in doubt for nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")

#: So many may have an intent, on its way to the disk or there, and not have begun: one is written while another leaves.
#: More would only wait for a turn of the event loop; but with many connections, each commit has to serve more of them.
WIDTH = 8
CONNECTIONS_PER_PLACE = 4


class Passage:
    """One worker's place in the doorway, inside its context; another takes it at the end."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._is_over = False

    async def __aenter__(self) -> Self:
        await self._places.acquire()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.end()

    def end(self) -> None:
        """Leave it, if that has not been done."""
        if not self._is_over:
            self._is_over = True
            self._places.release()

    def to(self, transmission: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
        """The same transmission, which ends the passage where it first waits for anything: it has begun."""
        return lambda: _Watched(transmission(), self.end)


class Doorway:
    """Lets some of so many connections through at a time, in the order they come."""

    def __init__(self, connections: int) -> None:
        self._places = asyncio.Semaphore(width(connections))

    def passage(self) -> Passage:
        """A place in it, to be waited for."""
        return Passage(self._places)


def width(connections: int) -> int:
    """How many of so many connections may be on the way at a time."""
    return min(connections, max(WIDTH, connections // CONNECTIONS_PER_PLACE))


class _Watched(Generic[T]):
    """An awaitable that tells when it waits; a mere turn of the event loop is no wait."""

    def __init__(self, awaitable: Awaitable[T], waits: Callable[[], None]) -> None:
        self._awaitable = awaitable
        self._waits = waits

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._awaitable.__await__()
        step: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                awaited = step()
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # what the awaitable gives
            if awaited is not None:
                # Whoever waits for the place has a turn after those who are scheduled: a task that writes, say.
                self._waits()
            try:
                step = partial(steps.send, (yield awaited))
            except BaseException as error:  # noqa: BLE001  whatever is thrown in here is meant for the awaitable
                step = partial(steps.throw, error)
