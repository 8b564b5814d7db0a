"""The couriers of one run: started together, used in its event loop, ended with it."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Self

from batchmail.couriers.failure import Failure
from batchmail.couriers.line import Line
from batchmail.couriers.orders import Order, Prepare, Report, Unprepared
from batchmail.couriers.process import PATIENCE_SECONDS, end, start
from batchmail.couriers.sender import CourierLost, CourierSender
from batchmail.providers.base import Sender
from batchmail.providers.errand import Errand


@contextmanager
def hired(errand: Errand, number: int) -> Iterator["Crew"]:
    """So many couriers, who begin at once to get ready for their errand. Raises NoCourier, CourierNotStarted."""
    with ExitStack() as stack:
        yield Crew([stack.enter_context(_hired(errand)) for _ in range(number)])


@contextmanager
def _hired(errand: Errand) -> Iterator[socket.socket]:
    process, near = start(errand)
    patience_seconds = PATIENCE_SECONDS
    try:
        yield near
    except KeyboardInterrupt:
        patience_seconds = 0.0
        raise
    finally:
        has_served = near.fileno() < 0  # the line has ended
        near.close()
        end(process, patience_seconds if has_served else 0.0)


class Crew:
    """Opens connections through couriers, turn by turn, inside its context and its event loop."""

    def __init__(self, lines: Sequence[socket.socket]) -> None:
        self._lines = lines
        self._couriers: list[_Courier] = []
        self._numbers = count()

    async def __aenter__(self) -> Self:
        for line in self._lines:
            courier = _Courier()
            await courier.reach(line)
            self._couriers.append(courier)
        return self

    async def __aexit__(self, *exc: object) -> None:
        for courier in self._couriers:
            await courier.leave()

    def open_sender(self) -> Sender:
        """A connection through the courier whose turn it is."""
        number = next(self._numbers)
        return self._couriers[number % len(self._couriers)].sender(number)


class _Courier:
    """One courier, by the line to it."""

    def __init__(self) -> None:
        self._senders: dict[int, CourierSender] = {}
        self._line: Line[Order, Report] = Line(self._hear, self._lose, self._keep)
        self._over = asyncio.Event()

    async def reach(self, line: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(lambda: self._line, line)

    async def leave(self) -> None:
        self._line.hang_up()
        await self._over.wait()

    def sender(self, lane: int) -> CourierSender:
        sender = self._senders[lane] = CourierSender(lane, self._tell)
        return sender

    def _tell(self, order: Order) -> None:
        if self._over.is_set():
            raise CourierLost
        self._line.say(order)

    def _hear(self, report: Report) -> None:
        self._senders[report.lane].hear(report)

    def _keep(self, order: Order, error: Exception) -> None:
        """A message that cannot be packed stays here. All other orders are numbers."""
        if isinstance(order, Prepare):
            self._hear(Unprepared(order.lane, order.mail, Failure.of(error)))

    def _lose(self) -> None:
        self._over.set()
        for sender in self._senders.values():
            sender.lose(CourierLost())
