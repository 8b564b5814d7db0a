"""One connection at the courier: orders in any order, and what is reported of them."""

import asyncio
from collections.abc import Sequence

from batchmail.couriers.lane import Lane
from batchmail.couriers.orders import (
    Became,
    Broke,
    Cancel,
    Close,
    GetReady,
    IsClosed,
    IsReady,
    Open,
    Opened,
    Order,
    Prepare,
    Report,
    Transmit,
)
from batchmail.outcome import Sent
from tests.couriers.desk import Halt, Script, mail, played


class Courier:
    """A lane whose reports are kept; orders are heard all in one turn, then waited for."""

    def __init__(self, script: Script) -> None:
        self.reports: list[Report] = []
        self.run_is_over = False
        self.lane = Lane(0, script.open, self.reports.append, lambda: self.run_is_over)

    async def hear(self, *orders: Order) -> list[Report]:
        """What is reported of these."""
        before, others = len(self.reports), asyncio.all_tasks()
        for order in orders:
            self.lane.hear(order)
        if begun := asyncio.all_tasks() - others:
            await asyncio.wait(begun)
        return self.reports[before:]


def alike(reports: Sequence[Report], *expected: Report) -> bool:
    """Whether they are the same; as tuples, reports of different kinds may be equal."""
    return list(map(repr, reports)) == list(map(repr, expected))


def test_every_order_is_answered() -> None:
    async def scenario() -> None:
        courier = Courier(Script())
        assert alike(await courier.hear(Open(0)), Opened(0))
        assert alike(await courier.hear(Prepare(0, 1, mail())))
        assert alike(await courier.hear(GetReady(0)), IsReady(0))
        assert alike(await courier.hear(Transmit(0, 1)), Became(0, 1, Sent("Invoice 7")), IsReady(0))
        assert alike(await courier.hear(Close(0)), IsClosed(0))

    played(scenario())


def test_what_is_at_hand_when_it_is_ordered_is_transmitted() -> None:
    script = Script()

    async def scenario() -> None:
        courier = Courier(script)
        await courier.hear(Open(0))
        reports = await courier.hear(Prepare(0, 1, mail("1")), Transmit(0, 1), Prepare(0, 2, mail("2")))
        assert alike(reports, Became(0, 1, Sent("1")), IsReady(0))
        assert alike(await courier.hear(Transmit(0, 2)), Became(0, 2, Sent("2")), IsReady(0))

    played(scenario())


def test_another_mail_than_the_one_that_is_meant_is_never_transmitted() -> None:
    script = Script()

    async def scenario() -> None:
        courier = Courier(script)
        await courier.hear(Open(0))
        for number in (1, 3):
            [report] = await courier.hear(Prepare(0, 2, mail()), Transmit(0, number))
            assert isinstance(report, Broke)
            assert (report.mail, report.handed_over) == (number, False)
        assert script.log == ["open"]

    played(scenario())


def test_a_transmission_that_is_cancelled_before_it_has_begun_never_begins() -> None:
    script = Script()

    async def scenario() -> None:
        courier = Courier(script)
        await courier.hear(Open(0))
        assert not await courier.hear(Prepare(0, 1, mail()), Transmit(0, 1), Cancel(0))
        assert script.log == ["open"]

    played(scenario())


def test_nothing_to_cancel_is_no_failure() -> None:
    async def scenario() -> None:
        courier = Courier(Script())
        await courier.hear(Cancel(0), Open(0), Cancel(0))
        assert alike(await courier.hear(Close(0), Cancel(0)), IsClosed(0))

    played(scenario())


def test_a_transmission_waits_until_its_connection_is_ready() -> None:
    halt = Halt()
    script = Script(getting_ready=halt.wait)

    async def scenario() -> None:
        courier = Courier(script)
        await courier.hear(Open(0))
        await courier.hear(Prepare(0, 1, mail()))
        hearing = asyncio.ensure_future(courier.hear(GetReady(0), GetReady(0), Transmit(0, 1)))
        await halt.begun.wait()
        assert script.log == ["open", "ready"]
        halt.go_on.set()
        await hearing
        assert script.log == ["open", "ready", "ready", "transmit Invoice 7", "ready"]

    played(scenario())


def test_nothing_is_transmitted_once_the_run_is_over() -> None:
    script = Script()

    async def scenario() -> None:
        courier = Courier(script)
        await courier.hear(Open(0))
        await courier.hear(Prepare(0, 1, mail()))
        courier.run_is_over = True
        assert not await courier.hear(Transmit(0, 1))
        assert script.log == ["open"]

    played(scenario())


def test_giving_up_leaves_nothing_that_runs() -> None:
    halt = Halt()
    script = Script(answering=halt)

    async def scenario() -> None:
        courier = Courier(script)
        await courier.hear(Open(0))
        for order in (Prepare(0, 1, mail()), Transmit(0, 1), GetReady(0)):
            courier.lane.hear(order)
        await halt.begun.wait()
        await courier.lane.give_up()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert script.log == ["open", "transmit Invoice 7", "transmit Invoice 7: cancelled"]

    played(scenario())
