"""What the journal has under a roster's keys is looked up once, and again whenever something has changed since."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread

from batchmail.journal.connection import Database, Value
from tests.journal.desk import SENDING, Desk, row
from tests.journal.twins import unfiled_journal


class Interrupted(Database):
    """A database in which another thread acts, once, when the keys were looked up: at once, or as soon as it may."""

    act: Callable[[], None] | None = None
    thread: Thread | None = None

    def run(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        changed = super().run(statement, parameters)
        if self.act and "INSERT INTO temp.known" in statement:
            act, self.act = self.act, None
            acted_or_waits = Event()
            self.thread = Thread(target=self._interrupt, args=(act, acted_or_waits))
            self.thread.start()
            acted_or_waits.wait()
        return changed

    def _interrupt(self, act: Callable[[], None], acted_or_waits: Event) -> None:
        if self._lock.acquire(blocking=False):
            try:
                act()
            finally:
                self._lock.release()
                acted_or_waits.set()
        else:
            acted_or_waits.set()
            act()


def test_what_another_thread_records_while_keys_are_looked_up_is_not_missed() -> None:
    database = Interrupted.in_nowhere(Path("nowhere.db"))
    with unfiled_journal(database) as journal:
        desk = Desk(journal)
        desk.enrol(row(1), row(2))
        steps = [desk.step("1", SENDING)]
        roster = desk.plan(row(1), row(2))
        database.act = lambda: journal.record(steps)
        roster.sendable([1, 2])
        assert database.thread
        database.thread.join()
        assert roster.sendable([1, 2]) == [2]
