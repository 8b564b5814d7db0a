"""What is asked of the database does not grow with what need not be done. Counted, for times would tell little."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import Candidate, DeliveryState, Transition
from batchmail.journal.base import Journal, SamePeople
from batchmail.journal.connection import BLOCK, blocks
from tests.journal.desk import AT, LATER, QUEUED, SENDING, SENT, Desk, database_of, in_file, row


@contextmanager
def counted(journal: Journal) -> Iterator[list[str]]:
    """The statements that the database is given, each as often as it runs."""
    statements: list[str] = []
    connection = database_of(journal)._connection
    connection.set_trace_callback(statements.append)
    try:
        yield statements
    finally:
        connection.set_trace_callback(None)


@pytest.mark.parametrize("together", [1, 100])
def test_many_steps_take_few_statements(file_desk: Desk, together: int) -> None:
    file_desk.enrol(*(row(position, batch="all", content="the same") for position in range(1, 201)))
    deliveries = [each for batch in file_desk.journal.batches(100) for each in batch.deliveries]
    for state in (SENDING, SENT):
        steps = [Transition(each.id, state, 1, AT, each.id // together) for each in deliveries]
        with counted(file_desk.journal) as statements:
            file_desk.journal.record(steps)
        assert len(statements) < 20
    assert file_desk.journal.counts().sent == 200


def test_where_no_address_stands_twice_that_is_asked_only_once(file_desk: Desk) -> None:
    roster = file_desk.plan(*(row(position) for position in range(1, 101)))
    with counted(file_desk.journal) as statements:
        assert (list(roster.same_mails()), roster.same_people(), roster.look_alikes()) == ([], None, 0)
    assert len(statements) == 1
    roster.add([row(101, to=["person1@example.com"])])
    assert roster.same_people() == SamePeople(1, 1, 101)


@pytest.mark.parametrize("state", [SENDING, SENT])
def test_many_steps_read_no_row_each(file_desk: Desk, state: DeliveryState) -> None:
    """After each row, Python would wait until the event loop lets it have its turn."""
    file_desk.enrol(*(row(position) for position in range(1, 101)))
    deliveries = [each for batch in file_desk.journal.batches(1) for each in batch.deliveries]
    if state is SENT:
        file_desk.journal.record([Transition(each.id, SENDING, 1, AT, each.id) for each in deliveries])
    read: list[object] = []

    def note(_cursor: sqlite3.Cursor, row: tuple[object, ...]) -> tuple[object, ...]:
        read.append(row)
        return row

    connection = database_of(file_desk.journal)._connection
    connection.row_factory = note
    file_desk.journal.record([Transition(each.id, state, 1, AT, each.id) for each in deliveries])
    connection.row_factory = None
    assert len(read) < 5
    assert file_desk.journal.counts().of(state) == 100


def test_steps_of_one_delivery_are_taken_one_after_another(file_desk: Desk) -> None:
    file_desk.enrol(row(1), row(2))
    one, other = file_desk.journal.deliveries(["1", "2"]).values()

    def step(identity: int, state: DeliveryState, attempt: int, *, missed: bool = False) -> Transition:
        return Transition(identity, state, attempt, AT, attempt, f"{state} {attempt}", missed=missed)

    steps = [step(one.id, SENDING, 1), step(other.id, SENDING, 1), step(one.id, QUEUED, 1, missed=True)]
    file_desk.journal.record([*steps, step(one.id, SENDING, 2), step(one.id, SENT, 2), step(other.id, SENT, 1)])
    told = database_of(file_desk.journal).rows("SELECT delivery, state, attempt FROM event WHERE attempt ORDER BY id")
    assert told == [
        (one.id, "sending", 1),
        (other.id, "sending", 1),
        (one.id, "queued", 1),
        (one.id, "sending", 2),
        (one.id, "sent", 2),
        (other.id, "sent", 1),
    ]
    record = file_desk.record("1")
    assert (record.state, record.attempts, record.reason, record.missed) == (SENT, 2, "sent 2", True)


@given(count=st.integers(0, 3 * BLOCK))
def test_blocks_are_all_items_in_order_and_have_few_sizes(count: int) -> None:
    parts = list(blocks(range(count)))
    assert [item for part in parts for item in part] == list(range(count))
    assert {len(part) for part in parts} <= {2**power for power in range(7)}
    assert len(parts) <= count // BLOCK + 6


@contextmanager
def efforts(journal: Journal) -> Iterator[list[int]]:
    """The steps of SQLite's own machine, in thousands."""
    thousands = [0]

    def count() -> int:
        thousands[0] += 1
        return 0

    connection = database_of(journal)._connection
    connection.set_progress_handler(count, 1_000)
    try:
        yield thousands
    finally:
        connection.set_progress_handler(None, 0)


