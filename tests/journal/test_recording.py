"""What a journal promises of the steps it is given, and of what it tells afterwards."""

import pytest

from batchmail.delivery import Counts, Record, Transition
from batchmail.journal.base import IllegalTransition
from batchmail.journal.transitions import RUN_ENDED
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
    Desk,
    row,
)


def test_a_journal_that_knows_nothing_says_so(desk: Desk) -> None:
    journal = desk.journal
    assert journal.counts() == Counts()
    assert journal.requests() == 0
    assert journal.records(["1"]) == {}
    assert journal.deliveries(["1"]) == {}
    assert list(journal.all_records()) == []
    assert list(journal.in_doubt()) == []
    assert list(journal.batches(1)) == []
    assert journal.recover(AT) == 0


def test_a_result_is_told_as_it_was_recorded(desk: Desk) -> None:
    desk.enrol(row(1, to=["kim@example.com", "김민수@example.co.kr"]))
    desk.go("1", SENDING, request=3)
    desk.go("1", SENT, request=3, at=LATER, reason="accepted", provider_id="<id-7@example.com>")
    desk.later()
    to = ("kim@example.com", "김민수@example.co.kr")
    told = Record("1", SENT, "accepted", 1, LATER, "<id-7@example.com>", to)
    assert desk.journal.records(["2", "1"]) == {"1": told}
    assert list(desk.journal.all_records()) == [told]


def test_a_delivery_is_found_by_its_key_for_the_next_step(desk: Desk) -> None:
    desk.enrol(row(1, "a"), row(2, "b"))
    desk.go("b", SENDING, IN_DOUBT)
    desk.later()
    (delivery,) = desk.journal.deliveries(["b", "c"]).values()
    assert (delivery.key, delivery.position, delivery.attempts) == ("b", 2, 1)
    assert (delivery.to, delivery.content) == (("person2@example.com",), b"content 2")
    desk.journal.record([Transition(delivery.id, SENT, 1, LATER, reason="found in the Sent folder")])
    assert desk.record("b").state is SENT


def test_a_delivery_may_be_tried_until_it_is_accepted(desk: Desk) -> None:
    desk.enrol(row(1))
    desk.go("1", SENDING, QUEUED, reason="503 Service Unavailable")
    assert (desk.record("1").attempts, desk.record("1").reason) == (1, "503 Service Unavailable")
    desk.go("1", SENDING, QUEUED, SENDING, SENT)
    desk.later()
    assert (desk.record("1").state, desk.record("1").attempts, desk.record("1").reason) == (SENT, 3, "")


def test_an_intent_and_its_result_may_come_in_one_commit(desk: Desk) -> None:
    desk.enrol(row(1))
    intent = desk.step("1", SENDING)
    desk.journal.record([intent, intent._replace(state=QUEUED), intent._replace(attempt=2)])
    assert (desk.record("1").state, desk.record("1").attempts) == (SENDING, 2)


def test_one_illegal_step_undoes_its_whole_commit(desk: Desk) -> None:
    desk.enrol(row(1), row(2))
    before = list(desk.journal.all_records())
    steps = [desk.step("1", SENDING, request=1), desk.step("2", SENDING, request=1)]
    for refused in ([*steps, steps[0]._replace(attempt=1)], [*steps, steps[0]._replace(delivery=10**9)]):
        with pytest.raises(IllegalTransition):
            desk.journal.record(refused)
        assert list(desk.journal.all_records()) == before
        assert desk.journal.requests() == 0
    desk.journal.record(steps)
    assert desk.states() == {"1": "sending", "2": "sending"}


def test_a_result_of_an_earlier_attempt_is_refused(desk: Desk) -> None:
    desk.enrol(row(1))
    desk.go("1", SENDING, QUEUED, SENDING)
    with pytest.raises(IllegalTransition, match="cannot become sent in attempt 1"):
        desk.go("1", SENT, attempt=1)


def test_an_empty_commit_changes_nothing(desk: Desk) -> None:
    desk.enrol(row(1))
    desk.journal.record([])
    assert desk.states() == {"1": "queued"}


def test_requests_are_counted_over_all_runs(desk: Desk) -> None:
    desk.enrol(row(1), row(2), row(3))
    desk.journal.record([desk.step("1", SENDING, request=1), desk.step("2", SENDING, request=1)])
    desk.go("3", SENDING, request=2)
    desk.go("1", SENT, request=1)
    desk.later()
    assert desk.journal.requests() == 2
    desk.go("2", IN_DOUBT, ABANDONED)
    assert desk.journal.requests() == 2


def test_counts_add_up_to_the_plan(desk: Desk) -> None:
    desk.enrol(*(row(position) for position in range(1, 9)), row(9, skip="unsubscribed"))
    for key, state in {"2": SENT, "3": REJECTED, "4": FAILED, "5": IN_DOUBT, "6": QUEUED}.items():
        desk.go(key, SENDING, state)
    desk.go("7", SENDING)
    desk.go("8", SENDING, IN_DOUBT, ABANDONED)
    desk.later()
    assert desk.journal.counts() == Counts(2, 1, 1, 1, 1, 1, 1, 1)
    assert [each.key for each in desk.journal.all_records(troubled=True)] == ["3", "4", "5", "7"]


