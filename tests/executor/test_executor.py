"""The executor: each intent durable before its first byte, every mail settled once."""

import asyncio
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Self

import pytest

from batchmail.clock import SystemClock
from batchmail.delivery import Counts, DeliveryState, Envelope
from batchmail.executor.doorway import width
from batchmail.executor.executor import run
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec
from batchmail.message import Address, Message
from batchmail.outcome import InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.rate import Rate
from batchmail.simulation import Answer, Script, ScriptedSender, SimulatedClock, Tape, simulate
from tests.executor.world import CLOSED, REFUSED, World, answers, ending, envelope


def test_everything_is_sent_once_and_counted() -> None:
    world = World([envelope(1), envelope(2, deliveries=3), envelope(3)])
    assert ending(world.run()) == (Counts(sent=5), 3, 2, False)
    assert sorted(world.subjects) == ["1", "2", "3"]


def test_an_empty_run_opens_no_connection() -> None:
    world = World([])
    assert world.run().counts == Counts()
    assert world.script.opened == 0


def test_a_small_run_opens_no_more_connections_than_it_has_mails() -> None:
    world = World([envelope(1), envelope(2)], spec=SendSpec(concurrency=16))
    world.run()
    assert world.script.opened == 2


def test_the_intent_is_on_the_disk_when_the_transmission_begins() -> None:
    seen: list[DeliveryState] = []

    def answer(message: Message, _number: int) -> Answer:
        seen.append(world.tape.state(int(message.subject) * 10))
        return Answer(Sent())

    world = World(map(envelope, range(20)), answer)
    world.run()
    assert seen == [DeliveryState.SENDING] * 20


def test_the_token_comes_before_the_intent() -> None:
    world = World(map(envelope, range(3)), rates=(Rate(1, 60.0),), spec=SendSpec(concurrency=3))
    world.run()
    written = [step.at for step in world.tape.steps if step.state is DeliveryState.SENDING]
    assert written == ["2026-10-01T09:00:00+00:00", "2026-10-01T09:01:00+00:00", "2026-10-01T09:02:00+00:00"]
    assert world.times == pytest.approx([0, 60, 120], abs=1)


def test_results_are_recorded_with_reason_id_attempt_and_request() -> None:
    tape = Tape(requests=41)
    World([envelope(1, attempts=2)], answers(Sent("id-1")), tape).run()
    World([envelope(2)], answers(Rejected("INVALID", "no such\nuser")), tape).run()
    first, second = (step for step in tape.steps if step.state is not DeliveryState.SENDING)
    assert (first.state, first.provider_id, first.attempt, first.request) == (DeliveryState.SENT, "id-1", 3, 42)
    assert (second.state, second.reason, second.attempt) == (DeliveryState.REJECTED, "INVALID: no such user", 1)
    assert second.request == 43


def test_deliveries_that_travel_together_share_their_fate() -> None:
    world = World([envelope(1, deliveries=3)], answers(REFUSED, InDoubt("no answer within 120 s")))
    result = world.run()
    assert result.counts == Counts(in_doubt=3)
    assert result.requests == 2
    assert [(step.delivery, step.attempt, step.request) for step in world.tape.steps] == [
        (delivery, attempt, attempt) for attempt in (1, 1, 2, 2) for delivery in (10, 11, 12)
    ]


def test_a_refused_mail_is_tried_again_after_its_backoff_and_others_go_on() -> None:
    world = World(map(envelope, range(4)), answers(REFUSED), spec=SendSpec(concurrency=1))
    assert world.run().counts == Counts(sent=4)
    assert world.subjects == ["0", "1", "0", "2", "3"]


def test_attempts_used_up_fail_the_mail() -> None:
    world = World([envelope(1)], answers(*[REFUSED] * 9), spec=SendSpec(attempts=3))
    assert world.run().counts == Counts(failed=1)
    assert len(world.subjects) == 3
    assert world.tape.steps[-1].reason == "3 attempts used up, the last one: connection refused"


def test_a_rate_limit_makes_the_whole_run_wait_and_uses_up_no_attempt() -> None:
    limited = Refused("429", "slow down", retry_after_seconds=30, attempt=False)
    world = World(map(envelope, range(3)), answers(limited), spec=SendSpec(concurrency=1, attempts=1))
    assert world.run().counts == Counts(sent=3)
    assert world.times == pytest.approx([0, 31, 32, 33], abs=0.2)


def test_what_is_in_doubt_is_never_sent_again() -> None:
    world = World(map(envelope, range(3)), answers(InDoubt("no answer")), spec=SendSpec(concurrency=1))
    assert world.run().counts == Counts(sent=2, in_doubt=1)
    assert world.subjects == ["0", "1", "2"]


def test_a_closed_door_ends_the_run_and_leaves_the_rest_queued() -> None:
    world = World(map(envelope, range(100)), lambda _m, n: Answer(CLOSED if n == 5 else Sent(), 1 + n / 100))
    result = world.run()
    assert result.closed == CLOSED
    assert result.counts == Counts(sent=6)
    assert len(world.subjects) == 7
    assert world.tape.state(50) is DeliveryState.QUEUED


