"""A run against a provider that counts: no refusal for the rate's sake, and little of the rate unused."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

import pytest

from batchmail.delivery import Counts
from batchmail.executor.executor import run
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec
from batchmail.rate import Handover, Rate, Unit
from batchmail.simulation import Script, SimulatedClock, Tape, simulate
from tests.executor.works_limits import MINUTE, CountedMinute, Works
from tests.executor.world import envelope

#: WORKS on a paid plan, for a run of less than half an hour: the API's limit and the mailbox's.
PAID = (Rate(240, 60.0, sustained=0.5), Rate(60, 60.0), Rate(20_000, 86_400.0, Unit.RECIPIENTS))


@dataclass
class Sending:
    """A run through a provider that counts."""

    works: Works
    rates: Sequence[Rate]
    mails: int
    concurrency: int = 16
    retries: int | None = 10
    tape: Tape = field(default_factory=Tape)
    later: Callable[[], Coroutine[None, None, None]] | None = None

    def run(self) -> RunResult:
        return simulate(self._scenario, thread_seconds=lambda: 0.002)

    async def _scenario(self, clock: SimulatedClock) -> RunResult:
        script = Script(clock, self.works.on(clock))
        limiter = Limiter(self.rates, clock)
        spec = SendSpec(concurrency=self.concurrency)
        setup = Setup(self.tape, script.open, limiter, clock, spec, lambda: 0.5, retries=self.retries)
        meanwhile = asyncio.create_task(self.later()) if self.later else None
        try:
            return await run(map(envelope, range(self.mails)), setup)
        finally:
            if meanwhile is not None:
                await meanwhile


def used_share(works: Works, rate: Rate) -> float:
    """What share of the rate was used, from the first call to the last."""
    seconds = works.accepted_at[-1] - works.accepted_at[0]
    return (len(works.accepted_at) - 1) * rate.seconds / rate.count / seconds


def test_ten_thousand_rows_under_the_rules_of_works_meet_no_refusal_and_use_the_rate() -> None:
    works = Works([CountedMinute(240), CountedMinute(60)])
    assert Sending(works, PAID, 10_000).run().counts == Counts(sent=10_000)
    assert works.refused_at == []
    assert used_share(works, PAID[1]) >= 0.99


@pytest.mark.parametrize("latency", [0.01, 0.3, 1.9])
def test_where_provider_and_run_count_alike_the_headers_cost_nothing(latency: float) -> None:
    works = Works([CountedMinute(240)], latency)
    assert Sending(works, [Rate(240, 60.0)], 1_000).run().counts == Counts(sent=1_000)
    assert works.refused_at == []
    assert used_share(works, Rate(240, 60.0)) >= 0.99


def test_what_another_program_uses_through_the_same_app_is_left_to_it() -> None:
    works = Works([CountedMinute(240)], others_per_second=3.5)
    assert Sending(works, [Rate(240, 60.0)], 600).run().counts == Counts(sent=600)
    # The last call of a window may be taken by the other between an answer and our next request.
    assert most_in_a_window(works.refused_at) <= 1
    blind = Works([CountedMinute(240)], others_per_second=3.5, headers=False)
    Sending(blind, [Rate(240, 60.0)], 600, retries=None).run()
    assert len(works.refused_at) <= len(blind.refused_at)


@pytest.mark.parametrize("latency", [0.3, 3.0])
def test_a_rate_of_the_job_s_own_that_is_too_high_is_slowed_down_by_the_headers(latency: float) -> None:
    works = Works([CountedMinute(60)], latency)
    assert Sending(works, [Rate(100, 1.0)], 500, concurrency=32).run().counts == Counts(sent=500)
    assert works.refused_at == []
    assert used_share(works, Rate(60, 60.0)) >= 0.9


def most_in_a_window(times: Sequence[float], after: float = -1.0) -> int:
    """The most refusals of one incident; those count that began so long after its first, which was answered by then."""
    most, first, count = 0, -MINUTE, 0
    for at in times:
        if at > first + MINUTE:
            first, count = at, after < 0
        elif at > first + after:
            count += 1
        most = max(most, count)
    return most


@pytest.mark.parametrize("limit", [10, 25, 45, 59])
@pytest.mark.parametrize("latency", [0.1, 2.5])
def test_after_a_refusal_there_is_at_most_one_more_in_the_same_window(limit: int, latency: float) -> None:
    works = Works([CountedMinute(limit)], latency, headers=False)
    mails = limit * 8
    result = Sending(works, [Rate(60, 60.0)], mails, retries=None).run()
    assert result.counts == Counts(sent=mails)
    assert most_in_a_window(works.refused_at, after=latency) <= 1
    assert result.requests - mails <= 10 + 0.1 * result.requests


def test_while_the_rate_recovers_no_two_requests_are_refused_together() -> None:
    works = Works([CountedMinute(30)], latency=0.5, headers=False)
    assert Sending(works, [Rate(100, 1.0)], 200, retries=None).run().counts == Counts(sent=200)
    later = [at for at in works.refused_at if at > works.refused_at[0] + MINUTE / 2]
    assert len(later) >= 3
    assert most_in_a_window(later) == 1


def test_a_storm_of_refusals_ends_the_run_after_an_hour_of_asking_once_a_window() -> None:
    works = Works([CountedMinute(0)], headers=False)
    result = Sending(works, [Rate(240, 60.0)], 1_000).run()
    assert result.closed is not None
    assert result.closed.reason.startswith("nothing was taken for 60 minutes, the last refusal: TOO_MANY_REQUESTS")
    assert result.counts == Counts()
    assert result.requests <= 16 + 60
    assert 3_600 <= result.seconds < 3_600 + MINUTE
    assert most_in_a_window(works.refused_at, after=works.latency) <= 1


def test_a_few_refusals_far_apart_end_no_run() -> None:
    """The run's own rate lets a mail through every half hour; what counts is how often it is refused as well."""
    works = Works([CountedMinute(0)], headers=False)

    async def open_later() -> None:
        await asyncio.sleep(4 * 1_800)
        works.limits[0].limit = 60

    result = Sending(works, [Rate(1, 1_800.0)], 1, later=open_later).run()
    assert (result.counts, result.closed) == (Counts(sent=1), None)
    assert len(works.refused_at) > 2