def test_after_a_crash_what_was_being_sent_is_in_doubt(desk: Desk) -> None:
    desk.enrol(*(row(position) for position in range(1, 6)))
    desk.go("2", SENDING, request=1)
    desk.go("3", SENDING, SENT, request=2)
    desk.go("5", SENDING, QUEUED, SENDING, request=3)
    desk.later()
    assert desk.journal.recover(LATER) == 2
    assert desk.states() == {"1": "queued", "2": "in_doubt", "3": "sent", "4": "queued", "5": "in_doubt"}
    assert list(desk.journal.in_doubt()) == ["2", "5"]
    told = desk.record("5")
    assert (told.reason, told.at, told.attempts) == (RUN_ENDED, LATER, 2)
    assert desk.journal.requests() == 3
    assert desk.journal.recover(LATER) == 0


def test_the_late_answer_of_a_doubtful_attempt_settles_it(desk: Desk) -> None:
    desk.enrol(row(1))
    desk.go("1", SENDING)
    desk.journal.recover(LATER)
    desk.go("1", SENT, provider_id="late")
    assert desk.record("1").provider_id == "late"


def test_a_doubtful_mail_goes_out_again_only_when_somebody_says_so(desk: Desk) -> None:
    desk.enrol(row(1))
    desk.go("1", SENDING, IN_DOUBT)
    desk.later()
    desk.enrol(row(1), at=LATER)
    assert desk.taken() == []
    desk.go("1", QUEUED, reason="to be sent again")
    assert desk.taken() == []
    desk.enrol(row(1), at=LATER)
    assert desk.taken() == [["1"]]


def test_everything_is_told_by_the_rows_position(desk: Desk) -> None:
    desk.enrol(*(row(position, f"key {2_500 - position}") for position in range(1, 2_501)))
    desk.later()
    assert [record.key for record in desk.journal.all_records()] == [f"key {number}" for number in range(2_499, -1, -1)]
    desk.journal.record([desk.step(f"key {number}", SENDING) for number in range(1_100)])
    desk.journal.recover(LATER)
    assert list(desk.journal.in_doubt()) == [f"key {number}" for number in range(1_099, -1, -1)]


def test_records_may_be_read_on_while_others_are_written(desk: Desk) -> None:
    desk.enrol(*(row(position) for position in range(1, 2_501)))
    told = []
    for record in desk.journal.all_records():
        told.append(record.key)
        if len(told) % 500 == 1:
            desk.go(record.key, SENDING, SENT)
    assert told == [str(position) for position in range(1, 2_501)]
    assert desk.journal.counts().sent == 5


@pytest.mark.parametrize(
    "text", ["tab\tand\nline", "김민수 髙橋 🎉", "half a pair \ud83d", "nul \0 inside", "'; DROP TABLE event"]
)
def test_whatever_a_provider_answers_can_be_recorded(desk: Desk, text: str) -> None:
    desk.enrol(row(1))
    desk.go("1", SENDING)
    desk.go("1", REJECTED, reason=text, provider_id=text)
    desk.later()
    assert desk.record("1").reason in {text, text.replace("\ud83d", "?")}
    assert desk.record("1").provider_id == desk.record("1").reason


@pytest.mark.parametrize("key", ["", "a|b", "kim@example.com", "김민수", "a\0b", " a ", "A", "a", "1", "01", "NULL"])
def test_a_key_is_itself_to_the_letter(desk: Desk, key: str) -> None:
    others = [key + " ", key + "x", key + "\0"]
    desk.enrol(row(1, key), *(row(position, other) for position, other in enumerate(others, 2)))
    desk.go(key, SENDING, SENT)
    desk.later()
    assert [each for each, state in desk.states().items() if state == "sent"] == [key]
    assert desk.plan(row(1, key)).standing(1).already_sent == 1


def test_who_is_reached_and_who_is_missed_is_not_forgotten_when_a_doubt_is_settled(desk: Desk) -> None:
    desk.enrol(row(1), row(2), row(3))
    for key in "123":
        desk.go(key, SENDING)
        desk.journal.record([desk.step(key, IN_DOUBT)._replace(reached=key == "1", missed=True)])
    desk.later()
    assert (desk.record("1").reached, desk.record("1").missed, desk.record("1").partial) == (True, True, False)
    desk.go("1", IN_DOUBT, SENT)
    desk.go("2", QUEUED, SENDING, SENT)
    desk.go("3", ABANDONED)
    assert [desk.record(key).partial for key in "123"] == [True, False, False]
    assert list(desk.journal.all_records(troubled=True)) == [desk.record("1")]
    assert desk.journal.counts() == Counts(sent=2, abandoned=1, partial=1)
