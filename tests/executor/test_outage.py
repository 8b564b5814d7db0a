"""A provider that is away: few mails in doubt, no attempt used up, and an end after a while."""

from itertools import pairwise

import pytest

from batchmail.delivery import Counts, DeliveryState
from batchmail.executor.outage import PATIENCE_SECONDS
from batchmail.job import SendSpec
from batchmail.message import Message
from batchmail.outcome import InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.rate import Rate
from batchmail.simulation import Answer
from tests.executor.world import World, answers, envelope

OFFLINE = Refused("no-connection", "the name mail.example cannot be resolved", reached=False)
SPEC = SendSpec(concurrency=16, attempts=2)


def away(begins: int, ends: float) -> tuple[World, list[float]]:
    """A provider that cannot be reached from a request on, until a moment."""
    failed: list[float] = []
    world = World([], spec=SPEC)

    def answer(_message: Message, number: int) -> Answer:
        at = world.script.handed_over[-1][0]
        if number < begins or at >= ends:
            return Answer(Sent(), 0.5)
        failed.append(at)
        return Answer(OFFLINE, 0.1)

    world.answer = answer
    return world, failed


def test_when_everything_times_out_no_more_is_in_doubt_than_the_breaker_bears_and_what_was_in_flight() -> None:
    timeout = Answer(InDoubt("no answer within 120 s"), 120)
    world = World(map(envelope, range(10_000)), lambda _m, _n: timeout, spec=SPEC, rates=(Rate(240, 60.0),), doubts=5)
    result = world.run()
    assert result.closed is not None
    assert result.counts.in_doubt <= SPEC.concurrency + 5
    assert result.counts == Counts(in_doubt=result.requests)


def test_many_doubts_among_the_last_hundred_end_the_run_too() -> None:
    world = World(
        map(envelope, range(1_000)),
        lambda _m, n: Answer(InDoubt("no answer") if n % 10 == 0 else Sent(), 1),
        spec=SPEC,
        doubts=5,
    )
    result = world.run()
    assert result.closed is not None
    assert result.closed.reason == "6 of the last 51 requests ended in doubt, the last one: no answer"
    assert result.counts.in_doubt <= SPEC.concurrency + 5


def test_while_no_connection_comes_about_one_request_at_a_time_tries_and_less_and_less_often() -> None:
    world, failed = away(begins=16, ends=300)
    world.envelopes = map(envelope, range(200))
    assert world.run().counts == Counts(sent=200)
    probes = failed[16:]
    gaps = [later - earlier for earlier, later in pairwise(probes)]
    assert all(gap >= 0.5 for gap in gaps)
    assert max(gaps) <= 61
    assert len(probes) <= 10


def test_no_attempt_is_used_up_by_an_outage() -> None:
    world, _ = away(begins=0, ends=500)
    world.envelopes = map(envelope, range(30))
    assert world.run().counts == Counts(sent=30)


def test_after_a_while_the_run_ends_with_everything_queued() -> None:
    world, failed = away(begins=5, ends=1e9)
    world.envelopes = map(envelope, range(1_000))
    world.retries = 10
    result = world.run()
    assert result.closed is not None
    assert result.closed.reason == ("nothing got through for 10 minutes: the name mail.example cannot be resolved")
    assert result.counts == Counts(sent=5)
    assert failed[-1] - failed[0] == pytest.approx(PATIENCE_SECONDS, abs=5)
    states = {world.tape.state(step.delivery) for step in world.tape.steps}
    assert states == {DeliveryState.SENT, DeliveryState.QUEUED}


@pytest.mark.parametrize("outcome", [Sent(), Rejected("C", "no"), Refused("503", "busy", 1.0)])
def test_whatever_is_answered_shows_that_the_provider_is_back(outcome: Outcome) -> None:
    world = World(map(envelope, range(40)), answers(*[OFFLINE] * 16, outcome, seconds=1), spec=SPEC)
    result = world.run()
    assert result.closed is None
    assert result.counts.sent + result.counts.rejected == 40
    assert len({round(at) for at in world.times}) < 20


def test_a_wait_says_what_it_is_for() -> None:
    world = World(map(envelope, range(3)), answers(OFFLINE, OFFLINE), spec=SendSpec(concurrency=1))
    world.run()
    told = {each.waiting_for for each in world.progress if each.waiting_seconds}
    assert told == {"the name mail.example cannot be resolved"}


def test_from_the_first_request_in_vain_until_one_gets_through_a_run_knows_why_nothing_does() -> None:
    world = World(map(envelope, range(3)), answers(OFFLINE, OFFLINE), spec=SendSpec(concurrency=1))
    result = world.run()
    assert {each.unreached for each in world.progress if not each.counts.sent} == {None, OFFLINE}
    assert {each.unreached for each in world.progress if each.counts.sent} == {None}
    assert result.unreached is None


def test_a_run_that_is_interrupted_while_nothing_gets_through_ends_with_the_reason() -> None:
    world = World(map(envelope, range(3)), lambda _m, _n: Answer(OFFLINE, 0.1), spec=SPEC, interrupted_at=(20.0,))
    result = world.run()
    assert (result.interrupted, result.unreached, result.counts) == (True, OFFLINE, Counts())
