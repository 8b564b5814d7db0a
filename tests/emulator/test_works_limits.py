"""What a tenant counts."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from batchmail.emulator.works_limits import MINUTE, RateBucket, RollingCount
from tests.emulator.bench import UNHURRIED, ManualClock

PAUSES = st.lists(st.floats(min_value=0, max_value=40), max_size=60)


def taken(pauses: list[float], take: Callable[[], bool], clock: ManualClock) -> list[float]:
    """The times at which a call was let through, with these pauses before the calls."""
    times = []
    for pause in pauses:
        clock.passed += pause
        if take():
            times.append(clock.passed)
    return times


@UNHURRIED
@given(PAUSES)
def test_a_bucket_counts_a_minute_from_its_first_call(pauses: list[float]) -> None:
    clock = ManualClock()
    bucket = RateBucket(3, clock)
    times = taken(pauses, bucket.take, clock)
    begin = None
    used = 0
    for time in times:
        if begin is None or time - begin >= MINUTE - 1e-9:
            begin, used = time, 0
        used += 1
        assert used <= 3


@UNHURRIED
@given(st.lists(st.integers(min_value=0, max_value=5)))
def test_a_bucket_never_lends_and_its_headers_add_up(pauses: list[int]) -> None:
    clock = ManualClock()
    bucket = RateBucket(4, clock)
    for pause in pauses:
        clock.passed += pause * 10
        before = dict(bucket.headers("used"))
        assert bucket.take() == (before["rateLimit-remaining"] != "0")
        after = dict(bucket.headers("used"))
        assert int(after["rateLimit-used"]) + int(after["rateLimit-remaining"]) == 4
        assert 1 <= int(after["rateLimit-reset"]) <= 60


@UNHURRIED
@given(st.lists(st.tuples(st.integers(min_value=0, max_value=50), st.integers(min_value=1, max_value=9))))
def test_a_rolling_count_is_the_sum_of_the_last_minute(steps: list[tuple[int, int]]) -> None:
    clock = ManualClock()
    count = RollingCount(MINUTE, clock)
    entries: list[tuple[float, int]] = []
    for pause, amount in steps:
        clock.passed += pause
        count.add(amount)
        entries.append((clock.passed, amount))
        assert count.total() == sum(each for time, each in entries if clock.passed - time < MINUTE)
