"""What all mailings of a journal's file have handed over of late."""

from bisect import bisect_left
from collections.abc import Iterator

from batchmail.journal.connection import Database
from batchmail.journal.sqlite_rows import Meaning
from batchmail.rate import Handover

_LAST = "SELECT coalesce(max(id), 0) FROM main.event"
_TIME = "SELECT CAST(strftime('%s', at) AS INTEGER) FROM main.event WHERE id >= ? ORDER BY id LIMIT 1"
_RECENT = """
    SELECT second, count(DISTINCT mailing || ' ' || request), sum(addresses)
    FROM (
        SELECT
            CAST(strftime('%s', event.at) AS INTEGER) AS second,
            delivery.mailing,
            event.request,
            json_array_length(delivery.recipients) AS addresses
        FROM main.event JOIN main.delivery ON delivery.id = event.delivery
        WHERE event.state = 'sending' AND event.id >= ?
    )
    WHERE second >= ?
    GROUP BY second ORDER BY second
"""

#: A time is kept in whole seconds, so what it tells may have been up to a second later.
_HANDOVER = Meaning((int, int, int), lambda row: Handover(row[0] + 1.0, row[1], row[2]))


def recent(database: Database, since: float) -> Iterator[Handover]:
    """See Journal.recent. Events are added in the order of time, so the first of them is found without reading all."""
    (last,) = database.one(_LAST) or (0,)
    first = bisect_left(range(last), int(since), key=lambda number: _second(database, number + 1)) + 1
    return _HANDOVER.of(database.path, database.rows(_RECENT, (first, int(since))))


def _second(database: Database, event: int) -> int:
    row = database.one(_TIME, (event,))
    return int((row and row[0]) or 0)
