"""What a job says about when to stop: its canary, and how many bad results it bears."""

import pytest

from batchmail.delivery import Counts, DeliveryState
from batchmail.job import SendSpec, StopAfterSpec
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.simulation import Answer
from tests.executor.world import REFUSED, World, answers, ending, envelope

WRONG = Rejected("INVALID_PARAMETER", "no such person")
DOUBT = InDoubt("no answer within 120 s")


def canary(count: int, concurrency: int = 4) -> SendSpec:
    return SendSpec(concurrency=concurrency, canary=count)


def test_the_canary_is_waited_for_before_the_others_leave() -> None:
    world = World(map(envelope, range(20)), lambda _m, n: Answer(Sent(), 9 if n == 1 else 1), spec=canary(3))
    assert world.run().counts == Counts(sent=20)
    assert [at for at in world.times if at < 9] == world.times[:3]
    assert world.times[3] >= 9


@pytest.mark.parametrize(
    ("outcome", "counts", "told"),
    [
        (WRONG, Counts(sent=2, rejected=1), "2 sent, 1 rejected"),
        (DOUBT, Counts(sent=2, in_doubt=1), "2 sent, 1 in doubt"),
    ],
)
def test_a_canary_of_which_not_all_were_sent_ends_the_run(outcome: Outcome, counts: Counts, told: str) -> None:
    world = World(map(envelope, range(20)), answers(Sent(), outcome), spec=canary(3))
    result = world.run()
    assert result.closed == Closed(
        "",
        f"of the first 3 mails (`canary`) not all were sent: {told}",
        "The rest is still queued. Find out why, then run the command again: it begins with a canary of the next 3.",
    )
    assert result.counts == counts
    assert {step.delivery for step in world.tape.steps} == {0, 10, 20}


def test_a_refusal_of_the_canary_is_tried_again_like_any_other() -> None:
    world = World(map(envelope, range(9)), answers(REFUSED, Refused("503", "busy", 30)), spec=canary(2))
    assert world.run().counts == Counts(sent=9)


def test_a_canary_whose_attempts_are_used_up_ends_the_run() -> None:
    spec = SendSpec(concurrency=2, attempts=2, canary=1)
    result = World(map(envelope, range(9)), answers(REFUSED, REFUSED), spec=spec).run()
    assert result.closed is not None
    assert result.counts == Counts(failed=1)


def test_mails_that_travel_together_are_parted_so_that_no_more_than_the_canary_leave() -> None:
    world = World([envelope(1, deliveries=10), envelope(2, deliveries=10)], spec=canary(4))
    assert ending(world.run()) == (Counts(sent=20), 3, 2, False)
    assert len([step for step in world.tape.commits[0] if step.state is DeliveryState.SENDING]) == 4


@pytest.mark.parametrize("count", [3, 5])
def test_a_job_of_no_more_than_its_canary_ends_as_any_other(count: int) -> None:
    world = World(map(envelope, range(3)), answers(WRONG), spec=canary(count))
    assert ending(world.run()) == (Counts(sent=2, rejected=1), 3, 1, False)


def test_an_interruption_while_the_canary_is_waited_for_ends_the_run_like_any_other() -> None:
    world = World(map(envelope, range(20)), answers(seconds=10), spec=canary(3), interrupted_at=(5,))
    assert ending(world.run()) == (Counts(sent=3), 3, 10, True)


def test_so_many_rejections_end_the_run() -> None:
    spec = SendSpec(concurrency=1, stop_after=StopAfterSpec(rejected=3))
    world = World(map(envelope, range(50)), lambda _m, n: Answer(WRONG if n % 2 else Sent(), 1), spec=spec)
    result = world.run()
    assert result.counts == Counts(sent=3, rejected=3)
    assert result.closed == Closed(
        "",
        "3 rejected in this run, and the job has `stopAfter.rejected: 3`",
        "The rest is still queued. Find out why, then run the command again: it counts anew.",
    )


def test_so_many_doubts_end_the_run_and_what_is_in_flight_is_waited_for() -> None:
    spec = SendSpec(concurrency=4, stop_after=StopAfterSpec(in_doubt=2))
    world = World(map(envelope, range(50)), lambda _m, n: Answer(DOUBT if n < 2 else Sent(), n + 1), spec=spec)
    result = world.run()
    assert result.closed is not None
    assert "`stopAfter.inDoubt: 2`" in result.closed.reason
    assert result.counts.in_doubt == 2
    assert result.counts.sent == result.requests - 2


def test_fewer_are_borne() -> None:
    spec = SendSpec(concurrency=2, stop_after=StopAfterSpec(rejected=3, in_doubt=3))
    world = World(map(envelope, range(9)), answers(WRONG, WRONG, DOUBT, DOUBT), spec=spec)
    assert ending(world.run())[0] == Counts(sent=5, rejected=2, in_doubt=2)
