"""What was recorded when a process died is there, and nothing is there that was not recorded."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from batchmail.delivery import DeliveryState
from batchmail.journal import open_journal, view_journal
from tests.journal.child import all_lines, child, next_line, told_by
from tests.journal.desk import IN_DOUBT, LATER, MAILING, QUEUED, SENDING, SENT, Desk, row

ROWS = 4_000
GROUP = 8

#: Says each step before it is recorded, and again after it was: `? sending 1 2 …`, `! sending 1 2 …`.
SEND = """
import os, sys
from itertools import count
from pathlib import Path
from batchmail.delivery import Transition
from batchmail.journal import open_journal
from tests.journal.desk import AT, MAILING, SENDING, SENT, Desk, row

path, rows, group, last = Path(sys.argv[1]), *map(int, sys.argv[2:])
desk = Desk(open_journal(path, MAILING))
desk.enrol(*(row(position, batch="all", content="the same") for position in range(1, rows + 1)))
print("enrolled", flush=True)
commits = count(1)
for request, batch in enumerate(desk.journal.batches(group), 1):
    for state in (SENDING, SENT):
        steps = [Transition(each.id, state, 1, AT, request) for each in batch.deliveries]
        keys = " ".join(each.key for each in batch.deliveries)
        print("?", state.value, keys, flush=True)
        desk.journal.record(steps)
        if next(commits) == last:
            os._exit(9)
        print("!", state.value, keys, flush=True)
"""


def states_after(lines: Iterable[str], mark: str) -> dict[str, DeliveryState]:
    """The last state that the lines with this mark tell, key by key."""
    told = {}
    for line in lines:
        if line.startswith(mark):
            _, state, *keys = line.split()
            told.update(dict.fromkeys(keys, DeliveryState(state)))
    return told


def assert_nothing_is_lost(path: Path, lines: list[str]) -> None:
    """Every state is one that was certainly recorded, or the one that was being recorded when the process died."""
    begun, done = states_after(lines, "?"), states_after(lines, "!")
    view = Desk(view_journal(path, MAILING))
    states = {record.key: record.state for record in view.journal.all_records()}
    view.journal.close()
    assert set(states) == {str(position) for position in range(1, ROWS + 1)}
    for key, state in states.items():
        assert state in {done.get(key, QUEUED), begun.get(key, QUEUED)}
    undecided = {key: state for key, state in begun.items() if done.get(key) is not state}
    assert len(undecided) <= GROUP
    assert len({states[key] for key in undecided}) <= 1  # a commit is there as a whole or not at all
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("after", [0, 1, 2, 3, 50, 213, 400])
def test_a_killed_process_loses_nothing_that_it_recorded(path: Path, after: int) -> None:
    with child(SEND, path, str(ROWS), str(GROUP), "0") as process:
        assert next_line(process) == "enrolled"
        lines = [next_line(process) for _ in range(after)]
        process.kill()
        lines += all_lines(process)
    assert_nothing_is_lost(path, lines)


@pytest.mark.parametrize("last", [1, 2, 25, 100])
def test_what_record_took_is_there_when_it_returns(path: Path, last: int) -> None:
    lines = told_by(SEND, path, str(ROWS), str(GROUP), str(last))
    assert lines[-1].startswith("?")
    begun = states_after(lines, "?")
    view = Desk(view_journal(path, MAILING))
    assert {key: state for key, state in view.states().items() if state != "queued"} == begun
    view.journal.close()


def test_the_run_after_a_crash_doubts_what_was_on_its_way_and_sends_the_rest(path: Path) -> None:
    lines = told_by(SEND, path, str(ROWS), str(GROUP), "101")  # dies with an intent and no answer
    doubtful = {key for key, state in states_after(lines, "?").items() if state is SENDING}
    assert len(doubtful) == GROUP
    desk = Desk(open_journal(path, MAILING))
    assert desk.journal.recover(LATER) == GROUP
    roster = desk.plan(*(row(position, batch="all", content="the same") for position in range(1, ROWS + 1)))
    standing = roster.standing(1)
    assert (standing.already_sent, standing.in_doubt, standing.send) == (400, GROUP, ROWS - 400 - GROUP)
    roster.enrol(LATER)
    rest = [key for keys in desk.taken(100) for key in keys]
    sent = {record.key for record in desk.journal.all_records() if record.state is SENT}
    assert sorted([*rest, *doubtful, *sent]) == sorted(str(position) for position in range(1, ROWS + 1))
    assert {desk.record(key).state for key in doubtful} == {IN_DOUBT}
    assert desk.journal.requests() == 51
    desk.journal.close()
