"""An access token that ends in the midst of a run tells nothing of how much the provider can take."""

import pytest

from batchmail.delivery import Counts
from batchmail.job import SendSpec
from batchmail.outcome import Refused
from batchmail.rate import Rate
from tests.executor.world import World, answers, ending, envelope

RENEWED = Refused("token-expired", "the access token had expired", 0.0, attempt=False, strained=False)


def run(outcome: Refused) -> World:
    """Sixteen mails are under way when it happens, of sixty."""
    return World(
        map(envelope, range(60)),
        answers(*[outcome] * 16),
        spec=SendSpec(concurrency=16, attempts=1),
        rates=(Rate(20, 1.0),),
        retries=10,
    )


def test_all_who_had_the_old_token_try_again_and_no_slower_than_before() -> None:
    world = run(RENEWED)
    counts, requests, *_ = ending(world.run())
    assert (counts, requests) == (Counts(sent=60), 76)
    assert len(set(world.subjects[:16])) == 16
    before, after = world.times[15] - world.times[14], world.times[17] - world.times[16]
    assert after == pytest.approx(before)


def test_as_many_refusals_for_the_rate_s_sake_end_no_run_and_slow_it_down() -> None:
    world = run(Refused("429", "too many requests", 0.0, attempt=False))
    counts, requests, *_ = ending(world.run())
    assert (counts, requests) == (Counts(sent=60), 76)
    before, after = world.times[15] - world.times[14], world.times[17] - world.times[16]
    assert after > before


def test_as_many_refusals_of_a_provider_that_is_strained_end_the_run() -> None:
    world = run(Refused("503", "busy", 0.0))
    world.spec = SendSpec(concurrency=16, attempts=2)
    result = world.run()
    assert result.closed is not None
    assert "the provider refused 13 of 28 requests" in result.closed.reason