def test_when_the_first_of_all_connections_are_refused_together_they_are_waited_for() -> None:
    works = Works([CountedMinute(60, used=60)], headers=False)
    assert Sending(works, [Rate(100, 1.0)], 100).run().counts == Counts(sent=100)
    assert len(works.refused_at) >= 12


DAY = 86_400.0
QUOTA = Rate(100, DAY, Unit.RECIPIENTS)


def granted(earlier: Sequence[Handover], rates: Sequence[Rate], requests: int) -> list[float]:
    """When so many requests may leave after what was sent earlier (seconds before now)."""

    async def scenario(clock: SimulatedClock) -> list[float]:
        now = clock.now().timestamp()
        before = [Handover(now - each.at, each.requests, each.recipients) for each in earlier]
        limiter, stop, times = Limiter(rates, clock, before), asyncio.Event(), []
        for _ in range(requests):
            await limiter.acquire(1, stop)
            times.append(clock.monotonic())
        return times

    return simulate(scenario)


def test_what_an_earlier_run_has_sent_today_is_not_available_again() -> None:
    assert granted([Handover(DAY / 2, 98, 98)], [QUOTA], 4) == pytest.approx([0, 0, DAY / 2, DAY / 2], abs=1)


def test_what_was_sent_yesterday_does_not_count() -> None:
    assert granted([Handover(DAY + 60, 100, 100)], [QUOTA], 2) == [0, 0]


def test_a_run_right_after_another_keeps_to_the_minute_s_limit_too() -> None:
    times = granted([Handover(3, 59, 59), Handover(2, 1, 1)], [Rate(60, 60.0)], 2)
    assert times == pytest.approx([57.3, 58.3], abs=1)


def test_what_a_clock_that_was_ahead_has_recorded_counts_as_sent_just_now() -> None:
    ahead = [Handover(-7_200, 1, 1), Handover(-7_201, 1, 1)]
    assert granted(ahead, [Rate(60, 60.0)], 2) == pytest.approx([1, 2], abs=0.1)
    assert granted(ahead, [Rate(3, 3_600.0)], 2) == pytest.approx([0, 3_600], abs=1)
