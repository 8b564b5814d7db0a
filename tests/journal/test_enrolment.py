"""How rows stand against the journal, and what becomes of them there: nobody twice, nobody forgotten."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from batchmail.delivery import Candidate, DeliveryState
from batchmail.journal.base import Roster, Standing
from batchmail.journal.transitions import NOT_PLANNED
from tests.journal.desk import (
    ABANDONED,
    AT,
    FAILED,
    IN_DOUBT,
    LATER,
    QUEUED,
    REJECTED,
    SENDING,
    SENT,
    SKIPPED,
    Desk,
    row,
)

NOTHING = Standing(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
CHANGES = [row(1, content="other words"), row(1, to=["elsewhere@example.com"])]


def same(roster: Roster, send: int = 0, **others: int) -> None:
    """The roster stands as told, each row to be sent being one request to one address, and nothing else."""
    assert roster.standing(1) == replace(NOTHING, send=send, requests=send, recipients=send, **others)


STANDINGS: list[tuple[DeliveryState, dict[str, int], dict[str, int]]] = [
    (QUEUED, {"send": 1}, {"send": 1}),
    (SENDING, {"in_doubt": 1}, {"in_doubt": 1}),
    (SENT, {"already_sent": 1}, {"already_sent": 1, "changed_since_sent": 1}),
    (REJECTED, {"rejected": 1}, {"send": 1, "again": 1}),
    (FAILED, {"send": 1, "again": 1}, {"send": 1, "again": 1}),
    (IN_DOUBT, {"in_doubt": 1}, {"in_doubt": 1}),
    (SKIPPED, {"send": 1}, {"send": 1}),
    (ABANDONED, {"abandoned": 1}, {"abandoned": 1}),
]


@pytest.mark.parametrize(("state", "unchanged", "changed"), STANDINGS)
def test_a_row_stands_as_the_journal_knows_its_key(
    desk: Desk, state: DeliveryState, unchanged: dict[str, int], changed: dict[str, int]
) -> None:
    desk.reach(state, row(1))
    same(desk.plan(row(1)), **unchanged)
    for other in CHANGES:
        same(desk.plan(other), **changed)
    same(desk.plan(row(1, skip="unsubscribed")), skipped=1)
    out = state in {SENT, SENDING, IN_DOUBT}
    same(desk.plan(row(1, "another key")), send=1, rekeyed=int(out))
    same(desk.plan(row(1, "another key", to=["elsewhere@example.com"])), send=1)


CASES = [(state, row(1), unchanged) for state, unchanged, _ in STANDINGS]
CASES += [(state, other, changed) for other in CHANGES for state, _, changed in STANDINGS]


@pytest.mark.parametrize(("state", "candidate", "stands"), CASES)
def test_what_would_be_sent_is_what_is_sent_and_all_else_is_left_alone(
    desk: Desk, state: DeliveryState, candidate: Candidate, stands: dict[str, int]
) -> None:
    desk.reach(state, row(1))
    before = desk.record("1")
    roster = desk.plan(candidate)
    assert bool(roster.sendable([1])) == ("send" in stands)
    roster.enrol(LATER)
    if "send" in stands:
        assert desk.taken() == [["1"]]
        assert desk.record("1").to == candidate.to
        assert desk.record("1").state == QUEUED
    else:
        assert desk.taken() == []
        assert desk.record("1") == before


@pytest.mark.parametrize("state", list(DeliveryState))
def test_a_row_that_the_plan_skips_is_skipped_unless_its_mail_may_be_out(desk: Desk, state: DeliveryState) -> None:
    desk.reach(state, row(1))
    before = desk.record("1")
    desk.enrol(row(1, skip="unsubscribed"), at=LATER)
    if state in {SENT, SENDING, IN_DOUBT, ABANDONED}:
        assert desk.record("1") == before
    else:
        assert desk.record("1") == before._replace(state=SKIPPED, reason="unsubscribed", at=LATER)
    assert desk.taken() == []


def test_a_refused_mail_is_tried_again_when_its_row_is_named(desk: Desk) -> None:
    desk.reach(REJECTED, row(1))
    roster = desk.plan(row(1), row(2))
    assert roster.restrict(["1"]) == []
    same(roster, send=1, again=1)
    roster.enrol(LATER)
    assert desk.taken() == [["1"]]


@pytest.mark.parametrize("state", [SENT, SENDING, IN_DOUBT, ABANDONED])
def test_naming_a_row_sends_nothing_that_may_be_out(desk: Desk, state: DeliveryState) -> None:
    desk.reach(state, row(1))
    roster = desk.plan(row(1))
    roster.restrict(["1"])
    assert roster.sendable([1]) == []
    roster.enrol(LATER)
    assert desk.states() == {"1": state.value}


def test_restricting_leaves_all_other_rows_out_and_tells_unknown_keys(desk: Desk) -> None:
    roster = desk.plan(row(1), row(2), row(3, skip="unsubscribed"), row(4))
    assert roster.restrict(["4", "5", "3", "6", "5"]) == ["5", "6"]
    same(roster, send=1, skipped=1)
    assert roster.sendable([1, 2, 3, 4]) == [4]
    roster.enrol(LATER)
    assert desk.states() == {"3": "skipped", "4": "queued"}


def test_a_limit_leaves_out_what_would_be_sent_after_the_first_so_many(desk: Desk) -> None:
    desk.reach(SENT, row(2))
    roster = desk.plan(row(1), row(2), row(3, skip="unsubscribed"), row(4), row(5), row(6, skip="unsubscribed"))
    roster.limit(2)
    same(roster, send=2, already_sent=1, skipped=2)
    assert roster.sendable([1, 2, 3, 4, 5, 6]) == [1, 4]
    roster.enrol(LATER)
    assert desk.taken() == [["1"], ["4"]]
    assert desk.states() == {"1": "queued", "2": "sent", "3": "skipped", "4": "queued", "6": "skipped"}


@pytest.mark.parametrize(("count", "sent"), [(0, []), (3, ["1", "2", "3"]), (9, ["1", "2", "3"])])
def test_a_limit_may_be_none_or_more_than_there_are(desk: Desk, count: int, sent: list[str]) -> None:
    roster = desk.plan(row(1), row(2), row(3))
    roster.limit(count)
    roster.enrol(LATER)
    assert [key for (key,) in desk.taken()] == sent


def test_a_limit_counts_among_the_named_rows(desk: Desk) -> None:
    roster = desk.plan(*map(row, range(1, 7)))
    roster.restrict(["2", "4", "6"])
    roster.limit(2)
    roster.enrol(LATER)
    assert desk.taken() == [["2"], ["4"]]


def test_what_is_queued_and_no_longer_planned_is_skipped(desk: Desk) -> None:
    desk.enrol(row(1), row(2), row(3))
    desk.go("3", SENDING, SENT)
    desk.later()
    desk.enrol(row(1), at=LATER)
    assert desk.states() == {"1": "queued", "2": "skipped", "3": "sent"}
    assert (desk.record("2").reason, desk.record("2").at) == (NOT_PLANNED, LATER)
    assert desk.taken() == [["1"]]


@pytest.mark.parametrize("narrow", [lambda roster: roster.restrict(["1"]), lambda roster: roster.limit(1)])
def test_what_a_narrowed_plan_leaves_out_stays_as_it_is(desk: Desk, narrow: Callable[[Roster], object]) -> None:
    desk.enrol(row(1), row(2), row(3))
    desk.later()
    before = [desk.record("2"), desk.record("3")]
    roster = desk.plan(row(1), row(2, content="other words"))
    narrow(roster)
    roster.enrol(LATER)
    assert [desk.record("2"), desk.record("3")] == before
    assert desk.taken() == [["1"]]


def test_a_queued_row_is_sent_as_it_reads_now(desk: Desk) -> None:
    desk.enrol(row(1), row(2))
    desk.later()
    desk.enrol(row(1), row(5, "2", to=["new@example.com"], content="new"), at=LATER)
    (batch,) = [batch for batch in desk.journal.batches(1) if batch.deliveries[0].key == "2"]
    (delivery,) = batch.deliveries
    assert (delivery.position, delivery.to, batch.content) == (5, ("new@example.com",), b"new")
    assert delivery.content == batch.content


def test_attempts_rise_over_all_runs(desk: Desk) -> None:
    desk.reach(FAILED, row(1))
    desk.enrol(row(1), at=LATER)
    (batch,) = desk.journal.batches(1)
    assert batch.deliveries[0].attempts == 1
    desk.go("1", SENDING, SENT)
    assert desk.record("1").attempts == 2


def test_enrolling_twice_is_enrolling_once(desk: Desk) -> None:
    desk.enrol(row(1), row(2, skip="unsubscribed"))
    before = list(desk.journal.all_records())
    desk.later()
    desk.enrol(row(1), row(2, skip="unsubscribed"), at=LATER)
    assert list(desk.journal.all_records()) == before
    desk.enrol(row(1), row(2, skip="left out by `where`"), at=LATER)
    assert desk.record("2").reason == "left out by `where`"


def leave_out_the_first(roster: Roster) -> None:
    roster.leave_out([1])


def name_the_second(roster: Roster) -> None:
    """The first row takes the second's key when it is left out already."""
    roster.restrict(["b"])
    roster.rename(1, "b")


