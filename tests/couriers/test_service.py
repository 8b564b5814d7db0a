"""Mails through a courier in the same loop: whatever its connections do, the run is told as if they were its own."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.couriers.crew import Crew
from batchmail.couriers.failure import CourierFailed
from batchmail.couriers.line import Line
from batchmail.couriers.orders import Open, Order, Prepare, Report, Transmit
from batchmail.couriers.sender import CourierLost
from batchmail.couriers.service import serve
from batchmail.errors import BatchmailError, InputChanged
from batchmail.location import TextLocation
from batchmail.message import Message
from batchmail.outcome import Allowance, Closed, Divided, InDoubt, Outcome, Refused, Rejected, Rest, Sent
from batchmail.providers.base import GetsReady, NotHandedOver, Sender
from batchmail.secret import Secret, SecretMissing
from tests.couriers.desk import Halt, Script, StillLoop, desk, mail, nothing, played

ALLOWANCE = Allowance(7, 30.0)
REFUSED = Refused(
    "429",
    "too many",
    retry_after_seconds=1.5,
    attempt=False,
    reached=False,
    strained=False,
    crowded=True,
    patient=True,
    allowance=ALLOWANCE,
    hint="Look there.",
)
SHARES = {"kim@example.com": Rejected("550", "no such mailbox", ALLOWANCE)}
DOUBTS = {"sato@example.jp": InDoubt("no answer")}

OUTCOMES: list[Outcome] = [
    Sent(),
    Sent("id-7", ALLOWANCE),
    Rejected("400", "bad address", ALLOWANCE),
    REFUSED,
    InDoubt("no answer within 60 s"),
    Closed("401", "the token was refused", "Log in again."),
    Divided(SHARES, DOUBTS, "id-7"),
    Divided(SHARES),
]


class Bug(Exception):
    """A bug of a plug-in."""


def raising(error: Exception) -> Callable[..., NoReturn]:
    def run_into_it(*_: object) -> NoReturn:
        raise error

    return run_into_it


def failing(error: BaseException) -> Callable[..., Awaitable[NoReturn]]:
    async def run_into_it(*_: object) -> NoReturn:
        raise error

    return run_into_it


def answering(outcome: object) -> Callable[[Message], Awaitable[Outcome]]:
    async def answer(_: Message) -> Outcome:
        return cast(Outcome, outcome)

    return answer


def one_after_another(scripts: Sequence[Script]) -> Callable[[], Sender]:
    """Opens a connection for each script."""
    left = iter(scripts)
    return lambda: next(left).open()


async def ready(sender: Sender) -> None:
    assert isinstance(sender, GetsReady)
    await sender.ready()


async def handed_over(sender: Sender, message: Message) -> Outcome:
    """The way of the executor."""
    transmission = sender.prepare(message)
    await ready(sender)
    return await transmission()


@pytest.mark.parametrize("outcome", OUTCOMES, ids=repr)
def test_outcomes_pass_unchanged(outcome: Outcome) -> None:
    async def scenario() -> None:
        async with desk(Script(answering=answering(outcome)).open) as here, here.crew.open_sender() as sender:
            assert repr(await handed_over(sender, mail())) == repr(outcome)  # allowances do not count for equality

    played(scenario())


def test_outcomes_pass_whatever_mappings_a_plug_in_has() -> None:
    outcome = Divided(MappingProxyType(SHARES), MappingProxyType(DOUBTS))

    async def scenario() -> None:
        async with desk(Script(answering=answering(outcome)).open) as here, here.crew.open_sender() as sender:
            assert repr(await handed_over(sender, mail())) == repr(Divided(SHARES, DOUBTS))

    played(scenario())


def test_what_is_left_of_a_mail_can_be_transmitted_round_after_round() -> None:
    rounds: list[int] = []

    async def next_round(_: Message | None = None) -> Outcome:
        rounds.append(len(rounds))
        left = 3 - len(rounds)
        return Divided(SHARES, rest=Rest(left, REFUSED, next_round)) if left else Sent("all")

    async def scenario() -> None:
        async with desk(Script(answering=next_round).open) as here, here.crew.open_sender() as sender:
            outcome, left = await handed_over(sender, mail()), []
            while isinstance(outcome, Divided) and outcome.rest is not None:
                left.append((outcome.rest.copies, repr(outcome.rest.refused)))
                outcome = await outcome.rest.transmit()
            assert left == [(2, repr(REFUSED)), (1, repr(REFUSED))]
            assert outcome == Sent("all")
            assert rounds == [0, 1, 2]

    played(scenario())


def test_a_message_that_cannot_be_prepared_is_told_before_a_byte_leaves() -> None:
    script = Script(preparing=raising(InputChanged("invoice.pdf")))

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            transmission = sender.prepare(mail())
            with pytest.raises(BatchmailError, match=r"invoice\.pdf changed") as told:
                await ready(sender)
            assert told.value.hint == InputChanged("").hint
            with pytest.raises(NotHandedOver, match=r"invoice\.pdf changed"):
                await transmission()
            with pytest.raises(NotHandedOver, match=r"invoice\.pdf changed"):
                await sender.prepare(mail())()
        assert script.log == ["open", "ready", "close"]

    played(scenario())


def test_a_failure_before_the_hand_over_is_none_after_it() -> None:
    script = Script(answering=failing(NotHandedOver(BatchmailError("no token", "Log in."))))

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            with pytest.raises(NotHandedOver) as unsent:
                await handed_over(sender, mail())
            cause = unsent.value.cause
            assert isinstance(cause, BatchmailError)
            assert (cause.message, cause.hint) == ("no token", "Log in.")

    played(scenario())


class Wordless(Exception):
    """An exception that has not even a text."""

    def __str__(self) -> str:
        raise Bug


@pytest.mark.parametrize("error", [Bug("pigeon"), Wordless(), asyncio.CancelledError()], ids=repr)
def test_a_bug_after_the_hand_over_is_told_with_its_traceback(error: BaseException) -> None:
    async def scenario() -> None:
        async with desk(Script(answering=failing(error)).open) as here, here.crew.open_sender() as sender:
            with pytest.raises(CourierFailed, match="run_into_it"):
                await handed_over(sender, mail())

    played(scenario())


def test_a_mail_that_failed_after_the_hand_over_is_told_as_a_batchmail_error_where_it_is_one() -> None:
    script = Script(answering=failing(BatchmailError("no room", "Make some.")))

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            with pytest.raises(BatchmailError, match="no room"):
                await handed_over(sender, mail())

    played(scenario())


@pytest.mark.parametrize(
    "outcome",
    [Sent(cast(str, lambda: "7")), Divided({}, cast("dict[str, InDoubt]", 7))],
    ids=["it cannot be packed", "it makes no sense"],
)
def test_an_outcome_that_cannot_be_told_is_a_bug_and_disturbs_nobody_else(outcome: Outcome) -> None:
    script = Script(answering=answering(outcome))
    other = Halt()

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender, here.crew.open_sender() as second:
            script.answering = other
            waiting = asyncio.ensure_future(handed_over(second, mail()))
            await other.begun.wait()
            script.answering = answering(outcome)
            with pytest.raises(CourierFailed):
                await handed_over(sender, mail())
            other.go_on.set()
            assert await waiting == Sent("at last")

    played(scenario())


def test_a_message_that_cannot_be_packed_is_not_handed_over() -> None:
    script = Script()
    unfit = Message((), cast(str, lambda: "Invoice"), "")

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            sender.prepare(mail("at hand"))
            with pytest.raises(NotHandedOver):  # both orders in one turn
                await sender.prepare(unfit)()
            sender.prepare(unfit)
            with pytest.raises(CourierFailed):
                await ready(sender)
            assert await handed_over(sender, mail("next")) == Sent("next")
        assert [done for done in script.log if "transmit" in done] == ["transmit next"]

    played(scenario())


def test_a_mail_is_transmitted_once() -> None:
    script = Script()

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            transmission = sender.prepare(mail())
            assert await transmission() == Sent("Invoice 7")
            with pytest.raises(NotHandedOver, match="nothing at hand"):
                await transmission()
        assert script.times("transmit Invoice 7") == 1

    played(scenario())


FATES = ("sent", "rejected", "refused", "unprepared", "unsent", "broken", "cancelled")


@dataclass
class Course:
    """A connection that does to each mail what its subject says."""

    halt: Halt = field(default_factory=Halt)

    def __post_init__(self) -> None:
        self.script = Script(preparing=self._prepare, answering=self._answer)

    def _prepare(self, message: Message) -> None:
        if message.subject == "unprepared":
            raise InputChanged("invoice.pdf")

    async def _answer(self, message: Message) -> Outcome:
        match message.subject:
            case "rejected":
                return Rejected("550", "no")
            case "refused":
                return REFUSED
            case "unsent":
                raise NotHandedOver(Bug())
            case "broken":
                raise Bug
            case "cancelled":
                return await self.halt()
            case _:
                return Sent(message.subject)

    async def told(self, sender: Sender, fate: str) -> str:
        """What the run is told of a mail."""
        self.halt = Halt()
        task = asyncio.ensure_future(handed_over(sender, mail(fate)))
        if fate == "cancelled":
            await self.halt.begun.wait()
            task.cancel()
        await asyncio.wait([task])
        if task.cancelled():
            return "cancelled"
        match task.exception():
            case None:
                return type(task.result()).__name__.lower()
            case NotHandedOver(cause=cause):
                return "unprepared" if isinstance(cause, BatchmailError) else "unsent"
            case CourierFailed():
                return "broken"
            case error:
                return "unprepared" if isinstance(error, BatchmailError) else "?"


@given(st.lists(st.lists(st.sampled_from(FATES), max_size=6), min_size=1, max_size=3))
def test_of_every_mail_is_told_what_became_of_it_whatever_became_of_those_before(fates: list[list[str]]) -> None:
    async def told(sender: Sender, course: Course, fates: list[str]) -> list[str]:
        async with sender:
            return [await course.told(sender, fate) for fate in fates]

    async def scenario() -> None:
        courses = [Course() for _ in fates]
        async with desk(one_after_another([each.script for each in courses])) as here:
            ways = [told(here.crew.open_sender(), *each) for each in zip(courses, fates, strict=True)]
            assert await asyncio.gather(*ways) == fates
        for course, expected in zip(courses, fates, strict=True):
            done = [each.partition(" ")[2] for each in course.script.log if each.startswith("transmit")]
            transmitted = [each for each in done if not each.endswith(": cancelled")]
            assert transmitted == [fate for fate in expected if fate != "unprepared"]

    played(scenario())


def test_cancelling_a_transmission_cancels_it_at_the_courier() -> None:
    halt = Halt()
    script = Script(answering=halt)

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            transmitting = asyncio.ensure_future(handed_over(sender, mail()))
            await halt.begun.wait()
            transmitting.cancel()
            await asyncio.wait([transmitting])
            assert transmitting.cancelled()
            script.answering = answering(Sent("next"))
            assert await handed_over(sender, mail("next")) == Sent("next")
        assert script.times("transmit Invoice 7: cancelled") == 1

    played(scenario())


def test_a_connection_gets_ready_once_for_each_mail() -> None:
    script = Script()

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            for outcome in (Sent(), REFUSED, Sent()):
                script.answering = answering(outcome)
                await handed_over(sender, mail())
        transmitted = "transmit Invoice 7"
        # Before the first mail, after a mail that went well, and when the run asks for it after one that did not.
        assert script.log == [
            *("open", "ready", transmitted, "ready", transmitted, "ready", transmitted, "ready", "close"),
        ]

    played(scenario(), StillLoop)


def test_a_connection_does_one_thing_at_a_time() -> None:
    halt = Halt()
    script = Script(getting_ready=halt.wait)

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            first = asyncio.ensure_future(ready(sender))
            await halt.begun.wait()
            first.cancel()
            await asyncio.wait([first])
            handing_over = asyncio.ensure_future(handed_over(sender, mail()))
            async with here.crew.open_sender() as other:  # by then the orders before have been heard
                assert script.log == ["open", "ready", "open"]
                halt.go_on.set()
                assert await handing_over == Sent("Invoice 7")
                assert await handed_over(other, mail("other")) == Sent("other")

    played(scenario())


def test_why_a_connection_cannot_be_ready_for_a_mail_that_never_comes_is_nobodys_business() -> None:
    script = Script()

    async def answer(_: Message) -> Outcome:
        script.getting_ready = failing(BatchmailError("no token", "Log in."))
        return Sent("the last")

    script.answering = answer

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            assert await handed_over(sender, mail()) == Sent("the last")
        assert script.log[-2:] == ["ready", "close"]

    played(scenario())


def test_why_a_connection_cannot_be_ready_is_told_to_the_mail_that_asks() -> None:
    script = Script()

    async def answer(_: Message) -> Outcome:
        script.getting_ready = failing(BatchmailError("no token", "Log in."))
        return Sent()

    script.answering = answer

    async def scenario() -> None:
        async with desk(script.open) as here, here.crew.open_sender() as sender:
            await handed_over(sender, mail())
            with pytest.raises(BatchmailError, match="no token"):
                await handed_over(sender, mail())
        assert script.times("transmit Invoice 7") == 1

    played(scenario())


PLACE = TextLocation(Path("job.yaml"), 5, 16)


def test_why_a_connection_cannot_be_opened_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKS_ACCESS_TOKEN", raising=False)
    secret = Secret("env", "WORKS_ACCESS_TOKEN", PLACE)

    def reveal() -> NoReturn:
        raise AssertionError(secret.reveal())

    async def scenario() -> None:
        async with desk(reveal) as here:
            with pytest.raises(BatchmailError) as told:
                await here.crew.open_sender().__aenter__()
            with pytest.raises(SecretMissing) as itself:
                secret.reveal()
            assert (told.value.message, told.value.hint) == (itself.value.message, itself.value.hint)

    played(scenario())


@pytest.mark.parametrize("error", [Bug(), asyncio.CancelledError()], ids=repr)
@pytest.mark.parametrize("part", ["opening", "getting_ready", "closing"])
def test_a_bug_in_any_part_is_raised_there_and_waited_for_by_nobody(part: str, error: BaseException) -> None:
    script = Script()
    setattr(script, part, failing(error))

    async def scenario() -> None:
        async with desk(script.open) as here:
            with pytest.raises(CourierFailed, match="run_into_it"):
                async with here.crew.open_sender() as sender:
                    await ready(sender)

    played(scenario())


def test_who_does_not_wait_for_a_connection_leaves_none_open() -> None:
    halt = Halt()
    script = Script(opening=halt.wait)

    async def scenario() -> None:
        async with desk(script.open) as here:
            opening = asyncio.ensure_future(here.crew.open_sender().__aenter__())
            await halt.begun.wait()
            opening.cancel()
            await asyncio.wait([opening])
            script.opening = nothing
            async with here.crew.open_sender():
                assert script.log == ["open", "open: cancelled", "open"]

    played(scenario())


def test_closing_a_connection_cancels_what_it_does_and_closes_it() -> None:
    halt = Halt()
    script = Script(getting_ready=halt.wait)

    async def scenario() -> None:
        async with desk(script.open) as here:
            async with here.crew.open_sender() as sender:
                getting_ready = asyncio.ensure_future(ready(sender))
                await halt.begun.wait()
                getting_ready.cancel()
                await asyncio.wait([getting_ready])
            assert script.log == ["open", "ready", "ready: cancelled", "close"]

    played(scenario())


def test_several_connections_do_not_disturb_each_other() -> None:
    halts = [Halt(), Halt(), Halt()]

    async def scenario() -> None:
        scripts = [Script(answering=halt) for halt in halts]
        async with desk(one_after_another(scripts)) as here, AsyncExitStack() as stack:
            senders = [await stack.enter_async_context(here.crew.open_sender()) for _ in halts]
            tasks = [asyncio.ensure_future(handed_over(sender, mail())) for sender in senders]
            for halt in halts:
                await halt.begun.wait()
            tasks[0].cancel()
            halts[2].go_on.set()
            assert await tasks[2] == Sent("at last")
            assert not tasks[1].done()
            halts[1].go_on.set()
            assert await tasks[1] == Sent("at last")

    played(scenario())


def test_when_a_courier_ends_only_what_it_has_begun_is_in_doubt() -> None:
    halt = Halt()

    async def scenario() -> None:
        async with desk(Script(answering=halt).open) as here, AsyncExitStack() as stack:
            senders = [await stack.enter_async_context(here.crew.open_sender()) for _ in range(3)]
            in_flight = asyncio.ensure_future(handed_over(senders[0], mail()))
            prepared = senders[1].prepare(mail())
            await halt.begun.wait()
            here.kill_courier()
            with pytest.raises(CourierLost):
                await in_flight
            with pytest.raises(NotHandedOver) as unsent:
                await prepared()
            assert isinstance(unsent.value.cause, CourierLost)
            with pytest.raises(CourierLost):
                senders[2].prepare(mail())
            with pytest.raises(CourierLost):
                await here.crew.open_sender().__aenter__()

    played(scenario())


def test_a_courier_that_ended_before_it_was_reached_opens_nothing() -> None:
    async def scenario() -> None:
        near, far = socket.socketpair()
        with near:
            far.close()
            async with Crew([near]) as crew:
                with pytest.raises(CourierLost):
                    await crew.open_sender().__aenter__()

    played(scenario())


def test_when_the_run_ends_its_courier_leaves_everything_at_once() -> None:
    halts = [Halt(), Halt()]
    scripts = [Script(answering=halt) for halt in halts]

    async def scenario() -> None:
        async with desk(one_after_another(scripts)) as here:
            senders = [await here.crew.open_sender().__aenter__() for _ in halts]
            tasks = [asyncio.ensure_future(handed_over(sender, mail())) for sender in senders]
            for halt in halts:
                await halt.begun.wait()
            here.kill_run()
            await here.service
            assert [script.log[-1] for script in scripts] == ["transmit Invoice 7: cancelled"] * 2
            await asyncio.wait(tasks)
            assert all(isinstance(task.exception(), CourierLost) for task in tasks)

    played(scenario())


def test_what_a_run_has_ordered_just_before_its_end_is_not_begun_after_it() -> None:
    script = Script()

    async def scenario() -> None:
        near, far = socket.socketpair()
        near.setblocking(False)
        with near:
            service = asyncio.create_task(serve(far, script.open))
            heard: list[Report] = []
            opened = asyncio.Event()

            def hear(report: Report) -> None:
                heard.append(report)
                opened.set()

            line: Line[Order, Report] = Line(hear, lambda: None, raising_for_all)
            await asyncio.get_running_loop().connect_accepted_socket(lambda: line, near)
            line.say(Open(0))
            await opened.wait()
            line.say(Prepare(0, 1, mail()))
            line.say(Transmit(0, 1))
            line.hang_up()  # all in one turn: a courier that was frozen finds it like this
            await service
        assert script.log == ["open"]

    played(scenario())


def raising_for_all(what: object, error: Exception) -> NoReturn:
    raise AssertionError(what) from error


def test_a_courier_leaves_what_does_not_end_when_its_run_has_ended() -> None:
    halt = Halt()

    async def stubborn(_: Message) -> Outcome:
        with suppress(asyncio.CancelledError):
            await halt()
        return await halt()

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, StillLoop)
        async with desk(Script(answering=stubborn).open) as here:
            sender = await here.crew.open_sender().__aenter__()
            sending = asyncio.ensure_future(handed_over(sender, mail()))
            await halt.begun.wait()
            here.kill_run()
            for _ in range(50):  # turns of the loop, in each of which a second passes
                loop.now += 1.0
                await asyncio.sleep(0)
            assert here.service.done()
            assert isinstance(sending.exception(), CourierLost)
            halt.go_on.set()
            left = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*left)

    played(scenario(), StillLoop)


def test_crews_take_turns() -> None:
    scripts = [Script(), Script()]

    async def scenario() -> None:
        ends = [socket.socketpair() for _ in scripts]
        services = [
            asyncio.create_task(serve(far, script.open)) for (_, far), script in zip(ends, scripts, strict=True)
        ]
        async with Crew([near for near, _ in ends]) as crew:
            for _ in range(6):
                async with crew.open_sender():
                    pass
        await asyncio.gather(*services)
        assert [script.times("open") for script in scripts] == [3, 3]

    played(scenario())
