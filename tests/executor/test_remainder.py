"""What the provider says is left: kept to where it is less than the run would use."""

import math

import pytest

from batchmail.executor.remainder import Remainder, Told
from batchmail.outcome import Allowance


def told(remaining: int, reset: float, *, now: float = 100.0, uncounted: int = 0) -> Told:
    return Told.at(now, now - 0.5, uncounted, Allowance(remaining, reset))


def heeded(*all_told: Told, spacing: float = 0.25) -> Remainder:
    remainder = Remainder()
    for each in all_told:
        remainder.heed(each, 100.0, 100.0, spacing)
    return remainder


def test_requests_that_left_after_the_one_that_was_answered_are_not_counted_yet() -> None:
    assert told(10, 20, uncounted=3).left == 7
    assert told(2, 20, uncounted=3).left == 0


def test_the_end_of_a_window_is_told_in_whole_seconds_and_lies_between_two_bounds() -> None:
    assert (told(1, 20).ends_after, told(1, 20).ends_before) == (118.5, 121.0)


@pytest.mark.parametrize("enough", [74, 200])
def test_as_long_as_the_run_uses_no_more_nothing_changes(enough: int) -> None:
    assert heeded(told(enough, 20)).free_at(100.0) == -math.inf


def test_what_is_less_is_spread_until_the_window_ends() -> None:
    remainder = heeded(told(37, 20))
    remainder.take(100.0)
    assert remainder.free_at(100.0) == pytest.approx(100.5)


def test_where_nothing_is_left_the_end_of_the_window_is_waited_for() -> None:
    remainder = heeded(told(0, 20))
    assert remainder.free_at(100.0) == 121.0
    assert remainder.free_at(121.0) == -math.inf


def test_what_is_used_up_is_not_there_again_in_the_same_window() -> None:
    remainder = heeded(told(1, 20))
    remainder.take(100.0)
    remainder.heed(told(60, 20), 100.0, 100.0, 0.25)
    assert remainder.free_at(100.0) == 121.0


def test_the_next_window_is_a_new_one() -> None:
    assert heeded(told(0, 5), told(240, 60)).free_at(100.0) == -math.inf


def test_a_run_that_nothing_spaces_keeps_to_what_is_left() -> None:
    remainder = heeded(told(37, 20), spacing=0.0)
    remainder.take(100.0)
    assert remainder.free_at(100.0) == pytest.approx(100.5)
