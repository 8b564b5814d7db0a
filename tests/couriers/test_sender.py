"""One connection of a courier, as the run has it: which report counts for which mail, whatever comes when."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.couriers.failure import CourierFailed, Failure
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
    Report,
    Transmit,
    Unprepared,
)
from batchmail.couriers.sender import READY_SECONDS, CourierLost, CourierSender
from batchmail.errors import BatchmailError
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import NotHandedOver
from tests.couriers.desk import StillLoop, mail

T = TypeVar("T")

LATE = Failure("an earlier mail", "It is over.")
REFUSED = Refused("429", "too many")


@dataclass
class Run:
    """A run's end of one connection; what it orders is kept, what the courier reports is up to the test."""

    loop: StillLoop
    orders: list[str] = field(default_factory=list)  # as texts: orders are tuples, which are alike in all kinds
    lost: bool = False

    def __post_init__(self) -> None:
        self.sender = CourierSender(0, self._tell)

    def _tell(self, order: Order) -> None:
        if self.lost:
            raise CourierLost
        self.orders.append(repr(order))

    async def begin(self, doing: Awaitable[T], *reports: Report) -> "asyncio.Future[T]":
        """Begin something; what is reported when it waits, comes at once."""
        task = asyncio.ensure_future(doing)
        await asyncio.sleep(0)
        for report in reports:
            self.sender.hear(report)
        await asyncio.sleep(0)
        return task

    async def get_ready(self) -> bool:
        """Whether the courier is asked for it."""
        before = len(self.orders)
        getting_ready = await self.begin(self.sender.ready())
        asked = self.orders[before:] == [repr(GetReady(0))]
        assert getting_ready.done() is not asked
        if asked:
            self.sender.hear(IsReady(0))
        await getting_ready
        return asked

    def lose(self) -> None:
        """As the crew does it."""
        self.lost = True
        self.sender.lose(CourierLost())


