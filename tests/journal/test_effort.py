"""What is asked of the database does not grow with what need not be done. Counted, for times would tell little."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import DeliveryState, Transition
from batchmail.journal.base import Journal
from batchmail.journal.connection import BLOCK, blocks
from tests.journal.desk import AT, QUEUED, SENDING, SENT, Desk, database_of, row


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
