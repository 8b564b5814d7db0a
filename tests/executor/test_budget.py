"""How often a run asks again: a tenth of its requests, and ten."""

import pytest

from batchmail.delivery import Counts
from batchmail.executor.budget import RetryBudget
from batchmail.job import SendSpec
from batchmail.outcome import Refused, Sent
from batchmail.simulation import Answer
from tests.executor.world import World, envelope

BUSY = Refused("503", "busy", 1.0)
OFFLINE = Refused("no-connection", "refused", reached=False)


@pytest.mark.parametrize(("requests", "most"), [(0, 10), (10, 11), (100, 20), (1_000, 110)])
def test_a_tenth_and_ten_may_be_made_once_more(requests: int, most: int) -> None:
    budget = RetryBudget()
    assert [budget.closed_by(BUSY, requests) for _ in range(most)] == [None] * most
    closed = budget.closed_by(BUSY, requests)
    assert closed is not None
    assert closed.reason.endswith("the last one: 503: busy")


def test_what_never_reached_the_provider_costs_nothing() -> None:
    budget = RetryBudget()
    assert [budget.closed_by(OFFLINE, 0) for _ in range(100)] == [None] * 100


def test_a_rate_limit_costs_nothing() -> None:
    """It is waited for: see Standstill."""
    budget = RetryBudget()
    refused = Refused("429", "too many requests", attempt=False)
    assert [budget.closed_by(refused, 0) for _ in range(100)] == [None] * 100


def test_without_a_limit_it_never_ends_a_run() -> None:
    assert [RetryBudget(None).closed_by(BUSY, 0) for _ in range(100)] == [None] * 100


def test_a_provider_that_refuses_much_ends_the_run_before_mails_fail_for_it() -> None:
    world = World(
        map(envelope, range(200)),
        lambda _m, n: Answer(Sent() if n % 3 == 0 else Refused("", "the connection broke"), 1),
        spec=SendSpec(concurrency=4, attempts=20),
        retries=10,
    )
    result = world.run()
    assert result.closed is not None
    assert result.counts == Counts(sent=result.counts.sent)
    retries = result.requests - len({step.delivery for step in world.tape.steps})
    assert retries <= 10 + 0.1 * result.requests
