"""The connection to a journal's file: the only place that knows `sqlite3`, and says its faults in plain words."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from threading import RLock
from typing import Any, Self, TypeVar

from batchmail.errors import JournalUnusable

T = TypeVar("T")
#: A `bytearray` is stored as `bytes` are, in half of the time: for those, Python looks for an adapter each time.
Value = int | str | bytes | bytearray

#: `UPDATE … FROM`, which enrolling needs, came with this version.
OLDEST_SQLITE = (3, 33, 0)

#: Rows are fetched in groups of so many. Nothing stays locked or open between two of them.
PAGE_ROWS = 1_000

#: So many rows or values stand in one statement at most.
BLOCK = 64

_BUSY_SECONDS = 10.0  # a look from outside, or a backup, may hold the file for a moment
_ALWAYS = (
    "PRAGMA foreign_keys = ON",  # no event without its delivery, no delivery without its mailing
    "PRAGMA trusted_schema = OFF",  # a tampered file must not run functions through its triggers and indexes
    "PRAGMA temp_store = FILE",  # a million rows are planned outside of memory
    # KiB; enough for the upper levels of every index of a million rows. Every sorter takes as much again. More made
    # nothing faster, not even where the keys of a million rows come in no order.
    "PRAGMA cache_size = -8192",
    "PRAGMA temp.cache_size = -8192",
)
_WRITING = (
    "PRAGMA synchronous = FULL",  # a commit survives power loss: an intent is durable before the first byte leaves
    "PRAGMA fullfsync = ON",  # macOS: an ordinary fsync leaves the data in the drive's own cache
    "PRAGMA journal_size_limit = 67108864",  # enrolling a million rows leaves a log that nobody needs that long
)

_REASONS = {
    sqlite3.SQLITE_FULL: "no space is left on its disk, or on that for temporary files",
    sqlite3.SQLITE_IOERR: "its disk cannot be read or written",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_CONSTRAINT: "the file contradicts itself",
    sqlite3.SQLITE_NOTADB: "the file is not a journal",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_READONLY: "it may only be read",
    sqlite3.SQLITE_PERM: "this account may not open it",
    sqlite3.SQLITE_AUTH: "this account may not open it",
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked",
}


class Database:
    """One connection, for several threads one at a time. What fails on the disk or in the file is JournalUnusable."""

    def __init__(self, path: Path, target: str, *, uri: bool = False) -> None:
        self.path = path
        self._lock = RLock()
        require_sqlite(path, sqlite3.sqlite_version_info)
        with self._speaking():
            self._connection = sqlite3.connect(
                target, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=uri
            )
        self._configure(_ALWAYS)

    @classmethod
    def for_writing(cls, path: Path) -> "Database":
        """The file itself, every commit of which is on the disk. `keep_a_log` is still to be called."""
        database = cls(path, str(path))
        database._configure(_WRITING)
        return database

    @classmethod
    def for_reading(cls, path: Path) -> "Database":
        """The file as it is, while another process may be writing it."""
        target = f"{path.absolute().as_uri()}?mode=ro"
        try:
            return cls._readable(path, target)
        except JournalUnusable:
            if not _is_at_rest(path):
                raise
            # Where the folder cannot be written, SQLite cannot put its shared memory there. None is needed for a file
            # that was closed properly and that nobody is writing.
            return cls._readable(path, f"{target}&immutable=1")

    @classmethod
    def in_nowhere(cls, path: Path) -> Self:
        """An empty database that is gone when closed; `path` is only spoken of."""
        return cls(path, "")

    def copy(self) -> "Database":
        """A copy of all that is in it, on the disk as well, and gone when closed."""
        copied = Database.in_nowhere(self.path)
        with self._lock, self._speaking():
            self._connection.backup(copied._connection)  # noqa: SLF001  it is one of its own kind
        return copied

    def keep_a_log(self) -> None:
        """Write through a log (WAL), so that others can read meanwhile and a commit costs one sync.

        Not before it is sure that the file is a journal: this changes the file.
        """
        mode = self.one("PRAGMA journal_mode = WAL")
        if mode != ("wal",):
            raise JournalUnusable(self.path, "its file system cannot keep a write-ahead log (is it a network drive?)")

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows that a statement gives."""
        with self._lock, self._speaking():
            return self._connection.execute(statement, parameters).fetchall()

    def one(self, statement: str, parameters: Sequence[Value] = ()) -> tuple[Any, ...] | None:
        """The first row that a statement gives."""
        rows = self.rows(statement, parameters)
        return rows[0] if rows else None

    def firsts(self, statement: str, each: Iterable[Sequence[Value]]) -> list[tuple[Any, ...] | None]:
        """The first row that a statement gives for each of several parameters."""
        with self._lock, self._speaking():
            return [self._connection.execute(statement, parameters).fetchone() for parameters in each]

    def among(self, statement: str, parameters: Sequence[Value], values: Sequence[Value]) -> Iterator[tuple[Any, ...]]:
        """The rows that a statement gives for any of several values, in no order: they stand for its `(*)`.

        Its other parameters come before them.
        """
        for block in blocks(values):
            marks = ",".join("?" * len(block))
            yield from self.rows(statement.replace("(*)", f"({marks})"), (*parameters, *block))

    def pages(self, statement: str, parameters: Sequence[Value], after: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """The rows of a long answer, a page at a time, so that others may write between the pages.

        The statement's last parameters are where to go on (as many numbers as `after` has, by which it orders) and
        the number of rows; its first columns are the place of a row in that order.
        """
        while True:
            rows = self.rows(statement, (*parameters, *after, PAGE_ROWS))
            yield from rows
            if len(rows) < PAGE_ROWS:
                return
            after = rows[-1][: len(after)]

    def own_changes(self) -> int:
        """How many rows have been changed on this connection."""
        return self._connection.total_changes

    def changes_of_others(self) -> int:
        """A number that is another one when another connection has changed the file."""
        row = self.one("PRAGMA main.data_version")
        return int(row[0]) if row else 0

    def run(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement; the number of rows it changed."""
        with self._lock, self._speaking():
            return self._connection.execute(statement, parameters).rowcount

    def run_each(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement for each of the rows."""
        with self._lock, self._speaking():
            self._connection.executemany(statement, rows)

    def insert(self, statement: str, rows: Sequence[Sequence[Value]]) -> None:
        """Insert rows, several at once: a statement takes longer to begin than to take one more. It lacks VALUES."""
        with self._lock, self._speaking():
            for block in blocks(rows):
                marks = f"({','.join('?' * len(block[0]))})"
                values = ",".join([marks] * len(block))
                self._connection.execute(f"{statement} VALUES {values}", list(chain.from_iterable(block)))

    def script(self, text: str) -> None:
        """Run the statements of a file, inside of whatever transaction there is."""
        statement = ""
        for line in text.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                self.run(statement)
                statement = ""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Several statements with no other thread's between them; `transaction` promises that as well."""
        with self._lock:
            yield

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """All or nothing, durable when left. `write` False is for temporary tables, and leaves the file unlocked."""
        with self._lock:
            self.run("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.rollback()
                raise

    def close(self) -> None:
        """Let the file go."""
        with self._lock, self._speaking():
            self._connection.close()

    @classmethod
    def _readable(cls, path: Path, target: str) -> "Database":
        database = cls(path, target, uri=True)
        try:
            database.rows("SELECT 1 FROM sqlite_master LIMIT 1")
        except JournalUnusable:
            database.close()
            raise
        return database

    def _configure(self, settings: Iterable[str]) -> None:
        try:
            for setting in settings:
                self.run(setting)
        except JournalUnusable:
            self.close()
            raise

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._said(error) from error
        except UnicodeDecodeError as error:  # SQLite's own words, quoting names that are none any more
            raise JournalUnusable(self.path, f"the file is damaged ({error})") from error

    def _said(self, error: sqlite3.DatabaseError) -> Exception:
        """What a person is told. That a journal is used after it was closed is a bug, and stays what it is."""
        if isinstance(error, sqlite3.ProgrammingError):
            return error
        code = getattr(error, "sqlite_errorcode", None)
        reason = None if code is None else _REASONS.get(code & 0xFF)
        return JournalUnusable(self.path, f"{reason} ({error})" if reason else str(error))


def blocks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts whose lengths are powers of two, BLOCK at most: few different statements, which stay prepared."""
    start = 0
    while rest := len(items) - start:
        size = min(BLOCK, 1 << (rest.bit_length() - 1))
        yield items[start : start + size]
        start += size


def require_sqlite(path: Path, version: tuple[int, ...]) -> None:
    """Raises JournalUnusable where this Python has an SQLite that is too old."""
    if version < OLDEST_SQLITE:
        has, needs = (".".join(map(str, each)) for each in (version, OLDEST_SQLITE))
        raise JournalUnusable(path, f"this Python has SQLite {has}; {needs} or newer is needed")


def _is_at_rest(path: Path) -> bool:
    """Whether a journal was closed properly: its log is folded into it then, and gone."""
    log = path.with_name(f"{path.name}-wal")
    return path.is_file() and not log.exists()
