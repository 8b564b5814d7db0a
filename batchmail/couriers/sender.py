"""A courier's connection, as the executor sees it."""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Self, TypeVar, cast

from batchmail.couriers.orders import (
    Became,
    Broke,
    Cancel,
    Close,
    Failed,
    GetReady,
    IsClosed,
    IsReady,
    Open,
    Opened,
    Order,
    Prepare,
    Remaining,
    Report,
    Transmit,
    Unprepared,
)
from batchmail.errors import BatchmailError
from batchmail.message import Message
from batchmail.outcome import Divided, Outcome, Rest
from batchmail.providers.base import NotHandedOver, Transmission

Expected = TypeVar("Expected", bound=Report)

#: A connection that was made ready for the next mail counts as ready for so many seconds. After that it is asked again:
#: a token may have expired, a server may have ended the connection.
READY_SECONDS = 1.0


class CourierLost(BatchmailError):
    """A courier has ended before its run: killed, out of memory."""

    exit_code = 4

    def __init__(self) -> None:
        super().__init__(
            "a worker process has ended unexpectedly: it was killed, or the machine has too little memory",
            "What it was sending is in doubt, and nothing more was begun. Run the command again for the rest.",
        )


class CourierSender:
    """One lane of a courier: a sender whose `prepare` fails a little later, in `ready` or when it is handed over.

    `tell` says an order on the line, and raises CourierLost where that is no more.
    """

    def __init__(self, lane: int, tell: Callable[[Order], None]) -> None:
        self._lane = lane
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._mail = 0
        self._unprepared: Unprepared | None = None
        self._expected: tuple[type[object], ...] = ()
        self._answer: asyncio.Future[Report] | None = None
        self._ready_at = -math.inf

    async def __aenter__(self) -> Self:
        try:
            await self._done(Open(self._lane), Opened)
        except asyncio.CancelledError:
            self._tell_at_last(Close(self._lane))
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        with suppress(CourierLost):
            await self._done(Close(self._lane), IsClosed)

    def prepare(self, message: Message) -> Transmission:
        """Have a message prepared by the courier, which does so while its intent is written."""
        self._mail += 1
        self._unprepared = None
        self._tell(Prepare(self._lane, self._mail, message))
        return partial(self._transmit, self._mail)

    async def ready(self) -> None:
        """Have the connection made ready, unless it is since the last mail. Raises why a message was not prepared."""
        if self._loop.time() - self._ready_at > READY_SECONDS:
            await self._done(GetReady(self._lane), IsReady)
        if self._unprepared is not None:
            raise self._unprepared.failure.error()

    def hear(self, report: Report) -> None:
        """What the courier says of this lane."""
        match report:
            case IsReady():
                self._ready_at = self._loop.time()
            case Unprepared(_, mail) | Became(_, mail) | Broke(_, mail) if mail != self._mail:
                return  # it comes late, of a mail that is over for the run
            case Failed(_, _, expected) if expected not in self._expected:
                return  # it comes late as well
            case Unprepared():
                self._unprepared = report
            case Became() | Broke():
                self._ready_at = -math.inf  # what was said before it, was about this mail
        if self._answer is not None and not self._answer.done() and isinstance(report, self._expected):
            self._answer.set_result(report)

    def lose(self, lost: CourierLost) -> None:
        """The courier is no more, and what it was doing may be done."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(lost)

    async def _transmit(self, mail: int) -> Outcome:
        if mail != self._mail:
            raise NotHandedOver(RuntimeError("another message has been prepared since"))
        self._ready_at = -math.inf
        if self._unprepared is not None:
            raise NotHandedOver(self._unprepared.failure.error())
        try:
            self._tell(Transmit(self._lane, mail))
        except CourierLost as lost:
            raise NotHandedOver(lost) from lost
        match await self._transmitted():
            case Became(_, _, Divided() as outcome, Remaining(copies, refused)):
                return replace(outcome, rest=Rest(copies, refused, partial(self._transmit, mail)))
            case Became(_, _, outcome):
                return outcome
            case Broke(_, _, failure, handed_over=True):
                raise failure.error()
            case Broke(_, _, failure) | Unprepared(_, _, failure):
                raise NotHandedOver(failure.error())

    async def _transmitted(self) -> Became | Broke | Unprepared:
        try:
            return await self._heard(Became, Broke, Unprepared)
        except asyncio.CancelledError:
            self._tell_at_last(Cancel(self._lane))
            raise

    def _tell_at_last(self, order: Order) -> None:
        """Tell it and wait for nothing; a courier that is no more needs no telling."""
        with suppress(CourierLost):
            self._tell(order)

    async def _done(self, order: Order, expected: type[Report]) -> None:
        """Have an order done. Raises what the courier has raised, and CourierLost."""
        self._tell(order)
        report = await self._heard(expected, Failed)
        if isinstance(report, Failed):
            raise report.failure.error()

    async def _heard(self, *expected: type[Expected]) -> Expected:
        """The next report of one of these kinds. Raises CourierLost."""
        self._expected = expected
        self._answer = self._loop.create_future()
        return cast(Expected, await self._answer)
