"""A large plan is kept on the disk: what it takes of memory does not grow with its rows."""

import tracemalloc
from collections.abc import Iterator
from itertools import islice

from batchmail.delivery import Candidate, Transition
from tests.journal.desk import AT, SENDING, SENT, Desk, row

ROWS = 200_000
#: How many of a long answer are read; an answer that were fetched as a whole would show with the first.
SOME = 5_000
#: Bytes. The rows alone would take some 100 MB as objects.
LITTLE = 4_000_000


def rows() -> Iterator[Candidate]:
    return (row(position, batch=str(position // 7), content=str(position // 7)) for position in range(1, ROWS + 1))


def test_no_step_from_plan_to_report_keeps_the_rows_in_memory(file_desk: Desk) -> None:
    journal = file_desk.journal
    tracemalloc.start()
    try:
        roster = journal.roster()
        roster.add(rows())
        assert next(roster.same_keys(), None) is None
        assert next(roster.same_mails(), None) is None
        assert roster.standing(5).requests == 57_143
        roster.digest()
        roster.enrol(AT)
        for batch in islice(journal.batches(5), 200):
            journal.record([Transition(each.id, SENDING, 1, AT, 1) for each in batch.deliveries])
            journal.record([Transition(each.id, SENT, 1, AT, 1) for each in batch.deliveries])
        for ask in (lambda: journal.batches(5), journal.all_records, lambda: file_desk.plan(row(1)).gone()):
            assert sum(1 for _ in islice(ask(), SOME)) == SOME
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < LITTLE
