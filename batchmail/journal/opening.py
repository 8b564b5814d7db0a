"""How a journal's file is opened: to write it, or only to look at it."""

from pathlib import Path

from batchmail.delivery import Mailing
from batchmail.journal.base import Journal
from batchmail.journal.connection import Database
from batchmail.journal.folder import is_there, make_file
from batchmail.journal.identity import identify, seal
from batchmail.journal.migration import Content, migrate, migrations, recognise
from batchmail.journal.sqlite import SqliteJournal

_ADD_MAILING = "INSERT OR IGNORE INTO mailing (job, edition) VALUES (?, ?)"


def open_journal(path: Path, mailing: Mailing, *, adopt: bool = False) -> Journal:
    """The journal of a mailing, to be written; its file and folder are made where there are none.

    Only one process may have it open so: see `hold`. `adopt` takes over a journal that was copied or put back.
    Raises JournalUnusable, JournalExposed, and JournalCopied.
    """
    make_file(path)
    steps = migrations()
    database = Database.for_writing(path)
    try:
        recognise(database, len(steps))
        database.keep_a_log()
        migrate(database, steps)
        with database.transaction():
            identify(database, adopt=adopt)
            database.run(_ADD_MAILING, (mailing.job, mailing.edition))
        seal(database)
        return SqliteJournal(database, mailing, writable=True)
    except BaseException:
        database.close()
        raise


def view_journal(path: Path, mailing: Mailing) -> Journal:
    """The journal of a mailing, to look at: an empty one where there is no file, and none is made.

    It shows the file as it is, also while another process sends. Raises JournalUnusable, and RuntimeError for what
    would write to it.
    """
    database = _visible(path)
    try:
        return SqliteJournal(database, mailing, writable=False)
    except BaseException:
        database.close()
        raise


def _visible(path: Path) -> Database:
    steps = migrations()
    if is_there(path):
        database = Database.for_reading(path)
        try:
            if recognise(database, len(steps)) is Content.JOURNAL:
                return database
        except BaseException:
            database.close()
            raise
        database.close()  # another process is about to make it
    database = Database.in_nowhere(path)
    migrate(database, steps)
    return database
