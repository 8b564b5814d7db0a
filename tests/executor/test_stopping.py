"""Whatever stops a run, what is in flight is waited for and recorded, and the rest stays queued."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.delivery import Counts, DeliveryState, Envelope
from batchmail.errors import InputChanged, JournalUnusable
from batchmail.executor.executor import BROKEN, INTERRUPTED, STOPPED, UNSENT, run
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import Progress, RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec
from batchmail.message import Message
from batchmail.outcome import Outcome, Refused, Sent
from batchmail.providers.base import NotHandedOver
from batchmail.rate import Rate
from batchmail.secret import SecretMissing
from batchmail.simulation import Answer, Script, ScriptedSender, SimulatedClock, Tape, simulate
from tests.executor.world import World, answers, ending, envelope, states


def test_a_changed_attachment_stops_the_run_before_its_intent() -> None:
    world = World(
        map(envelope, range(9)),
        spec=SendSpec(concurrency=1),
        refuse_to_prepare=lambda message: InputChanged("logo.png") if message.subject == "3" else None,
    )
    result = world.run()
    assert isinstance(result.error, InputChanged)
    assert result.counts == Counts(sent=3)
    assert {step.delivery for step in world.tape.steps} == {0, 10, 20}


def test_a_missing_secret_stops_the_run_before_anything_is_sent() -> None:
    error = SecretMissing("the environment variable TOKEN is not set", "Set it first.")

    async def scenario(clock: SimulatedClock) -> RunResult:
        def open_sender() -> ScriptedSender:
            raise error

        return await run(map(envelope, range(3)), Setup(tape, open_sender, Limiter([], clock), clock))

    tape = Tape()
    assert simulate(scenario).error is error
    assert tape.commits == []


@pytest.mark.parametrize("commit", range(6))
def test_when_the_journal_fails_nothing_more_is_sent(commit: int) -> None:
    error = JournalUnusable(Path("journal.db"), "disk full")
    failed_at: list[int] = []

    def fault(number: int) -> Exception | None:
        if number < commit:
            return None
        failed_at.append(len(world.script.handed_over))
        return error

    world = World(map(envelope, range(50)), tape=Tape(fault=fault))
    result = world.run()
    assert result.error is error
    assert failed_at == [len(world.subjects)]


def test_a_feed_that_fails_stops_the_run_after_what_is_in_flight() -> None:
    def feed() -> Iterator[Envelope]:
        yield from map(envelope, range(4))
        raise InputChanged("recipients.csv")

    result = World(feed()).run()
    assert isinstance(result.error, InputChanged)
    assert result.counts.sending == 0


def test_a_bug_of_a_sender_puts_its_mail_in_doubt_and_is_raised_when_the_others_are_recorded() -> None:
    world = World(map(envelope, range(9)), lambda _m, n: Answer(KeyError("bug") if n == 0 else Sent(), n + 1))
    with pytest.raises(KeyError, match="bug"):
        world.run()
    assert world.tape.state(0) is DeliveryState.IN_DOUBT
    assert world.tape.state(10) is DeliveryState.SENT
    assert [step.reason for step in world.tape.steps if step.delivery == 0] == ["", BROKEN]
    assert world.subjects == ["0", "1"]


def test_a_bug_before_anything_was_handed_over_puts_nobody_in_doubt() -> None:
    bug = NotHandedOver(KeyError("bug"))
    world = World(map(envelope, range(9)), lambda _m, n: Answer(bug if n == 0 else Sent(), n + 1))
    with pytest.raises(KeyError, match="bug"):
        world.run()
    assert world.tape.state(0) is DeliveryState.QUEUED
    assert world.tape.state(10) is DeliveryState.SENT
    assert [step.reason for step in world.tape.steps if step.delivery == 0] == ["", UNSENT]
    assert world.progress[-1].counts == Counts(sent=1)


def test_a_failure_that_can_be_explained_stops_such_a_run_in_order() -> None:
    changed = InputChanged("logo.png")
    world = World(map(envelope, range(9)), answers(NotHandedOver(changed)))
    assert world.run().error is changed
    assert world.tape.state(0) is DeliveryState.QUEUED


def test_a_bug_between_the_copies_of_a_mail_puts_it_in_doubt() -> None:
    async def scenario(clock: SimulatedClock) -> None:
        script = Script(clock, answers(NotHandedOver(KeyError("bug"))))
        setup = Setup(tape, script.open, Limiter([], clock), clock, in_copies=True)
        await run(map(envelope, range(1)), setup)

    tape = Tape()
    with pytest.raises(KeyError, match="bug"):
        simulate(scenario)
    assert tape.state(0) is DeliveryState.IN_DOUBT


def test_an_answer_that_is_none_is_such_a_bug() -> None:
    world = World([envelope(1)], lambda _m, _n: Answer(None))  # type: ignore[arg-type]  # what a bad plug-in may do
    with pytest.raises(AssertionError):
        world.run()
    assert world.tape.state(10) is DeliveryState.IN_DOUBT


def test_a_sender_that_cancels_itself_is_such_a_bug_too() -> None:
    async def scenario(clock: SimulatedClock) -> None:
        class Cancelled(Script):
            async def transmit(self, message: Message) -> Outcome:
                raise asyncio.CancelledError(message.subject)

        script = Cancelled(clock, answers())
        await run(map(envelope, range(1)), Setup(tape, script.open, Limiter([], clock), clock))

    tape = Tape()
    with pytest.raises(RuntimeError, match="cancelled by nobody"):
        simulate(scenario)
    assert tape.state(0) is DeliveryState.IN_DOUBT


def test_a_display_that_fails_puts_nothing_in_doubt() -> None:
    def watch(_progress: Progress) -> None:
        raise ZeroDivisionError

    world = World(map(envelope, range(9)), watch=watch)
    with pytest.raises(ZeroDivisionError):
        world.run()
    assert world.subjects == ["0"]
    assert [world.tape.state(delivery) for delivery in (0, 10)] == [DeliveryState.SENT, DeliveryState.QUEUED]


def test_the_first_interruption_waits_for_what_is_in_flight() -> None:
    world = World(map(envelope, range(50)), answers(seconds=10), interrupted_at=(15,))
    assert ending(world.run()) == (Counts(sent=4), 4, 20, True)


def test_the_first_interruption_ends_waiting_for_a_token_at_once() -> None:
    world = World(map(envelope, range(50)), answers(), rates=(Rate(1, 3600.0),), interrupted_at=(60,))
    assert ending(world.run()) == (Counts(sent=1), 1, 60, True)
    assert len(world.tape.steps) == 2


def test_the_first_interruption_ends_waiting_for_a_retry_at_once() -> None:
    busy = Refused("503", "busy", retry_after_seconds=600)
    world = World([envelope(1)], answers(busy), interrupted_at=(60,))
    assert ending(world.run()) == (Counts(), 1, 60, True)
    assert world.tape.state(10) is DeliveryState.QUEUED


def test_an_interruption_between_intent_and_transmission_takes_the_intent_back() -> None:
    world = World([envelope(1)], answers(), interrupted_at=(0.015,))
    assert world.run().requests == 0
    assert states(world) == [(10, DeliveryState.SENDING), (10, DeliveryState.QUEUED)]
    assert world.tape.steps[-1].reason == STOPPED


def test_a_second_interruption_before_the_transmission_puts_nothing_in_doubt() -> None:
    world = World([envelope(1)], answers(), interrupted_at=(0.015, 0.016))
    assert ending(world.run()) == (Counts(), 0, 0, True)
    assert states(world) == [(10, DeliveryState.SENDING), (10, DeliveryState.QUEUED)]


def test_the_second_interruption_waits_for_nothing_and_what_was_in_flight_is_in_doubt() -> None:
    world = World(map(envelope, range(50)), answers(seconds=100), interrupted_at=(15, 16))
    assert ending(world.run()) == (Counts(in_doubt=2), 2, 16, True)
    assert {step.reason for step in world.tape.steps if step.state is DeliveryState.IN_DOUBT} == {INTERRUPTED}


def test_a_run_that_is_cancelled_from_outside_leaves_a_complete_journal() -> None:
    tape = Tape()

    async def scenario(clock: SimulatedClock) -> None:
        setup = Setup(tape, Script(clock, answers(seconds=100)).open, Limiter([], clock), clock)
        running = asyncio.create_task(run(map(envelope, range(50)), setup))
        await clock.sleep(10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    simulate(scenario, thread_seconds=lambda: 0.01)
    assert [tape.state(number * 10) for number in range(17)] == [DeliveryState.IN_DOUBT] * 16 + [DeliveryState.QUEUED]


def run_with_a_quota(longest_wait_seconds: float | None) -> RunResult:
    """Three mails through an hour that takes two."""

    async def scenario(clock: SimulatedClock) -> RunResult:
        script = Script(clock, lambda _message, _number: Answer(Sent(), 1))
        setup = Setup(
            Tape(), script.open, Limiter([Rate(2, 3600)], clock), clock, longest_wait_seconds=longest_wait_seconds
        )
        return await run(map(envelope, range(3)), setup)

    return simulate(scenario, thread_seconds=lambda: 0.01)


def test_a_run_that_would_wait_for_too_long_ends_instead_and_says_until_when() -> None:
    result = run_with_a_quota(900.0)
    assert result.closed is not None
    assert "nothing may leave before 2026-" in result.closed.reason
    assert "the limit of 2/h is reached" in result.closed.reason
    assert result.counts.sent < 3
    assert result.seconds < 900.0


@pytest.mark.parametrize("longest", [None, 4000.0])
def test_a_run_waits_as_long_as_it_may(longest: float | None) -> None:
    result = run_with_a_quota(longest)
    assert (result.closed, result.counts.sent) == (None, 3)
