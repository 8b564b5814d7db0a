"""The share of its rate that a provider takes: halved at once, recovered step by step."""

import pytest

from batchmail.executor.throttle import LEAST_SHARE, Throttle


def test_at_first_the_whole_rate_is_used() -> None:
    assert Throttle().share(0.0) == 1.0


def test_a_refusal_halves_the_rate_and_others_of_the_same_window_do_not_count() -> None:
    throttle = Throttle()
    for at in (10.0, 10.2, 39.9):
        throttle.cut(at, 30.0)
    assert throttle.share(40.0) == 0.5
    throttle.cut(40.0, 30.0)
    assert throttle.share(70.0) == 0.25


@pytest.mark.parametrize(
    ("minutes", "share"), [(0, 0.5), (0.9, 0.5), (1, 0.55), (5.5, 0.75), (9.9, 0.95), (10, 1.0), (1e6, 1.0)]
)
def test_every_minute_without_a_refusal_gives_back_a_twentieth(minutes: float, share: float) -> None:
    throttle = Throttle()
    throttle.cut(0.0, 30.0)
    assert throttle.share(30.0 + minutes * 60.0) == pytest.approx(share)


def test_the_steps_are_the_same_however_often_one_asks() -> None:
    asked, unasked = Throttle(), Throttle()
    for throttle in (asked, unasked):
        throttle.cut(0.0, 30.0)
    for second in range(300):
        asked.share(float(second))
    assert asked.share(300.0) == pytest.approx(unasked.share(300.0))


def test_it_never_comes_to_nothing() -> None:
    throttle = Throttle()
    for number in range(20):
        throttle.cut(number * 30.0, 30.0)
    assert throttle.share(600.0) == LEAST_SHARE
