"""What goes out together, in which order, and that nothing goes out twice or not at all."""

from collections import Counter
from threading import Thread

from hypothesis import given, settings
from hypothesis import strategies as st

from batchmail.delivery import Candidate, Delivery, Mailing, Transition
from batchmail.journal.base import Journal
from batchmail.journal.memory import MemoryJournal
from tests.journal.desk import AT, IN_DOUBT, LATER, QUEUED, SENDING, SENT, Desk, keys, row
from tests.journal.twins import unfiled_journal


def together(position: int, batch: str, key: str | None = None) -> Candidate:
    """A row that may travel with all others of its batch."""
    return row(position, key, batch=batch, content=f"mail of {batch}")


def test_a_batch_has_rows_of_one_batch_up_to_the_limit(desk: Desk) -> None:
    desk.enrol(*(together(position, "ab"[position % 2]) for position in range(1, 8)))
    assert desk.taken(3) == [["1", "3", "5"], ["7"], ["2", "4", "6"]]
    assert desk.taken(2) == [["1", "3"], ["5", "7"], ["2", "4"], ["6"]]
    assert desk.taken(100) == [["1", "3", "5", "7"], ["2", "4", "6"]]
    assert desk.taken(1) == [["1"], ["3"], ["5"], ["7"], ["2"], ["4"], ["6"]]


def test_a_batch_that_goes_on_says_so(desk: Desk) -> None:
    desk.enrol(together(1, "a"), row(2), together(3, "a"), together(4, "a"))
    batches = list(desk.journal.batches(2))
    assert [(keys(batch), batch.continued) for batch in batches] == [(["1", "3"], False), (["4"], True), (["2"], False)]
    assert [batch.content for batch in batches] == [b"mail of a", b"mail of a", b"content 2"]


def test_rows_with_other_content_never_travel_together_whatever_their_batch(desk: Desk) -> None:
    rows = [row(1, batch="x", content="a"), row(2, batch="x", content="b"), row(3, batch="x", content="a")]
    assert desk.plan(*rows).standing(9).requests == 2
    desk.enrol(*rows)
    assert desk.taken(9) == [["1", "3"], ["2"]]


def test_separated_rows_travel_alone(desk: Desk) -> None:
    roster = desk.plan(*(together(position, "a") for position in range(1, 6)))
    roster.separate([2, 4, 9])
    roster.enrol(AT)
    assert desk.taken(9) == [["1", "3", "5"], ["2"], ["4"]]


def test_rows_left_out_are_neither_sent_nor_skipped_and_their_keys_are_known(desk: Desk) -> None:
    desk.enrol(row(1), row(2), row(3))
    before = desk.record("2")
    desk.later()
    roster = desk.plan(row(1), row(2, content="other words"), row(4))
    roster.leave_out([2, 4, 9])
    assert roster.standing(1).send == 1
    assert roster.restrict(["1", "2", "5"]) == ["5"]
    roster.enrol(LATER)
    assert desk.taken() == [["1"]]
    assert desk.record("2") == before
    assert "4" not in desk.states()


def test_groups_come_by_the_first_row_that_is_still_queued(desk: Desk) -> None:
    rows = [together(1, "a"), row(2), together(3, "a"), row(4)]
    desk.enrol(*rows)
    desk.go("1", SENDING, SENT)
    assert desk.taken(9) == [["2"], ["3"], ["4"]]
    desk.later()
    desk.enrol(*rows, at=LATER)
    assert desk.taken(9) == [["2"], ["3"], ["4"]]


def test_only_what_is_queued_is_handed_out(desk: Desk) -> None:
    desk.enrol(*(row(position) for position in range(1, 6)), row(6, skip="unsubscribed"))
    desk.go("1", SENDING, SENT)
    desk.go("2", SENDING)
    desk.go("3", SENDING, IN_DOUBT)
    desk.go("4", SENDING, QUEUED)
    assert desk.taken() == [["4"], ["5"]]


def test_nothing_is_handed_out_before_a_roster_is_enrolled(desk: Desk) -> None:
    desk.enrol(row(1))
    roster = desk.plan(row(1))
    assert desk.taken() == []
    roster.enrol(LATER)
    assert desk.taken() == [["1"]]


def test_batches_may_be_read_on_while_their_results_are_recorded(desk: Desk) -> None:
    desk.enrol(*(together(position, str(position % 700)) for position in range(1, 3_001)))
    handed_out: Counter[str] = Counter()
    for number, batch in enumerate(desk.journal.batches(3), 1):
        intents = [Transition(each.id, SENDING, each.attempts + 1, AT, number) for each in batch.deliveries]
        desk.journal.record(intents)
        after = QUEUED if number % 3 == 0 else SENT
        desk.journal.record([Transition(each.id, after, each.attempts + 1, AT, number) for each in batch.deliveries])
        handed_out.update(keys(batch))
    assert handed_out == Counter({str(position): 1 for position in range(1, 3_001)})
    again = [key for batch in desk.taken(3) for key in batch]
    assert sorted(again) == sorted(key for key, state in desk.states().items() if state == "queued")
    assert desk.journal.requests() == number


def test_one_thread_may_record_while_another_reads(desk: Desk) -> None:
    desk.enrol(*(row(position) for position in range(1, 2_501)))
    found = [delivery for batch in desk.journal.batches(1) for delivery in batch.deliveries]
    read: list[str] = []
    readers = [
        Thread(target=lambda: read.extend(key for batch in desk.taken(7) for key in batch)),
        Thread(target=lambda: read.extend(record.key for record in desk.journal.all_records())),
    ]
    writer = Thread(target=record_all, args=(desk.journal, found))
    threads = [writer, *readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.journal.counts().sent == 2_500
    assert set(read) == {str(position) for position in range(1, 2_501)}


def record_all(journal: Journal, deliveries: list[Delivery]) -> None:
    """Send all of them, in groups."""
    for start in range(0, len(deliveries), 50):
        group = deliveries[start : start + 50]
        journal.record([Transition(each.id, SENDING, 1, AT, each.id) for each in group])
        journal.record([Transition(each.id, SENT, 1, AT, each.id) for each in group])


@given(batches=st.lists(st.sampled_from("abcd"), max_size=40), combine=st.integers(1, 9), limit=st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_batches_are_what_the_plan_foretold(batches: list[str], combine: int, limit: int) -> None:
    with unfiled_journal() as filed:
        for journal in (filed, MemoryJournal(Mailing("a"))):
            roster = journal.roster()
            roster.add(together(position, batch) for position, batch in enumerate(batches, 1))
            roster.limit(limit)
            standing = roster.standing(combine)
            roster.enrol(AT)
            found = list(journal.batches(combine))
            assert len(found) == standing.requests
            assert Counter(key for batch in found for key in keys(batch)) == Counter(
                {str(position): 1 for position in range(1, min(limit, len(batches)) + 1)}
            )
            for batch in found:
                positions = [delivery.position for delivery in batch.deliveries]
                assert len(positions) <= combine
                assert positions == sorted(positions)
                assert {delivery.content for delivery in batch.deliveries} == {batch.content}
            firsts = [batch.deliveries[0].position for batch in found if not batch.continued]
            assert firsts == sorted(firsts)
