"""How fast a run may go, and how long that takes."""

import asyncio

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from batchmail.executor.pacing import Limiter
from batchmail.pace import LONG_RUN_SECONDS, Pace, duration_seconds, permitted, window_seconds
from batchmail.rate import Handover, Rate, Unit
from batchmail.simulation import LONGEST_SECONDS, SimulatedClock, simulate

DAY = 86_400.0
PEAK = Rate(240, 60.0, sustained=0.5)


def test_a_run_of_less_than_half_an_hour_keeps_the_peak_rate() -> None:
    pace = permitted([PEAK], requests=2_400, recipients=2_400)
    assert pace.rates == (PEAK,)
    assert pace.seconds == pytest.approx(600, rel=0.01)
    assert pace.note == "at 240/min"


def test_a_run_of_more_than_half_an_hour_keeps_to_the_sustained_share() -> None:
    pace = permitted([PEAK], requests=24_000, recipients=24_000)
    assert pace.rates == (Rate(120, 60.0),)
    assert pace.seconds == pytest.approx(12_000, rel=0.01)
    assert pace.note == "at 120/min (half of 240, because it takes over 30 minutes)"


def test_another_rate_can_make_the_run_a_long_one() -> None:
    pace = permitted([PEAK, Rate(60, 60.0)], requests=3_600, recipients=3_600)
    assert pace.rates == (Rate(120, 60.0), Rate(60, 60.0))
    assert pace.note == "at 60/min"


def test_other_shares_are_given_in_percent() -> None:
    pace = permitted([Rate(10, 1.0, sustained=0.8)], requests=100_000, recipients=100_000)
    assert pace.note == "at 8/s (80% of 10, because it takes over 30 minutes)"


def test_a_share_of_a_single_request_makes_its_window_longer() -> None:
    pace = permitted([Rate(1, 60.0, sustained=0.5)], requests=100, recipients=100)
    assert pace.rates == (Rate(1, 120.0),)
    assert pace.seconds == pytest.approx(99 * 120, rel=0.01)


def test_fifty_thousand_people_at_twenty_thousand_a_day_take_more_than_two_days() -> None:
    rates = [Rate(240, 60.0), Rate(20_000, DAY, Unit.RECIPIENTS)]
    pace = permitted(rates, requests=50_000, recipients=50_000)
    assert pace.seconds == pytest.approx(2 * DAY + 10_000 / 4, rel=0.01)
    assert pace.note == "at 20,000 recipients/day"


def test_a_quota_that_the_other_rates_never_reach_costs_nothing() -> None:
    rates = [Rate(1, 60.0), Rate(10_000, DAY)]
    assert duration_seconds(rates, 20_000, 20_000) == pytest.approx(20_000 * 60, rel=0.01)


def test_combined_requests_count_by_their_recipients_where_the_rate_does() -> None:
    by_recipient = permitted([Rate(60, 60.0, Unit.RECIPIENTS)], requests=10, recipients=1_000)
    by_request = permitted([Rate(60, 60.0)], requests=10, recipients=1_000)
    assert by_recipient.seconds == pytest.approx(900, rel=0.01)
    assert by_request.seconds == pytest.approx(9, rel=0.01)


def test_without_rates_nothing_limits_the_run() -> None:
    assert permitted([], requests=10, recipients=10) == Pace((), 0.0, "as fast as the provider answers")


def test_an_empty_run_takes_no_time() -> None:
    assert permitted([PEAK], requests=0, recipients=0) == Pace((PEAK,), 0.0, "at 240/min")


QUOTA = Rate(20_000, DAY, Unit.RECIPIENTS)
NOW = 1_800_000_000.0


def earlier(*handed: tuple[float, int]) -> list[Handover]:
    """So many mails, so many hours ago."""
    return [Handover(NOW - hours * 3600, count, count) for hours, count in handed]


