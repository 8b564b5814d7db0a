"""The state machine of a delivery, step by step."""

import re
from collections.abc import Iterable
from importlib.resources import files
from itertools import product

import pytest

from batchmail.delivery import DeliveryState, Transition
from batchmail.journal.base import IllegalTransition
from batchmail.journal.transitions import STEPS, check
from batchmail.journal.verdict import SKIPPABLE, Verdict, verdict
from tests.journal.desk import (
    ABANDONED,
    AT,
    FAILED,
    IN_DOUBT,
    QUEUED,
    REJECTED,
    REPLANNED,
    SENDING,
    SENT,
    SKIPPED,
    WAYS,
    Desk,
    row,
)

LEGAL = {
    (QUEUED, SENDING),
    (QUEUED, FAILED),
    (QUEUED, SKIPPED),
    (SENDING, SENT),
    (SENDING, REJECTED),
    (SENDING, QUEUED),
    (SENDING, FAILED),
    (SENDING, IN_DOUBT),
    (IN_DOUBT, SENT),
    (IN_DOUBT, QUEUED),
    (IN_DOUBT, ABANDONED),
    (IN_DOUBT, IN_DOUBT),
}


def step(state: DeliveryState, attempt: int) -> Transition:
    return Transition(1, state, attempt, AT)


@pytest.mark.parametrize(("before", "after"), list(product(DeliveryState, DeliveryState)))
def test_exactly_the_steps_of_the_table_are_legal(before: DeliveryState, after: DeliveryState) -> None:
    attempt = 3 if after is SENDING else 2
    if (before, after) in LEGAL:
        check(before, 2, step(after, attempt))
    else:
        with pytest.raises(IllegalTransition):
            check(before, 2, step(after, attempt))


@pytest.mark.parametrize(("before", "after"), sorted(LEGAL))
@pytest.mark.parametrize("attempt", [0, 1, 2, 3, 4])
def test_an_intent_is_the_next_attempt_and_all_else_belongs_to_the_last(
    before: DeliveryState, after: DeliveryState, attempt: int
) -> None:
    if attempt == (3 if after is SENDING else 2):
        check(before, 2, step(after, attempt))
    else:
        with pytest.raises(IllegalTransition, match=f"after 2 attempts, cannot become {after} in attempt {attempt}"):
            check(before, 2, step(after, attempt))


def reachable(starts: Iterable[DeliveryState]) -> set[DeliveryState]:
    """Every state that some run and some plan may bring these to."""
    found: set[DeliveryState] = set()
    ahead = set(starts)
    while ahead:
        found |= ahead
        ahead = {after for state in ahead for after in STEPS[state] | REPLANNED.get(state, frozenset())} - found
    return found


def test_nothing_leads_from_sent_or_abandoned_anywhere() -> None:
    assert reachable({SENT}) == {SENT}
    assert reachable({ABANDONED}) == {ABANDONED}


def test_a_plan_touches_no_delivery_that_may_have_been_accepted() -> None:
    assert not {SENDING, SENT, IN_DOUBT, ABANDONED} & set(REPLANNED)
    assert all(states <= {QUEUED, SKIPPED} for states in REPLANNED.values())


def test_every_state_has_its_place_in_the_machine() -> None:
    assert set(STEPS) == set(DeliveryState)
    assert reachable({QUEUED}) == set(DeliveryState)


def test_the_file_knows_every_state_and_no_other() -> None:
    schema = files("batchmail.journal").joinpath("schema", "0001.sql").read_text(encoding="utf-8")
    (listed,) = re.findall(r"CHECK \(\s*state IN \((.*?)\)", schema)
    assert set(re.findall(r"'(\w+)'", listed)) == {state.value for state in DeliveryState}


STANDS = list(product([None, *DeliveryState], [False, True], [False, True], [False, True]))


@pytest.mark.parametrize(("state", "skip", "changed", "named"), STANDS)
def test_a_row_is_sent_only_where_no_mail_may_be_out(
    *, state: DeliveryState | None, skip: bool, changed: bool, named: bool
) -> None:
    stands = verdict(state, skip=skip, changed=changed, named=named)
    if stands is Verdict.SEND:
        assert state not in {SENT, SENDING, IN_DOUBT, ABANDONED}
        assert not skip
        assert state is None or state is QUEUED or QUEUED in REPLANNED[state]
    if skip:
        assert stands is Verdict.SKIPPED


def test_what_a_plan_may_skip_is_what_the_machine_lets_it_skip() -> None:
    assert {state for state, after in REPLANNED.items() if SKIPPED in after} == SKIPPABLE


@pytest.mark.parametrize("state", list(DeliveryState))
def test_every_state_is_reached_and_told(desk: Desk, state: DeliveryState) -> None:
    desk.reach(state, row(1))
    assert desk.states() == {"1": state.value}
    assert desk.journal.counts().of(state) == 1


@pytest.mark.parametrize(("before", "after"), list(product(DeliveryState, DeliveryState)))
def test_a_journal_takes_legal_steps_and_refuses_the_others_whole(
    desk: Desk, before: DeliveryState, after: DeliveryState
) -> None:
    desk.enrol(row(1), row(2))
    desk.go("1", *WAYS[before])
    records = list(desk.journal.all_records())
    steps = [desk.step("2", SENDING, request=7), desk.step("1", after, request=7)]
    if (before, after) in LEGAL:
        desk.journal.record(steps)
        assert desk.states() == {"1": after.value, "2": "sending"}
        assert desk.journal.requests() == 7
    else:
        with pytest.raises(IllegalTransition):
            desk.journal.record(steps)
        assert list(desk.journal.all_records()) == records
        assert desk.journal.requests() == 0
