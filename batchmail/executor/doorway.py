"""The way from a durable intent to the first byte. It is narrow: who is on it at a crash is in doubt for nothing."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from types import coroutine
from typing import Any, Self, TypeVar

from batchmail.clock import Clock

T = TypeVar("T")

#: So many may have an intent, on its way to the disk or there, and not have begun: one is written while another leaves.
#: More would only wait for a turn of the event loop, unless the disk takes long beside the provider's answers. Of many
#: connections a quarter may: what leaves with one commit is answered together, comes back as one burst and waits for
#: all of it again, where quarters come one after another. An eighth takes twice as many commits, wins
#: one percent more with a quick disk, and loses as much with a slow one.
WIDTH = 8
SHARE = 4
#: How many times the places of a steady flow there are, for it is none.
MARGIN = 1.5
#: How much the latest mail counts in an average.
LATEST = 0.05


class Doorway:
    """Lets some of so many connections through at a time, in the order they come.

    A disk that takes 4 ms for a commit lets 8 mails at a time leave at 2,000 a second, and a mail server next door
    could take more. So the doorway is as wide as needed for each connection to spend its time outside.
    """

    def __init__(self, connections: int, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock
        self._least = width(connections, 0.0, math.inf)
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._seconds_inside = 0.0
        self._seconds_outside = math.inf

    @property
    def width(self) -> int:
        """How many may be inside at a time, as far as is known by now."""
        return width(self._connections, self._seconds_inside, self._seconds_outside)

    async def enter(self) -> "Passage":
        """Wait for a place, first come, first served."""
        if not self._waiting and self._has_room():
            self._inside += 1
        else:
            await self._place()
        return Passage(self)

    def now(self) -> float:
        """Seconds on the clock."""
        return self._clock.monotonic()

    def leave(self, seconds: float) -> None:
        """A place is free again, after so many seconds inside."""
        self._inside -= 1
        self._seconds_inside += LATEST * (seconds - self._seconds_inside)
        self._let_in()

    def answered(self, seconds: float) -> None:
        """A provider has answered so many seconds after a mail was outside."""
        before = seconds if math.isinf(self._seconds_outside) else self._seconds_outside
        self._seconds_outside = before + LATEST * (seconds - before)

    async def _place(self) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # it was given a place just now
                self._inside -= 1
                self._let_in()
            elif place in self._waiting:
                self._waiting.remove(place)
            raise

    def _has_room(self) -> bool:
        return self._inside < self._least or self._inside < self.width

    def _let_in(self) -> None:
        while self._waiting and self._has_room():
            place = self._waiting.popleft()
            if not place.cancelled():
                self._inside += 1
                place.set_result(None)


def width(connections: int, seconds_inside: float, seconds_outside: float) -> int:
    """How many of so many connections may be inside, where mails spend so long inside and so long outside."""
    whole = seconds_inside + seconds_outside
    needed = math.ceil(MARGIN * connections * seconds_inside / whole) if 0.0 < whole < math.inf else 0
    return min(connections, max(WIDTH, connections // SHARE, needed))


class Passage:
    """One worker's place in the doorway, inside its context; another takes it at the end."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway
        self._since = doorway.now()
        self._ended_at: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def end(self) -> None:
        """Leave it, if that has not been done."""
        if self._ended_at is None:
            self._ended_at = self._doorway.now()
            self._doorway.leave(self._ended_at - self._since)

    def to(self, transmission: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
        """The same transmission, which ends the passage where it first waits for anything: it has begun.

        A mere turn of the event loop is no wait.
        """
        return partial(self._carry, transmission)

    @coroutine
    def _carry(self, transmission: Callable[[], Awaitable[T]]) -> Generator[Any, Any, T]:
        steps = transmission().__await__()
        step: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                awaited = step()
            except StopIteration as end:
                self._over()
                return end.value  # type: ignore[no-any-return]  # what the transmission gives
            if awaited is not None:
                # Whoever waits for the place has a turn after those who are scheduled: a task that writes, say.
                self.end()
            try:
                yield awaited
            except BaseException as error:  # noqa: BLE001  whatever is thrown in here is meant for the transmission
                step = partial(steps.throw, error)
            else:
                if awaited is not None:
                    break
        given = yield from steps
        self._over()
        return given

    def _over(self) -> None:
        self.end()
        assert self._ended_at is not None
        self._doorway.answered(self._doorway.now() - self._ended_at)