@pytest.mark.parametrize(
    ("handed", "mails", "hours"),
    [
        (earlier((1, 20_000)), 500, 23),
        (earlier((1, 20_000)), 50_000, 23 + 48),
        (earlier((20, 15_000), (2, 4_000)), 1_500, 4),
        (earlier((20, 15_000), (2, 4_000)), 16_500, 22),
    ],
)
def test_what_was_used_of_a_quota_before_makes_the_run_longer(handed: list[Handover], mails: int, hours: float) -> None:
    pace = permitted([Rate(10, 1.0), QUOTA], mails, mails, handed, NOW)
    assert pace.seconds == pytest.approx(hours * 3600, abs=180)
    assert pace.used.endswith("of 20,000 recipients/day are used up")


def test_what_a_clock_that_was_ahead_has_recorded_counts_as_sent_just_now() -> None:
    ahead, just_now = (permitted([QUOTA], 100, 100, earlier((hours, 20_000)), NOW) for hours in (-2, 0))
    assert ahead == just_now


@pytest.mark.parametrize("handed", [[], earlier((1, 100)), earlier((25, 20_000))])
def test_what_was_used_and_is_not_missing_changes_nothing(handed: list[Handover]) -> None:
    rates = [Rate(10, 1.0), QUOTA]
    assert permitted(rates, 500, 500, handed, NOW) == permitted(rates, 500, 500)


@settings(deadline=None)  # how long an example takes says nothing about the law
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 30)), max_size=6), st.integers(1, 120))
def test_the_estimate_after_earlier_runs_is_what_the_limiter_takes(handed: list[tuple[float, int]], mails: int) -> None:
    quota = Rate(40, DAY)
    before = earlier(*sorted(handed, reverse=True))
    assume(sum(each.requests for each in before) <= quota.count)

    async def scenario(clock: SimulatedClock) -> float:
        shift = clock.now().timestamp() - NOW
        moved = [Handover(each.at + shift, each.requests, each.recipients) for each in before]
        limiter, stop = Limiter([quota], clock, moved), asyncio.Event()
        for _ in range(mails):
            await limiter.acquire(1, stop)
        return clock.monotonic()

    pace = permitted([quota], mails, mails, before, NOW)
    assert pace.seconds == pytest.approx(simulate(scenario), abs=2 * 60)


rates = st.builds(
    Rate,
    st.integers(1, 50),
    st.sampled_from([1.0, 60.0, 3600.0, DAY]),
    st.sampled_from(Unit),
    st.sampled_from([1.0, 0.5, 0.25]),
)


@settings(deadline=None)  # how long an example takes says nothing about the law
@given(st.lists(rates, max_size=3), st.integers(1, 300), st.integers(1, 4))
def test_the_estimate_is_what_the_limiter_takes(rates: list[Rate], requests: int, each: int) -> None:
    pace = permitted(rates, requests, requests * each)
    assume(pace.seconds < LONGEST_SECONDS / 2)

    async def scenario(clock: SimulatedClock) -> float:
        limiter, stop = Limiter(pace.rates, clock), asyncio.Event()
        for _ in range(requests):
            await limiter.acquire(each, stop)
        return clock.monotonic()

    # Windows of several lengths do not start anew together, which the estimate takes them to do.
    longest = max((window_seconds(rate) for rate in pace.rates), default=0.0)
    taken = simulate(scenario)
    if sum(rate.seconds > 60 or rate.unit is Unit.RECIPIENTS for rate in pace.rates) <= 1:
        assert pace.seconds == pytest.approx(taken, rel=1e-6, abs=1e-6)
    else:
        assert abs(pace.seconds - taken) <= longest


@given(st.lists(rates, max_size=3), st.integers(0, 10_000), st.integers(1, 4))
def test_no_rate_is_ever_raised_and_a_long_run_never_gets_the_peak(rates: list[Rate], requests: int, each: int) -> None:
    pace = permitted(rates, requests, requests * each)
    long = duration_seconds(rates, requests, requests * each) > LONG_RUN_SECONDS
    for before, after in zip(rates, pace.rates, strict=True):
        share = before.sustained if long else 1.0
        assert after.count / after.seconds <= before.count / before.seconds * share * (1 + 1e-9)