def test_doubts_in_a_row_end_the_run() -> None:
    world = World(map(envelope, range(100)), lambda _m, _n: Answer(InDoubt("no answer"), 1), doubts=5)
    result = world.run()
    assert result.closed is not None
    assert result.closed.reason.startswith("5 requests in a row ended in doubt")
    assert 5 <= result.counts.in_doubt <= 5 + world.spec.concurrency


def test_progress_shows_every_change() -> None:
    world = World([envelope(1), envelope(2)], rates=(Rate(1, 60.0),), spec=SendSpec(concurrency=1))
    world.run()
    assert [(each.counts.sending, each.counts.sent, each.requests) for each in world.progress] == [
        (1, 0, 1),
        (0, 1, 1),
        (0, 1, 1),
        (1, 1, 2),
        (0, 2, 2),
        (0, 2, 2),
    ]
    assert [round(each.waiting_seconds) for each in world.progress] == [0, 0, 59, 0, 0, 0]
    assert [each.waiting_for for each in world.progress] == ["", "", "the limit of 1/min is reached", "", "", ""]
    assert [each.in_flight for each in world.progress] == [1, 0, 0, 1, 0, 0]


def test_progress_tells_how_long_the_provider_s_limit_still_asks_for() -> None:
    world = World([envelope(1), envelope(2)], answers(seconds=10), rates=(Rate(1, 60.0),))
    world.run()
    assert [each.waiting_seconds for each in world.progress] == pytest.approx([60, 60, 50, 0, 0, 0], abs=0.5)


def test_progress_is_shown_no_more_often_than_asked_for_and_at_the_end() -> None:
    world = World(map(envelope, range(50)), answers(seconds=1), show_seconds=10.0, spec=SendSpec(concurrency=1))
    world.run()
    assert 6 <= len(world.progress) <= 7
    assert world.progress[-1].counts.sent == 50


def test_it_works_on_a_real_clock_and_with_real_threads() -> None:
    tape, threads = Tape(), set()

    class Instant:
        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *exc: object) -> None:
            threads.add(threading.get_ident())

        def prepare(self, message: Message) -> Callable[[], "asyncio.Future[Outcome]"]:
            def transmit() -> "asyncio.Future[Outcome]":
                assert tape.state(int(message.subject) * 10) is DeliveryState.SENDING
                answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
                answered.set_result(Sent())
                return answered

            return transmit

    clock = SystemClock()
    setup = Setup(tape, Instant, Limiter([Rate(1_000_000, 1.0)], clock), clock)
    result = asyncio.run(run(map(envelope, range(1_000)), setup))
    assert result.counts == Counts(sent=1_000)
    assert threads == {threading.get_ident()}


def test_what_a_sender_has_to_get_first_is_got_before_the_intent_and_after_the_permit() -> None:
    """A process that is killed while it renews its token puts nobody in doubt."""
    seen: list[tuple[float, int]] = []

    class Renewing(ScriptedSender):
        async def ready(self) -> None:
            await asyncio.sleep(2)
            seen.append((asyncio.get_running_loop().time(), len(tape.commits)))

    async def scenario(clock: SimulatedClock) -> RunResult:
        script = Script(clock, answers())
        limiter = Limiter([Rate(1, 10.0)], clock)
        setup = Setup(tape, lambda: Renewing(script), limiter, clock, SendSpec(concurrency=1))
        return await run(map(envelope, range(2)), setup)

    tape = Tape()
    assert simulate(scenario).counts == Counts(sent=2)
    assert [(round(at), commits) for at, commits in seen] == [(2, 0), (12, 2)]


def test_an_intent_tells_to_how_many_the_mail_goes_and_who_is_shared_counts_once() -> None:
    together = envelope(1, deliveries=3)
    message = replace(together.message, cc=(Address("boss@example.com"),), bcc=(Address("archive@example.com"),))
    world = World([Envelope(message, together.deliveries)])
    world.run()
    assert [step.recipients for step in world.tape.steps] == [3, 1, 1, 0, 0, 0]


def test_the_last_of_many_quick_changes_is_shown_though_nothing_follows_for_long() -> None:
    world = World([envelope(each) for each in range(5)], answers(*[Sent()] * 4, seconds=0.01), show_seconds=0.1)
    world.answer = lambda _message, number: Answer(Sent(), 0.01 if number < 4 else 600)
    world.spec = SendSpec(concurrency=1)
    world.run()
    assert any(each.counts.sent == 4 and each.seconds < 1 for each in world.progress)


def test_after_a_stop_whoever_waits_for_a_turn_leaves_no_intent() -> None:
    """Reading takes a hundredth of a second here, and so does a commit: the stop falls into the first one."""
    world = World(map(envelope, range(200)), answers(seconds=30), spec=SendSpec(concurrency=64))
    world.interrupted_at = (0.015,)
    world.run()
    intents = [step for step in world.tape.steps if step.state is DeliveryState.SENDING]
    assert len(intents) == width(64, 0.0, math.inf)
