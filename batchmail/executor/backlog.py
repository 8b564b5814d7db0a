"""What is to be sent: fresh envelopes, read ahead but not far, and refused ones when their time has come."""

import asyncio
import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple, Self

from batchmail.clock import Clock
from batchmail.delivery import Envelope
from batchmail.executor.read_ahead import ReadAhead
from batchmail.executor.retry import UNTRIED, Tries
from batchmail.executor.waiting import nap

#: So many mails that are tried again in some minutes are kept in memory before no fresh one is begun.
MOST_POSTPONED = 500


class Entry(NamedTuple):
    """An envelope in the backlog, and what it has been through."""

    envelope: Envelope
    tries: Tries = UNTRIED


class Backlog:
    """Hands out envelopes to workers, inside its context. It holds about four times `ahead` at most, and the postponed.

    While twice `ahead` refused ones wait, no fresh one is begun: an outage must not pull the whole job into memory.
    Those that take minutes let others go on, up to MOST_POSTPONED.
    Once `first` deliveries were handed out, no fresh one is until `release` or `withhold` decides about the others.
    """

    def __init__(self, envelopes: Iterator[Envelope], ahead: int, clock: Clock, first: int | None = None) -> None:
        self._envelopes = ReadAhead(envelopes, ahead)
        self._ahead = ahead
        self._clock = clock
        self._ready: deque[Envelope] = deque()
        self._later: list[tuple[float, int, Entry, bool]] = []
        self._postponed = 0
        self._order = count()
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._exhausted = False
        self._closed = False
        self._error: Exception | None = None
        self._first = first
        self._withholding = False
        #: Whether there were others, and none of them was handed out.
        self.withheld = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()
        if self._reading is not None:
            await self._reading
        await self._envelopes.close()

    async def take(self) -> Entry | None:
        """The next envelope to be sent; None when there is none left, or the backlog is closed.

        Raises what the reading of envelopes raised. None may come while others are being sent:
        should one of them be refused, whoever has sent it is there to try it again.
        """
        if entry := self._at_hand():
            return entry
        async with self._turn:
            while not self._closed:
                if self._error is not None:
                    raise self._error
                entry = self._at_hand()
                if entry is not None or self._is_spent():
                    return entry
                if self._withholding and self._ready:
                    self.withheld = True
                    self.close()
                    break
                await nap(self._clock, self._seconds_to_next(), self._news)
                self._news.clear()
        return None

    def put_back(self, entry: Entry, delay_seconds: float, *, postponed: bool = False) -> None:
        """Hand this out again, after a while; `postponed` tells that it takes minutes while others go on."""
        due = self._clock.monotonic() + delay_seconds
        heapq.heappush(self._later, (due, next(self._order), entry, postponed))
        self._postponed += postponed
        self._news.set()

    def postponed(self) -> list[float]:
        """When those that are postponed are due, in no order."""
        return [due for due, _, _, postponed in self._later if postponed]

    def make_up_for(self, deliveries: int) -> None:
        """So many that were handed out do not leave at all: as many others take their places among the first ones."""
        if self._first is not None:
            self._first += deliveries
            self._news.set()

    def release(self) -> None:
        """Hand out the others too."""
        self._first = None
        self._news.set()

    def withhold(self) -> None:
        """Hand out none of the others."""
        self._withholding = True
        self._news.set()

    def close(self) -> None:
        """Hand out nothing more; whoever waits gets None."""
        self._closed = True
        self._envelopes.stop()
        self._news.set()

    def _at_hand(self) -> Entry | None:
        return None if self._closed or self._error is not None else self._due() or self._fresh()

    def _due(self) -> Entry | None:
        if self._later and self._later[0][0] <= self._clock.monotonic():
            _, _, entry, postponed = heapq.heappop(self._later)
            self._postponed -= postponed
            return entry
        return None

    def _fresh(self) -> Entry | None:
        if len(self._later) - self._postponed >= 2 * self._ahead or self._postponed >= MOST_POSTPONED:
            return None
        entry = Entry(self._next()) if self._ready and self._first != 0 else None
        if len(self._ready) < self._ahead and self._reading is None and not self._exhausted:
            self._reading = asyncio.create_task(self._read())
        return entry

    def _next(self) -> Envelope:
        """The next envelope, or as many of its deliveries as belong to the first ones."""
        envelope = self._ready.popleft()
        if self._first is None:
            return envelope
        if len(envelope.deliveries) > self._first:
            envelope, rest = envelope.split(self._first)
            self._ready.appendleft(rest)
        self._first -= len(envelope.deliveries)
        return envelope

    def _is_spent(self) -> bool:
        return self._exhausted and not self._ready and not self._later

    def _seconds_to_next(self) -> float | None:
        return max(0.0, self._later[0][0] - self._clock.monotonic()) if self._later else None

    async def _read(self) -> None:
        try:
            chunk = await self._envelopes.read()
        except Exception as error:  # noqa: BLE001 - it is raised again to whoever takes the next envelope
            self._error = error
        else:
            self._ready.extend(chunk)
            self._exhausted = len(chunk) < self._ahead
        self._reading = None
        self._news.set()
