"""The numbered shapes of a journal's file, and the way from an older one to the newest."""

from collections.abc import Sequence
from enum import Enum, auto
from importlib.resources import files

from batchmail.errors import JournalUnusable
from batchmail.journal.connection import Database

#: Marks a file as a journal; 0001.sql writes it.
APPLICATION_ID = 1651337836


class Content(Enum):
    """What a file turned out to hold."""

    NOTHING = auto()
    JOURNAL = auto()


def migrations() -> list[str]:
    """The SQL of each step: the first makes an empty file a journal of version 1, the second makes that version 2."""
    folder = files("batchmail.journal").joinpath("schema")
    steps: list[str] = []
    while (step := folder.joinpath(f"{len(steps) + 1:04}.sql")).is_file():
        steps.append(step.read_text(encoding="utf-8"))
    return steps


def roster_schema() -> str:
    """The SQL of the temporary tables that a roster needs."""
    return files("batchmail.journal").joinpath("schema", "roster.sql").read_text(encoding="utf-8")


def recognise(database: Database, known: int) -> Content:
    """What a file holds. Raises JournalUnusable where it is another program's, or a journal of a newer version."""
    if not _number(database, "page_count") and database.path.stat().st_size:
        # SQLite takes less than a page for nothing, and would begin anew: everybody would get their mail again.
        raise JournalUnusable(database.path, "the file is damaged or not a journal")
    version, application = _number(database, "user_version"), _number(database, "application_id")
    if version == 0 and application == 0 and not database.rows("SELECT 1 FROM sqlite_master LIMIT 1"):
        return Content.NOTHING
    if application != APPLICATION_ID:
        raise JournalUnusable(database.path, "it is a database of another program")
    if version > known:
        raise JournalUnusable(
            database.path, f"a newer batchmail has written it (version {version}; this one knows {known})"
        )
    return Content.JOURNAL


def migrate(database: Database, steps: Sequence[str]) -> None:
    """Bring a file to the newest version, one transaction a step."""
    for number, step in enumerate(steps, 1):
        with database.transaction():
            if _number(database, "user_version") < number:
                database.script(step)
                database.run(f"PRAGMA user_version = {number}")


def migrated(database: Database, steps: Sequence[str]) -> Database:
    """A file to be looked at as the newest version would have it: a copy, where it is older. It stays as it is."""
    if _number(database, "user_version") == len(steps):
        return database
    try:
        copy = database.copy()
    finally:
        database.close()
    try:
        migrate(copy, steps)
    except BaseException:
        copy.close()
        raise
    return copy


def _number(database: Database, pragma: str) -> int:
    row = database.one(f"PRAGMA {pragma}")
    assert row is not None
    return int(row[0])