def played(scenario: Callable[[Run], Awaitable[None]]) -> None:
    """A scenario in a loop of its own. Nothing in it waits for anything but what the test reports."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, StillLoop)
        await scenario(Run(loop))

    with asyncio.Runner(loop_factory=StillLoop) as runner:
        runner.run(run())


def test_a_connection_is_opened_used_and_closed_by_orders() -> None:
    async def scenario(run: Run) -> None:
        assert await (await run.begin(run.sender.__aenter__(), Opened(0))) is run.sender
        transmission = run.sender.prepare(mail())
        await (await run.begin(run.sender.ready(), IsReady(0)))
        assert await (await run.begin(transmission(), Became(0, 1, Sent("7")))) == Sent("7")
        await (await run.begin(run.sender.__aexit__(), IsClosed(0)))
        assert run.orders == [*map(repr, (Open(0), Prepare(0, 1, mail()), GetReady(0), Transmit(0, 1), Close(0)))]

    played(scenario)


def late_reports(mail_number: int) -> st.SearchStrategy[list[Report]]:
    each: st.SearchStrategy[Report] = st.sampled_from(
        [
            Unprepared(0, mail_number, LATE),
            Broke(0, mail_number, LATE, handed_over=False),
            Broke(0, mail_number, LATE, handed_over=True),
            Became(0, mail_number, Sent("late")),
            Became(0, mail_number, REFUSED),
            IsReady(0),
            Failed(0, LATE, IsReady),
        ]
    )
    return st.lists(each, max_size=5)


@given(st.tuples(late_reports(1), late_reports(1), late_reports(1)))
def test_what_is_reported_late_of_an_earlier_mail_never_counts_for_a_later_one(
    late: tuple[list[Report], list[Report], list[Report]],
) -> None:
    async def scenario(run: Run) -> None:
        earlier = await run.begin(run.sender.prepare(mail("1"))())
        earlier.cancel()
        await asyncio.gather(earlier, return_exceptions=True)
        transmission = run.sender.prepare(mail("2"))
        for report in late[0]:
            run.sender.hear(report)
        getting_ready = await run.begin(run.sender.ready(), *(each for each in late[1] if not isinstance(each, Failed)))
        run.sender.hear(IsReady(0))
        await getting_ready
        told = await run.begin(transmission(), *late[2])
        assert not told.done()
        run.sender.hear(Became(0, 2, Sent("2")))
        assert await told == Sent("2")

    played(scenario)


def test_a_mail_is_not_handed_over_in_the_place_of_another() -> None:
    async def scenario(run: Run) -> None:
        first = run.sender.prepare(mail("1"))
        run.sender.prepare(mail("2"))
        with pytest.raises(NotHandedOver):
            await first()
        assert not any(order.startswith("Transmit") for order in run.orders)

    played(scenario)


@pytest.mark.parametrize("when", ["before it is made ready", "while it is made ready", "with the transmission"])
def test_why_a_message_was_not_prepared_is_told_however_late_it_is_reported(when: str) -> None:
    unprepared = Unprepared(0, 1, Failure("invoice.pdf changed", "Plan again."))

    async def scenario(run: Run) -> None:
        transmission = run.sender.prepare(mail())
        if when == "before it is made ready":
            run.sender.hear(unprepared)
        if when != "with the transmission":
            getting_ready = await run.begin(run.sender.ready(), unprepared, IsReady(0))
            with pytest.raises(BatchmailError, match="changed") as told:
                await getting_ready
            assert (told.value.message, told.value.hint) == ("invoice.pdf changed", "Plan again.")
        transmitting = await run.begin(transmission(), unprepared)
        with pytest.raises(NotHandedOver) as unsent:
            await transmitting
        assert isinstance(unsent.value.cause, BatchmailError)
        if when != "with the transmission":
            assert repr(Transmit(0, 1)) not in run.orders

    played(scenario)


def test_a_message_that_was_not_prepared_says_nothing_of_the_next() -> None:
    async def scenario(run: Run) -> None:
        run.sender.prepare(mail("1"))
        run.sender.hear(Unprepared(0, 1, LATE))
        transmission = run.sender.prepare(mail("2"))
        assert await run.get_ready()
        assert await (await run.begin(transmission(), Became(0, 2, Sent()))) == Sent()

    played(scenario)


def test_what_fails_before_the_hand_over_is_told_apart_from_what_fails_after_it() -> None:
    bug = Failure("", trace="Traceback: in pigeon.py")

    async def scenario(run: Run) -> None:
        before = await run.begin(run.sender.prepare(mail())(), Broke(0, 1, bug, handed_over=False))
        with pytest.raises(NotHandedOver) as unsent:
            await before
        assert isinstance(unsent.value.cause, CourierFailed)
        after = await run.begin(run.sender.prepare(mail())(), Broke(0, 2, bug, handed_over=True))
        with pytest.raises(CourierFailed, match=r"pigeon\.py"):
            await after

    played(scenario)


def test_a_connection_is_made_ready_again_only_after_a_while() -> None:
    async def scenario(run: Run) -> None:
        assert await run.get_ready()
        run.loop.now += READY_SECONDS
        assert not await run.get_ready()
        run.loop.now += READY_SECONDS / 2
        assert await run.get_ready()

    played(scenario)


@pytest.mark.parametrize(
    "outcome", [REFUSED, InDoubt("?"), Closed("401", "no", "Log in."), Sent(), Rejected("5", "no")]
)
@pytest.mark.parametrize("said_after", [False, True])
def test_a_connection_counts_as_ready_after_a_mail_only_where_the_courier_has_said_so(
    outcome: Outcome, *, said_after: bool
) -> None:
    async def scenario(run: Run) -> None:
        transmission = run.sender.prepare(mail())
        assert await run.get_ready()
        reports: list[Report] = [IsReady(0), Became(0, 1, outcome)]  # the first was said before this mail had left
        if said_after:
            reports.append(IsReady(0))
        assert await (await run.begin(transmission(), *reports)) == outcome
        assert await run.get_ready() is not said_after

    played(scenario)


def test_what_fails_while_a_connection_is_made_ready_is_raised() -> None:
    async def scenario(run: Run) -> None:
        getting_ready = await run.begin(run.sender.ready(), Failed(0, Failure("no token", "Log in."), IsReady))
        with pytest.raises(BatchmailError, match="no token"):
            await getting_ready

    played(scenario)


def test_why_a_connection_was_not_made_ready_is_no_failure_of_closing_it() -> None:
    async def scenario(run: Run) -> None:
        getting_ready = await run.begin(run.sender.ready())
        getting_ready.cancel()
        await asyncio.wait([getting_ready])
        await (await run.begin(run.sender.__aexit__(), Failed(0, LATE, IsReady), IsClosed(0)))
        closing = await run.begin(run.sender.__aexit__(), Failed(0, Failure("no goodbye"), IsClosed))
        with pytest.raises(BatchmailError, match="no goodbye"):
            await closing

    played(scenario)


def test_a_courier_that_ends_leaves_what_has_begun_in_doubt_and_nothing_else() -> None:
    async def scenario(run: Run) -> None:
        transmission = run.sender.prepare(mail())
        begun = await run.begin(transmission())
        run.lose()
        with pytest.raises(CourierLost):
            await begun
        with pytest.raises(NotHandedOver) as unsent:
            await transmission()
        assert isinstance(unsent.value.cause, CourierLost)
        with pytest.raises(CourierLost):
            await run.sender.ready()
        with pytest.raises(CourierLost):
            run.sender.prepare(mail())
        await run.sender.__aexit__()

    played(scenario)


@pytest.mark.parametrize("begin", ["__aenter__", "ready", "__aexit__"])
def test_whoever_waits_for_a_courier_that_ends_waits_no_longer(begin: str) -> None:
    async def scenario(run: Run) -> None:
        doing: Awaitable[Any] = getattr(run.sender, begin)()
        waiting = await run.begin(doing)
        run.lose()
        await asyncio.wait([waiting])
        raised = waiting.exception()
        assert raised is None if begin == "__aexit__" else isinstance(raised, CourierLost)

    played(scenario)


@pytest.mark.parametrize(("begin", "last"), [("__aenter__", Close(0)), ("transmit", Cancel(0))])
@pytest.mark.parametrize("lost", [False, True])
def test_who_waits_no_longer_tells_the_courier(begin: str, last: Order, *, lost: bool) -> None:
    async def scenario(run: Run) -> None:
        doing: Awaitable[Any] = run.sender.__aenter__() if begin == "__aenter__" else run.sender.prepare(mail())()
        waiting = await run.begin(doing)
        run.lost = lost
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        assert (run.orders[-1] == repr(last)) is not lost

    played(scenario)
