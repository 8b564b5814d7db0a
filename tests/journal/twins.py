"""Journals that agree: one in memory, and one in a database that has no file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batchmail.journal.connection import Database
from batchmail.journal.migration import migrate, migrations
from batchmail.journal.sqlite import SqliteJournal
from tests.journal.desk import MAILING


@contextmanager
def unfiled_journal(database: Database | None = None) -> Iterator[SqliteJournal]:
    """A journal that is written like a file, and costs no disk; in an empty database of one's own, if given."""
    database = database or Database.in_nowhere(Path("nowhere.db"))
    migrate(database, migrations())
    database.run("INSERT INTO mailing (job, edition) VALUES (?, ?)", (MAILING.job, MAILING.edition))
    journal = SqliteJournal(database, MAILING, writable=True)
    try:
        yield journal
    finally:
        journal.close()