@pytest.mark.parametrize(("keys", "narrow"), [(("a", "a"), leave_out_the_first), (("a", "b"), name_the_second)])
def test_of_skipped_rows_with_one_key_the_first_counts_left_out_or_not(
    desk: Desk, keys: tuple[str, str], narrow: Callable[[Roster], None]
) -> None:
    roster = desk.plan(*(row(number, key, skip="unsubscribed") for number, key in enumerate(keys, 1)))
    narrow(roster)
    same(roster, skipped=1)
    roster.enrol(AT)
    assert desk.states() == {}


def test_two_rows_to_be_sent_under_one_key_are_never_enrolled(desk: Desk) -> None:
    roster = desk.plan(row(1, "a"), row(2, "a"), row(3))
    with pytest.raises(ValueError, match="'a'"):
        roster.enrol(LATER)
    assert desk.states() == {}
    assert desk.taken() == []


def test_of_rows_with_one_key_the_one_to_be_sent_is_the_delivery(desk: Desk) -> None:
    desk.enrol(row(1, "a", skip="duplicate"), row(2, "a"), row(3, "b", skip="first"), row(4, "b", skip="second"))
    assert desk.states() == {"a": "queued", "b": "skipped"}
    assert desk.record("b").reason == "first"
    assert desk.taken() == [["a"]]
