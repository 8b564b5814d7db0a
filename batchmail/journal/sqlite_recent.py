"""What all mailings of a journal's file have handed over of late."""

from collections.abc import Iterator

from batchmail.journal.connection import Database
from batchmail.journal.sqlite_rows import Meaning
from batchmail.rate import Handover

#: The index `event_handed_over` has this very expression. Events are not always in the order of time: clocks are set.
_SECOND = "CAST(strftime('%s', event.at) AS INTEGER)"
_RECENT = f"""
    SELECT second, count(DISTINCT mailing || ' ' || request), sum(recipients)
    FROM (
        SELECT
            {_SECOND} AS second,
            delivery.mailing,
            event.request,
            iif(event.recipients, event.recipients, json_array_length(delivery.recipients)) AS recipients
        FROM main.event JOIN main.delivery ON delivery.id = event.delivery
        WHERE event.state = 'sending' AND {_SECOND} >= ?
    )
    GROUP BY second ORDER BY second
"""  # noqa: S608  the expression is a constant

#: A time is kept in whole seconds, so what it tells may have been up to a second later.
_HANDOVER = Meaning((int, int, int), lambda row: Handover(row[0] + 1.0, row[1], row[2]))


def recent(database: Database, since: float) -> Iterator[Handover]:
    """See Journal.recent."""
    return _HANDOVER.of(database.path, database.rows(_RECENT, (int(since),)))
