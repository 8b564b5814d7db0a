"""The limiter: as fast as the provider allows, never faster."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.executor.pacing import Limiter, Permit
from batchmail.outcome import Allowance
from batchmail.rate import Rate, Unit
from batchmail.simulation import SimulatedClock, simulate


@dataclass(frozen=True)
class Caller:
    """Somebody who asks for a token after so many seconds, and perhaps gives up after a while."""

    after: float
    recipients: int = 1
    patience: float | None = None


@dataclass(frozen=True)
class Grant:
    caller: int
    at: float
    recipients: int


def grants(
    rates: Sequence[Rate],
    callers: Sequence[Caller],
    pauses: Sequence[tuple[float, float]] = (),
    news: Sequence[tuple[float, Callable[[Limiter], None]]] = (),
) -> list[Grant]:
    """When each caller gets its token; `news` are what the limiter is told at those times."""
    granted: list[Grant] = []

    async def call(number: int, caller: Caller, limiter: Limiter, clock: SimulatedClock) -> None:
        await clock.sleep(caller.after)
        try:
            async with asyncio.timeout(caller.patience):
                await limiter.acquire(caller.recipients, asyncio.Event())
                limiter.done()
        except TimeoutError:
            return
        granted.append(Grant(number, clock.monotonic(), caller.recipients))

    async def pause(at: float, seconds: float, limiter: Limiter, clock: SimulatedClock) -> None:
        await clock.sleep(at)
        limiter.pause(seconds)

    async def tell(at: float, news: Callable[[Limiter], None], limiter: Limiter, clock: SimulatedClock) -> None:
        await clock.sleep(at)
        news(limiter)

    async def scenario(clock: SimulatedClock) -> None:
        limiter = Limiter(rates, clock)
        await asyncio.gather(
            *(tell(at, told, limiter, clock) for at, told in news),
            *(pause(at, seconds, limiter, clock) for at, seconds in pauses),
            *(call(number, caller, limiter, clock) for number, caller in enumerate(callers)),
        )

    simulate(scenario)
    return granted


def most_in_a_window(granted: Sequence[Grant], rate: Rate) -> int:
    """The most that any half-open window of the rate's length holds, computed without rounding."""
    units = [(Fraction(each.at), each.recipients if rate.unit is Unit.RECIPIENTS else 1) for each in granted]
    window = Fraction(rate.seconds)
    return max((sum(n for at, n in units if start <= at < start + window) for start, _ in units), default=0)


