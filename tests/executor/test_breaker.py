"""The breaker: an outage of the provider must not put everything in doubt."""

from batchmail.executor.breaker import Breaker
from batchmail.outcome import InDoubt, Outcome, Refused, Rejected, Sent

DOUBT = InDoubt("no answer within 120 s")


def first_closing(limit: int | None, outcomes: list[Outcome]) -> int | None:
    breaker = Breaker(limit)
    closed = [breaker.closed_by(outcome) is not None for outcome in outcomes]
    return closed.index(True) if any(closed) else None


def test_so_many_doubts_in_a_row_close_the_run() -> None:
    assert first_closing(3, [Sent(), DOUBT, DOUBT, DOUBT]) == 3


def test_an_answer_about_a_message_ends_the_row() -> None:
    assert first_closing(2, [DOUBT, Sent(), DOUBT, Rejected("", ""), DOUBT]) is None


def test_a_refusal_does_not_show_that_mails_get_through() -> None:
    assert first_closing(2, [DOUBT, Refused("429", "slow down"), DOUBT]) == 2


def test_without_a_limit_it_never_closes() -> None:
    assert first_closing(None, [DOUBT] * 100) is None


def test_it_says_what_happened_and_what_to_do() -> None:
    breaker = Breaker(2)
    breaker.closed_by(DOUBT)
    closed = breaker.closed_by(DOUBT)
    assert closed is not None
    assert closed.reason == "2 requests in a row ended in doubt, the last one: no answer within 120 s"
    assert "run the command again" in closed.hint
    assert "they are not sent again" in closed.hint
