"""One connection of a courier, and the message it has at hand."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import assert_never

from batchmail.couriers.failure import Failure
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
from batchmail.message import Message
from batchmail.outcome import Divided, Outcome, Rejected, Sent
from batchmail.providers.base import Connection, NotHandedOver, Sender, Transmission


class Lane:
    """Does what the run orders for one connection, and reports it.

    Nothing is begun where `is_over` tells that the run is no more: a courier that was frozen may wake up to orders that
    are long over, of mails that somebody has settled since.
    """

    def __init__(
        self,
        number: int,
        open_sender: Callable[[], Sender],
        report: Callable[[Report], None],
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        self._number = number
        self._open_sender = open_sender
        self._report = report
        self._is_over = is_over
        self._sender: Sender | None = None
        self._connection: Connection | None = None
        self._mail = 0
        self._at_hand: Transmission | None = None
        self._transmitting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        #: A sender does one thing at a time: while it gets ready, it neither does so once more nor transmits.
        self._turn = asyncio.Lock()

    def hear(self, order: Order) -> None:
        """An order; what takes its time is begun."""
        match order:
            case Prepare(_, mail, message):
                self._prepare(mail, message)
            case Transmit(_, mail):
                # What is at hand now is meant: another may be when its turn comes.
                self._transmitting = self._begin(self._transmit(mail, self._take(mail)))
            case GetReady():
                self._begin(self._get_ready())
            case Open():
                self._begin(self._done(self._open, Opened(self._number)))
            case Cancel():
                if self._transmitting is not None:
                    self._transmitting.cancel()
            case Close():
                self._begin(self._done(self._close, IsClosed(self._number)))
            case _:
                assert_never(order)

    async def give_up(self) -> None:
        """Leave everything as it is: the run is no more."""
        await _cancelled(self._tasks)

    def _begin(self, doing: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _done(self, doing: Callable[[], Awaitable[None]], done: Opened | IsReady | IsClosed) -> None:
        """Do something, and report it; or why it failed, for it is waited for."""
        try:
            await doing()
        except asyncio.CancelledError as error:
            if unasked := _unasked(error):
                self._report(Failed(self._number, Failure.of(unasked), type(done)))
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the run has to know
            self._report(Failed(self._number, Failure.of(error), type(done)))
        else:
            self._report(done)

    async def _open(self) -> None:
        self._sender = await self._open_sender().__aenter__()
        self._connection = Connection.of(self._sender)

    async def _close(self) -> None:
        await _cancelled([task for task in self._tasks if task is not asyncio.current_task()])
        if self._sender is not None:
            await self._sender.__aexit__(None, None, None)

    def _prepare(self, mail: int, message: Message) -> None:
        assert self._connection is not None
        self._mail, self._at_hand = mail, None
        try:
            self._at_hand = self._connection.prepare(message)
        except Exception as error:  # noqa: BLE001  as above
            self._report(Unprepared(self._number, mail, Failure.of(error)))

    async def _get_ready(self) -> None:
        assert self._connection is not None
        async with self._turn:
            await self._done(self._connection.ready, IsReady(self._number))

    async def _stay_ready(self) -> None:
        """Get ready for the next mail. Why that cannot be done, its own order tells, if there is a next."""
        assert self._connection is not None
        with suppress(Exception):
            await self._connection.ready()
            self._report(IsReady(self._number))

    def _take(self, mail: int) -> Transmission | None:
        """What is at hand, if it is this mail, and no more so from now on."""
        if mail != self._mail:
            return None
        at_hand, self._at_hand = self._at_hand, None
        return at_hand

    async def _transmit(self, mail: int, transmission: Transmission | None) -> None:
        async with self._turn:
            if self._is_over():
                return  # nobody hears what became of it
            if await self._transmitted(mail, transmission or _nothing_at_hand):
                await self._stay_ready()

    async def _transmitted(self, mail: int, transmission: Transmission) -> bool:
        """Transmit, and report it; gives whether the connection may be used for the next mail as it is."""
        try:
            outcome = await transmission()
            self._conclude(mail, outcome)
        except NotHandedOver as unsent:
            self._break(mail, unsent.cause, handed_over=False)
        except asyncio.CancelledError as error:
            if unasked := _unasked(error):
                self._break(mail, unasked, handed_over=True)
            raise
        except Exception as error:  # noqa: BLE001  as above
            self._break(mail, error, handed_over=True)
        else:
            return isinstance(outcome, Sent | Divided | Rejected)
        return False

    def _conclude(self, mail: int, outcome: Outcome) -> None:
        remaining = None
        if isinstance(outcome, Divided):
            if outcome.rest is not None:
                self._at_hand = outcome.rest.transmit
                remaining = Remaining(outcome.rest.copies, outcome.rest.refused)
            # Whatever mappings a plug-in has, these can be packed.
            outcome = replace(outcome, refused=dict(outcome.refused), doubtful=dict(outcome.doubtful), rest=None)
        self._report(Became(self._number, mail, outcome, remaining))

    def _break(self, mail: int, error: Exception, *, handed_over: bool) -> None:
        self._report(Broke(self._number, mail, Failure.of(error), handed_over=handed_over))


async def _nothing_at_hand() -> Outcome:
    raise NotHandedOver(RuntimeError("there was nothing at hand to transmit"))


def _unasked(cancelled: asyncio.CancelledError) -> Exception | None:
    """What to report of something that was cancelled by nobody: it would be waited for without end."""
    task = asyncio.current_task()
    if task is None or task.cancelling():
        return None
    failure = RuntimeError("a courier's connection was cancelled by nobody")
    failure.__cause__ = cancelled
    return failure


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    begun = list(tasks)
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)
