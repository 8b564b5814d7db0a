"""What follows from an outcome."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import DeliveryState
from batchmail.executor.reasons import LONGEST_REASON, one_line
from batchmail.executor.retry import (
    PATIENCE_SECONDS,
    Halt,
    Settle,
    Tries,
    TryAgain,
    consequence,
)
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent

CLOSED = Closed("401", "the token was refused", "Log in again.")
GREYLISTED = Refused("451", "greylisted, come back later", strained=False, patient=True)
LIMITED = Refused("429", "too many requests", attempt=False)


def half() -> float:
    return 0.5


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Sent("id-1"), Settle(DeliveryState.SENT, provider_id="id-1")),
        (Rejected("INVALID", "no such user"), Settle(DeliveryState.REJECTED, "INVALID: no such user")),
        (InDoubt("no answer within 120 s"), Settle(DeliveryState.IN_DOUBT, "no answer within 120 s")),
        (CLOSED, Halt(CLOSED, "401: the token was refused")),
    ],
)
def test_every_final_answer_settles_the_message_or_ends_the_run(outcome: Outcome, expected: object) -> None:
    assert consequence(outcome, Tries(), 5, half) == expected


@pytest.mark.parametrize(("requests", "most"), [(0, 1), (1, 2), (5, 32), (6, 60), (5_000, 60)])
def test_the_backoff_doubles_up_to_a_minute_with_full_jitter(requests: int, most: float) -> None:
    tries = Tries(requests=requests)
    refused = Refused("", "connection refused")
    for share in (0.0, 0.5, 1.0):
        following = consequence(refused, tries, 99, lambda share=share: share)  # type: ignore[misc]  # a default binds it
        assert isinstance(following, TryAgain)
        assert following.delay_seconds == most * share
        assert following.pause_seconds == 0


def test_an_attempt_is_used_up_by_an_ordinary_refusal_only() -> None:
    ordinary = consequence(Refused("", "connection refused"), Tries(3, 1, 10), 5, half)
    limited = consequence(LIMITED, Tries(3, 1, 10), 5, half)
    assert isinstance(ordinary, TryAgain)
    assert isinstance(limited, TryAgain)
    assert (ordinary.tries.requests, ordinary.tries.used) == (4, 2)
    assert (limited.tries.requests, limited.tries.used) == (4, 1)
    assert limited.tries.waited_seconds == 10 + limited.delay_seconds


def test_used_up_attempts_fail_the_message_with_the_last_reason() -> None:
    following = consequence(Refused("ECONN", "connection refused"), Tries(requests=9, used=4), 5, half)
    assert following == Settle(DeliveryState.FAILED, "5 attempts used up, the last one: ECONN: connection refused")


def test_the_provider_s_wish_holds_for_the_whole_run() -> None:
    following = consequence(Refused("503", "busy", retry_after_seconds=7), Tries(), 5, half)
    assert following == TryAgain(7, "503: busy", Tries(1, 1, 7), pause_seconds=7)


def test_a_rate_limit_without_a_time_pauses_the_whole_run_too_and_for_a_second_at_least() -> None:
    following = consequence(LIMITED, Tries(), 5, lambda: 0.0)
    assert following == TryAgain(1, "429: too many requests", Tries(1, 0, 1), pause_seconds=1)


def test_a_wait_of_over_an_hour_ends_the_run_and_leaves_the_message_queued() -> None:
    wish = Refused("429", "daily quota", retry_after_seconds=PATIENCE_SECONDS + 60, attempt=False)
    following = consequence(wish, Tries(), 5, half)
    assert isinstance(following, Halt)
    assert following.closed.code == "429"
    assert following.closed.reason == "daily quota; a mail would have to wait for 61 minutes in all"
    assert "still queued" in following.closed.hint


def test_what_takes_a_mail_minutes_is_waited_for_minutes_and_five_attempts_take_over_ten_of_them() -> None:
    tries, waits = Tries(), []
    for _ in range(4):
        following = consequence(GREYLISTED, tries, 5, lambda: 0.0)
        assert isinstance(following, TryAgain)
        assert (following.patient, following.pause_seconds) == (True, 0)
        waits.append(following.delay_seconds)
        tries = following.tries
    assert waits == [60, 120, 240, 300]
    assert isinstance(consequence(GREYLISTED, tries, 5, lambda: 0.0), Settle)


def test_patience_with_one_mail_ends_that_mail_and_not_the_run() -> None:
    following = consequence(GREYLISTED, Tries(12, 12, PATIENCE_SECONDS - 60), 99, half)
    assert following == Settle(
        DeliveryState.FAILED, "not taken in 59 minutes and 13 attempts: 451: greylisted, come back later"
    )


outcomes = st.sampled_from(
    [GREYLISTED, Refused("", "no"), LIMITED, Refused("429", "…", 0, attempt=False), Refused("503", "…", 3)]
)


@given(st.lists(outcomes, min_size=1), st.integers(1, 5), st.floats(0, 1))
def test_whatever_the_refusals_they_come_to_an_end(refusals: list[Refused], attempts: int, jitter: float) -> None:
    tries = Tries()
    for number in range(5_000):
        following = consequence(refusals[number % len(refusals)], tries, attempts, lambda: jitter)
        if not isinstance(following, TryAgain):
            break
        assert following.tries.requests == tries.requests + 1
        assert following.tries.used < attempts
        assert following.delay_seconds >= 0
        tries = following.tries
    else:
        pytest.fail("tried 5,000 times")
    assert tries.waited_seconds <= PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("code", "reason", "line"),
    [
        ("C", "r", "C: r"),
        ("", "r", "r"),
        ("C", "", "C"),
        ("", "two\r\nlines\tand \x1b[31m colour", "two lines and [31m colour"),
        ("", "받는 사람이 없습니다", "받는 사람이 없습니다"),
    ],
)
def test_a_reason_is_one_line_without_control_characters(code: str, reason: str, line: str) -> None:
    assert one_line(code, reason) == line


@given(st.text(), st.text())
def test_a_reason_is_always_short_and_printable(code: str, reason: str) -> None:
    line = one_line(code, reason)
    assert len(line) <= LONGEST_REASON
    assert line.isprintable()
