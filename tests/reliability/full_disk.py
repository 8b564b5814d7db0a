"""A disk without space, in a child: for the journal alone from a certain commit on, or for all files beyond a size."""

import sys
from collections.abc import Sequence

from batchmail.delivery import Transition
from batchmail.journal.sqlite import SqliteJournal


def fill_at_commit(number: int, pages: int) -> None:
    """From this commit on, let the journal grow by so many pages only: SQLite says what it says on a full disk."""
    record = SqliteJournal.record
    left = number

    def recorded(journal: SqliteJournal, transitions: Sequence[Transition]) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            used = journal._database.one("PRAGMA page_count")
            assert used is not None
            journal._database.run(f"PRAGMA max_page_count = {used[0] + pages}")
        record(journal, transitions)

    SqliteJournal.record = recorded  # type: ignore[assignment,method-assign]  # in a child alone


def limit_files(size: int) -> None:
    """Let no file of this process grow beyond so many bytes."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  Windows has none

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