def scattered(rows: int) -> list[Candidate]:
    """Rows whose keys come in no order, some of which may travel together; one address stands twice."""
    one, *others = (
        row(n, f"{n * 7_919 % rows:07}", content=str(n % 97), batch=str(n % 97)) for n in range(1, rows + 1)
    )
    return [one, others[0]._replace(to=one.to), *others[1:]]


def questions(journal: Journal, rows: list[Candidate]) -> dict[str, Callable[[], object]]:
    """All that is asked from plan to report."""
    roster = journal.roster()
    every = [each.position for each in rows]
    return {
        "add": lambda: roster.add(rows),
        "same mails": lambda: list(roster.same_mails()),
        "same keys": lambda: list(roster.same_keys()),
        "same people": roster.same_people,
        "standing": lambda: roster.standing(10),
        "sendable": lambda: roster.sendable(every),
        "changed": lambda: list(roster.changed()),
        "look-alikes": roster.look_alikes,
        "digest": roster.digest,
        "enrol": lambda: roster.enrol(AT),
        "batches": lambda: list(journal.batches(10)),
        "results": lambda: roster.results(1, len(rows)),
        "gone": lambda: list(roster.gone()),
        "records": lambda: list(journal.all_records()),
        "troubled": lambda: list(journal.all_records(troubled=True)),
        "counts": journal.counts,
        "recover": lambda: journal.recover(AT),
    }


def asked(journal: Journal, rows: list[Candidate]) -> dict[str, int]:
    """What each question costs."""
    found = {}
    for name, ask in questions(journal, rows).items():
        with efforts(journal) as thousands:
            ask()
        found[name] = thousands[0]
    return found


@pytest.mark.parametrize("sent", [False, True], ids=["new", "sent"])
def test_no_question_costs_more_for_a_row_where_there_are_more_rows(tmp_path: Path, *, sent: bool) -> None:
    found = []
    for rows in (2_000, 8_000):
        desk = in_file(tmp_path / f"{rows}.db")
        candidates = scattered(rows)
        if sent:
            desk.enrol(*candidates)
            record_all(desk, 0)
        found.append(asked(desk.journal, candidates))
        desk.journal.close()
    few, many = found
    assert {name: many[name] for name in many if many[name] > 5 * few[name] + 5} == {}


def record_all(desk: Desk, left: int) -> None:
    """Send all mails but some."""
    deliveries = [each for batch in desk.journal.batches(1) for each in batch.deliveries]
    for state in (SENDING, SENT):
        desk.journal.record([Transition(each.id, state, 1, AT, 1) for each in deliveries[: len(deliveries) - left]])


def test_to_go_on_with_the_rest_costs_little_for_a_row_that_is_sent(file_desk: Desk) -> None:
    rows = 5_000
    candidates = scattered(rows)
    file_desk.enrol(*candidates)
    record_all(file_desk, 10)
    roster = file_desk.plan(*candidates)
    with counted(file_desk.journal) as statements:
        assert roster.standing(1).send == 10
        roster.look_alikes()
        with efforts(file_desk.journal) as thousands:
            roster.enrol(LATER)
            assert len(file_desk.taken(1)) == 10
    assert sum("INSERT INTO temp.known" in each for each in statements) == 1
    assert thousands[0] * 1_000 < 100 * rows  # a new row takes some 230 steps, and 80 more to be handed out


def test_what_has_changed_since_the_plan_was_looked_at_counts_when_it_is_enrolled(file_desk: Desk, path: Path) -> None:
    file_desk.enrol(row(1), row(2), row(3))
    roster = file_desk.plan(row(1), row(2), row(3))
    assert roster.standing(1).send == 3
    file_desk.go("1", SENDING, SENT)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE delivery SET state = 'sent' WHERE key = '2'")
    roster.enrol(LATER)
    assert file_desk.taken() == [["3"]]


def test_a_plan_that_cannot_be_enrolled_is_compared_again(file_desk: Desk) -> None:
    file_desk.enrol(row(1), row(2))
    roster = file_desk.plan(row(1), row(2), row(3, "2"))
    with pytest.raises(ValueError, match="two rows to be sent have the key '2'"):
        roster.enrol(LATER)
    assert roster.standing(1).send == 3
    file_desk.go("1", SENDING, SENT)
    assert roster.standing(1).send == 2
