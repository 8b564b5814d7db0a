"""What deliveries in doubt may have left among the sent mails, and whose mails could be taken for theirs."""

from collections.abc import Iterable

from batchmail.delivery import Delivery, DeliveryState
from batchmail.journal.connection import Database
from batchmail.journal.past import Past
from batchmail.journal.sqlite_rows import DELIVERY, DELIVERY_COLUMNS, Meaning, delivery_of
from batchmail.lookup import Handover, Trace

_DOUBTFUL = """
    INSERT OR IGNORE INTO temp.trace (delivery) SELECT id FROM main.delivery WHERE mailing = ? AND state = 'in_doubt'
"""
_TRACED = f"""
    SELECT mailing, state, subject, {DELIVERY_COLUMNS} FROM main.delivery
    WHERE id IN (SELECT delivery FROM temp.trace)
    ORDER BY (mailing = ? AND state = 'in_doubt') DESC, position, id
"""  # noqa: S608  the columns are a constant
_SAME_SUBJECT = f"""
    SELECT {DELIVERY_COLUMNS} FROM main.delivery
    WHERE attempts > 0 AND subject <> x'' AND id NOT IN (SELECT delivery FROM temp.trace)
        AND subject IN (
            SELECT subject FROM main.delivery WHERE id IN (SELECT delivery FROM temp.trace)
        )
        AND id > ?
    ORDER BY id LIMIT ?
"""  # noqa: S608  the columns are a constant
_STEPS = """
    SELECT id, delivery, state, at, reason FROM main.event
    WHERE delivery IN (SELECT delivery FROM temp.trace) AND id > ? ORDER BY id LIMIT ?
"""

_TRACE = Meaning((int, str, bytes, *DELIVERY.types), lambda row: (row[0], row[1], row[2], delivery_of(row[3:])))


def traces(database: Database, mailing: int) -> list[Trace]:
    """See `Journal.traces`. It reads the file as a whole, which only those do who settle a doubt."""
    with database.transaction(write=False):
        database.run("DELETE FROM temp.trace")
        database.run(_DOUBTFUL, (mailing,))
        doubtful = [row[3] for row in _traced(database, mailing)]
        if not doubtful:
            return []
        twins = [(identity,) for identity in _twins(database, doubtful)]
        database.run_each("INSERT OR IGNORE INTO temp.trace (delivery) VALUES (?)", twins)
        pasts = _pasts(database)
        return [
            Trace(delivery, DeliveryState(state), subject, *_shown(pasts[delivery.id]), own=owner == mailing)
            for owner, state, subject, delivery in _traced(database, mailing)
            if pasts[delivery.id].handovers
        ]


def _shown(past: Past) -> tuple[tuple[Handover, ...], str, bool]:
    return past.handovers, past.reason, past.looked


def _traced(database: Database, mailing: int) -> list[tuple[int, str, bytes, Delivery]]:
    return list(_TRACE.of(database.path, database.rows(_TRACED, (mailing,))))


def _twins(database: Database, doubtful: Iterable[Delivery]) -> list[int]:
    """Those handed over that have a subject and an address of one in doubt."""
    mailboxes = {mailbox.casefold() for delivery in doubtful for mailbox in delivery.to}
    alike = DELIVERY.of(database.path, database.pages(_SAME_SUBJECT, (), (0,)))
    return [each.id for each in alike if not mailboxes.isdisjoint(mailbox.casefold() for mailbox in each.to)]


def _pasts(database: Database) -> dict[int, Past]:
    """The past of each delivery that is traced."""
    pasts: dict[int, Past] = {}
    step = Meaning((int, int, str, str, str), lambda row: (row[1], _after(pasts.get(row[1]), row[2:])))
    for delivery, past in step.of(database.path, database.pages(_STEPS, (), (0,))):
        pasts[delivery] = past  # noqa: PERF403  each step is folded into what stands there already
    return pasts


def _after(past: Past | None, step: tuple[str, str, str]) -> Past:
    state, at, reason = step
    return (past or Past()).after(DeliveryState(state), at, reason)
