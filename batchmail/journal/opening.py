"""How a journal's file is opened: to write it, or only to look at it."""

from contextlib import suppress
from pathlib import Path

from batchmail.delivery import Mailing
from batchmail.errors import JournalDoubtful, JournalUnusable
from batchmail.journal.base import Journal
from batchmail.journal.connection import Database
from batchmail.journal.folder import is_there, make_file
from batchmail.journal.identity import attest, count_closing, doubt, identify, lost, require_newest
from batchmail.journal.logbook import Logbook
from batchmail.journal.migration import Content, migrate, migrated, migrations, recognise
from batchmail.journal.sqlite import SqliteJournal

_ADD_MAILING = "INSERT OR IGNORE INTO mailing (job, edition) VALUES (?, ?)"
_NO_LOGBOOK = Logbook()


def open_journal(path: Path, mailing: Mailing, *, adopt: bool = False, logbook: Logbook = _NO_LOGBOOK) -> Journal:
    """The journal of a mailing, to be written; its file and folder are made where there are none.

    Only one process may have it open so: see `hold`. `adopt` takes over a journal that was copied or put back, and
    begins anew where it is gone. Raises JournalUnusable, JournalExposed, JournalCopied and JournalGone.
    """
    if not adopt and not is_there(path) and (gone := lost(path)):
        raise gone
    make_file(path)
    steps = migrations()
    database = Database.for_writing(path)
    try:
        recognise(database, len(steps))
        if not adopt:
            require_newest(database, logbook)
        database.keep_a_log()
        migrate(database, steps)
        with database.transaction():
            identify(database, logbook)
            database.run(_ADD_MAILING, (mailing.job, mailing.edition))
        attest(database, logbook)
        return _CountedJournal(database, mailing, logbook)
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


def doubt_about(path: Path, logbook: Logbook) -> JournalDoubtful | None:
    """Why a send would refuse a journal; None where it would not. Raises JournalUnusable."""
    # A send that begins between two looks at it looks like a doubt. It does not twice.
    return _doubt_about(path, logbook) and _doubt_about(path, logbook)


def _doubt_about(path: Path, logbook: Logbook) -> JournalDoubtful | None:
    database = _readable(path, len(migrations()))
    if database is None:
        return lost(path)
    try:
        return doubt(database, logbook)
    finally:
        database.close()


def _visible(path: Path) -> Database:
    steps = migrations()
    if database := _readable(path, len(steps)):
        return migrated(database, steps)
    database = Database.in_nowhere(path)
    migrate(database, steps)
    return database


def _readable(path: Path, known: int) -> Database | None:
    """A journal's file; None where there is none, or another process is about to make it."""
    if not is_there(path):
        return None
    database = Database.for_reading(path)
    try:
        if recognise(database, known) is Content.JOURNAL:
            return database
    except BaseException:
        database.close()
        raise
    database.close()
    return None


class _CountedJournal(SqliteJournal):
    """A journal that is open to be written: that it is closed again counts too."""

    def __init__(self, database: Database, mailing: Mailing, logbook: Logbook) -> None:
        super().__init__(database, mailing, writable=True)
        self._logbook = logbook
        self._open = True

    def close(self) -> None:
        if self._open:
            self._open = False
            with suppress(JournalUnusable):  # what is recorded is on the disk all the same
                count_closing(self._database, self._logbook)
        super().close()