def test_grants_are_spaced_evenly_and_never_come_in_a_burst() -> None:
    times = [each.at for each in grants([Rate(4, 60.0)], [Caller(0)] * 9)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == 0
    assert gaps == pytest.approx([15] * 8, rel=0.01)


def test_idle_time_earns_no_burst() -> None:
    times = [each.at for each in grants([Rate(10, 1.0)], [Caller(0), *[Caller(50)] * 5])]
    assert times == pytest.approx([0, 50, 50.1, 50.2, 50.3, 50.4], abs=0.01)


def test_a_rate_is_used_to_the_full() -> None:
    times = [each.at for each in grants([Rate(240, 60.0)], [Caller(0)] * 2_401)]
    assert times[-1] == pytest.approx(600, rel=0.005)


def test_a_quota_is_used_up_at_once_and_then_waited_for() -> None:
    times = [each.at for each in grants([Rate(3, 86_400.0)], [Caller(0)] * 7)]
    assert times == pytest.approx([0, 0, 0, 86_400, 86_400, 86_400, 172_800], abs=1)


def test_the_slowest_of_several_rates_decides() -> None:
    times = [each.at for each in grants([Rate(10, 1.0), Rate(1, 1.0)], [Caller(0)] * 4)]
    assert times == pytest.approx([0, 1, 2, 3], rel=0.01)


def test_recipients_count_where_the_rate_counts_them() -> None:
    times = [each.at for each in grants([Rate(60, 60.0, Unit.RECIPIENTS)], [Caller(0, 20), Caller(0, 5), Caller(0)])]
    assert times == pytest.approx([0, 20, 25], rel=0.01)


def test_a_request_beyond_a_whole_window_waits_for_an_empty_one_and_counts_for_several() -> None:
    rate = Rate(50, 3600.0, Unit.RECIPIENTS)
    times = [each.at for each in grants([rate], [Caller(0, 1), Caller(0, 100), Caller(0, 1)])]
    assert times == pytest.approx([0, 3600, 3600 + 2 * 3600], abs=1)


def test_without_rates_nobody_waits() -> None:
    assert {each.at for each in grants([], [Caller(0)] * 100)} == {0}


def test_a_pause_holds_for_everybody_and_is_never_made_shorter() -> None:
    times = [each.at for each in grants([], [Caller(1), Caller(2)], pauses=[(0, 60), (0.5, 5)])]
    assert times == [60, 60]


def test_a_pause_reaches_whoever_waits_already_and_spacing_starts_anew_after_it() -> None:
    times = [each.at for each in grants([Rate(1, 1.0)], [Caller(0)] * 3, pauses=[(0.5, 30)])]
    assert times == pytest.approx([0, 30.5, 31.5], rel=0.01)


def test_first_come_first_served() -> None:
    callers = [Caller(0.3, 1), Caller(0.1, 5), Caller(0.2, 1), Caller(0, 3)]
    assert [each.caller for each in grants([Rate(6, 6.0, Unit.RECIPIENTS)], callers)] == [3, 1, 2, 0]


def test_a_waiter_who_gives_up_leaves_its_token_to_the_next() -> None:
    callers = [Caller(0), Caller(0, patience=0.5), Caller(0, patience=0.7), Caller(0)]
    granted = grants([Rate(1, 1.0)], callers)
    assert [each.caller for each in granted] == [0, 3]
    assert granted[1].at == pytest.approx(1, rel=0.01)


def test_who_comes_while_others_wait_comes_after_them() -> None:
    async def scenario(clock: SimulatedClock) -> list[str]:
        limiter, stop, granted = Limiter([], clock), asyncio.Event(), list[str]()

        async def call(*names: str) -> None:
            for name in names:
                await limiter.acquire(1, stop)
                granted.append(name)
                limiter.done()

        limiter.pause(1)
        await asyncio.gather(call("first", "back at once"), call("second"), call("third"))
        return granted

    assert simulate(scenario) == ["first", "second", "third", "back at once"]


def test_a_stop_ends_all_waiting_at_once() -> None:
    async def scenario(clock: SimulatedClock) -> tuple[list[bool], float]:
        limiter, stop = Limiter([Rate(1, 86_400.0)], clock), asyncio.Event()
        waiting = [asyncio.create_task(limiter.acquire(1, stop)) for _ in range(3)]
        await clock.sleep(5)
        stop.set()
        return [await each is not None for each in waiting], clock.monotonic()

    assert simulate(scenario) == ([True, False, False], 5)


@pytest.mark.parametrize("rates", [[], [Rate(5, 1.0)]])
def test_after_a_stop_nothing_is_granted(rates: list[Rate]) -> None:
    async def scenario(clock: SimulatedClock) -> Permit | None:
        stop = asyncio.Event()
        stop.set()
        return await Limiter(rates, clock).acquire(1, stop)

    assert simulate(scenario) is None


def test_it_tells_how_long_the_next_one_has_to_wait() -> None:
    async def scenario(clock: SimulatedClock) -> list[float]:
        limiter, stop = Limiter([Rate(1, 60.0)], clock), asyncio.Event()
        told = [limiter.waiting_seconds]
        await limiter.acquire(1, stop)
        told.append(limiter.waiting_seconds)
        waiting = asyncio.create_task(limiter.acquire(1, stop))
        await clock.sleep(20)
        told.append(limiter.waiting_seconds)
        await waiting
        return [*told, limiter.waiting_seconds]

    assert simulate(scenario) == pytest.approx([0, 0, 40, 0], abs=0.2)


class LateClock(SimulatedClock):
    """Wakes sleepers in steps of 15.6 ms, as Windows does; it takes its time from another clock."""

    STEP: float = 1 / 64

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self._clock = clock

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        await self._clock.sleep((until // self.STEP + 1) * self.STEP - self._clock.monotonic())


def test_a_timer_that_is_late_costs_no_speed_and_breaks_no_window() -> None:
    rate = Rate(200, 1.0)
    granted: list[Grant] = []

    async def scenario(clock: SimulatedClock) -> None:
        limiter, stop = Limiter([rate], LateClock(clock)), asyncio.Event()

        async def worker(number: int) -> None:
            for _ in range(75):
                await limiter.acquire(1, stop)
                granted.append(Grant(number, clock.monotonic(), 1))

        await asyncio.gather(*(worker(number) for number in range(8)))

    simulate(scenario)
    assert granted[-1].at == pytest.approx(600 / 200, rel=0.05)
    assert most_in_a_window(granted, rate) <= 200


def test_after_a_machine_has_slept_no_burst_makes_up_for_it() -> None:
    class Sleepy(LateClock):
        STEP = 10

    async def scenario(clock: SimulatedClock) -> int:
        limiter, stop = Limiter([Rate(200, 1.0)], Sleepy(clock)), asyncio.Event()
        waiting = [asyncio.create_task(limiter.acquire(1, stop)) for _ in range(100)]
        await clock.sleep(15)
        granted = sum(each.done() for each in waiting)
        stop.set()
        await asyncio.gather(*waiting)
        return granted

    assert 2 <= simulate(scenario) <= 1 + 1 + 0.02 * 200


#: The event loop's clock tells apart no more than this.
NANOSECONDS = 1e-6

rates = st.builds(
    Rate,
    st.integers(4, 9) | st.just(1),
    st.sampled_from([0.1, 1.0, 1 / 3, 60.0, 59.9, 100.0, 3600.0, 86_400.0]) | st.floats(0.01, 1e5),
    st.sampled_from(Unit),
)
callers = st.builds(
    Caller,
    st.sampled_from([0.0, 0.1, 1.0]) | st.floats(0, 1e4),
    st.integers(1, 4),
    st.none() | st.floats(0, 100),
)


told = st.one_of(
    st.builds(lambda wait: lambda limiter: limiter.slow_down(wait, "429"), st.none() | st.floats(0, 100)),
    st.builds(lambda wait: lambda limiter: limiter.hold(wait, "offline"), st.floats(0, 100)),
    st.just(lambda limiter: limiter.through()),
    st.builds(
        lambda remaining, reset: lambda limiter: limiter.heed(Permit(1, 0.0), Allowance(remaining, reset)),
        st.integers(0, 300),
        st.floats(0, 100),
    ),
)


@given(
    st.lists(rates, min_size=1, max_size=3),
    st.lists(callers, max_size=20),
    st.lists(st.tuples(st.floats(0, 1e3), told), max_size=5),
)
def test_whatever_the_provider_says_it_is_never_faster_and_everybody_has_their_turn(
    rates: list[Rate], callers: list[Caller], news: list[tuple[float, Callable[[Limiter], None]]]
) -> None:
    fitting = [each for each in callers if all(r.unit is Unit.REQUESTS or each.recipients <= r.count for r in rates)]
    granted = grants(rates, fitting, news=news)
    assert {each.caller for each in granted} >= {n for n, each in enumerate(fitting) if each.patience is None}
    for rate in rates:
        assert most_in_a_window(granted, rate) <= rate.count


@given(
    st.lists(rates, max_size=3),
    st.lists(callers, max_size=40),
    st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 100)), max_size=2),
)
def test_no_window_ever_holds_more_than_the_rate_allows(
    rates: list[Rate], callers: list[Caller], pauses: list[tuple[float, float]]
) -> None:
    fitting = [each for each in callers if all(r.unit is Unit.REQUESTS or each.recipients <= r.count for r in rates)]
    granted = grants(rates, fitting, pauses)
    assert {each.caller for each in granted} >= {n for n, each in enumerate(fitting) if each.patience is None}
    for rate in rates:
        assert most_in_a_window(granted, rate) <= rate.count
    for at, seconds in pauses:
        assert not [each for each in granted if at < each.at < at + seconds - NANOSECONDS]
