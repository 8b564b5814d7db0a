"""The rows of now, held against those of a saved plan, in the plan's own database."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from batchmail.delivery import Candidate

_AT_ONCE = 1_000

_TABLES = (
    "CREATE TEMP TABLE now (key TEXT PRIMARY KEY, position INTEGER, recipients TEXT, content BLOB) WITHOUT ROWID",
    "CREATE TEMP TABLE spared (key TEXT PRIMARY KEY, position INTEGER) WITHOUT ROWID",
    "CREATE TEMP TABLE aside (position INTEGER PRIMARY KEY, key TEXT, recipients TEXT, content BLOB, why TEXT)",
)
_CHANGED = """
    SELECT now.position, key, row.recipients, now.recipients, row.content <> now.content
    FROM temp.now JOIN main.row USING (key) WHERE row.recipients <> now.recipients OR row.content <> now.content
    UNION ALL
    SELECT position, key, '[]', recipients, 0 FROM temp.now WHERE key NOT IN (SELECT key FROM main.row)
    UNION ALL
    SELECT position, key, recipients, '[]', 0 FROM main.row
    WHERE key NOT IN (SELECT key FROM temp.now) AND key NOT IN (SELECT key FROM temp.spared)
    ORDER BY 1, 2
"""
# Rows of which nothing is to be sent: whoever is suppressed since, or was when the plan was saved, is none of them.
_OTHERS_ASIDE = """
    SELECT EXISTS (
        SELECT position, key, recipients, content, why FROM temp.aside
        EXCEPT SELECT position, key, recipients, content, why FROM main.aside
    ) OR EXISTS (
        SELECT position, key, recipients, content, why FROM main.aside
        WHERE position NOT IN (SELECT position FROM temp.spared)
        EXCEPT SELECT position, key, recipients, content, why FROM temp.aside
    )
"""


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is no longer the saved one. `before` is empty where it is new, `now` where it is gone.

    `rewritten` tells that the mail differs in anything but its addresses.
    """

    key: str
    before: tuple[str, ...]
    now: tuple[str, ...]
    rewritten: bool


class Comparison:
    """How rows differ from those of a saved plan. It raises what SQLite raises."""

    def __init__(
        self, database: sqlite3.Connection, rows: Iterable[Candidate], spared: Callable[[Candidate], bool]
    ) -> None:
        """`spared` tells of a row that is left out whether somebody has unsubscribed from it: that makes none stale."""
        self._database = database
        for table in _TABLES:
            database.execute(table)
        remaining = iter(rows)
        while chunk := list(islice(remaining, _AT_ONCE)):
            self._take(chunk, spared)

    def changes(self) -> Iterator[RowChange]:
        """The rows to be sent that differ, by position."""
        for _, key, before, now, rewritten in self._database.execute(_CHANGED):
            yield RowChange(key, tuple(json.loads(before)), tuple(json.loads(now)), bool(rewritten))

    def leaves_out_others(self) -> bool:
        """Whether the rows that are left out are other ones."""
        (others,) = self._database.execute(_OTHERS_ASIDE).fetchone()
        return bool(others)

    def _take(self, rows: list[Candidate], spared: Callable[[Candidate], bool]) -> None:
        sent = (kept(row) for row in rows if not row.skip)
        gone = ((row.key, row.position) for row in rows if row.skip and spared(row))
        rest = (left_out(row) for row in rows if row.skip and not spared(row))
        self._database.executemany("INSERT OR REPLACE INTO temp.now VALUES (?, ?, ?, ?)", sent)
        self._database.executemany("INSERT OR REPLACE INTO temp.spared VALUES (?, ?)", gone)
        self._database.executemany("INSERT INTO temp.aside VALUES (?, ?, ?, ?, ?)", rest)


def kept(row: Candidate) -> tuple[str, int, str, bytes]:
    """What is kept of a row that is to be sent: key, position, addresses, content."""
    return row.key, row.position, json.dumps(row.to), row.content


def left_out(row: Candidate) -> tuple[int, str, str, bytes, str]:
    """What is kept of a row that is left out: position, key, addresses, content and the reason."""
    return row.position, row.key, json.dumps(row.to), row.content, row.skip
