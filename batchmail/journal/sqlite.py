"""The journal in an SQLite file. One file holds any number of mailings."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from batchmail.delivery import Counts, Delivery, DeliveryState, Mailing, Record, Transition
from batchmail.journal.base import Batch, Roster
from batchmail.journal.batching import in_batches
from batchmail.journal.connection import Database
from batchmail.journal.migration import roster_schema
from batchmail.journal.sqlite_recent import recent
from batchmail.journal.sqlite_recording import record
from batchmail.journal.sqlite_roster import SqliteRoster
from batchmail.journal.sqlite_rows import (
    COUNT,
    DELIVERY,
    DELIVERY_COLUMNS,
    RECORD,
    RECORD_COLUMNS,
    WAITING,
    Meaning,
)
from batchmail.journal.sqlite_traces import traces
from batchmail.journal.transitions import RUN_ENDED
from batchmail.lookup import Trace
from batchmail.rate import Handover

T = TypeVar("T")

_RECOVER_EVENTS = """
    INSERT INTO main.event (delivery, attempt, request, state, at, reason, provider_id)
    SELECT id, attempts, request, 'in_doubt', ?, ?, '' FROM main.delivery WHERE mailing = ? AND state = 'sending'
"""
_RECOVER = """
    UPDATE main.delivery SET state = 'in_doubt', at = ?, reason = ?, provider_id = ''
    WHERE mailing = ? AND state = 'sending'
"""

_WAIT = """
    INSERT INTO temp.waiting (first, delivery)
    SELECT first, delivery FROM (
        SELECT enrolment.delivery, enrolment.position,
            min(enrolment.position) OVER (PARTITION BY candidate.batch, candidate.content, candidate.alone) AS first
        FROM temp.enrolment
        JOIN temp.candidate ON candidate.position = enrolment.position
        JOIN main.delivery ON delivery.id = enrolment.delivery
        WHERE enrolment.becomes = 'queued' AND delivery.state = 'queued'
    )
    ORDER BY first, position
"""
_WAITING = f"""
    SELECT number, first, {DELIVERY_COLUMNS}
    FROM temp.waiting JOIN main.delivery ON delivery.id = waiting.delivery
    WHERE delivery.state = 'queued' AND number <= ? AND number > ?
    ORDER BY number LIMIT ?
"""  # noqa: S608  the columns are a constant

_RECORDS = f"""
    SELECT {RECORD_COLUMNS} FROM main.delivery
    WHERE mailing = ? AND (position, id) > (?, ?) ORDER BY position, id LIMIT ?
"""  # noqa: S608  the columns are a constant
_TROUBLED = f"""
    SELECT {RECORD_COLUMNS} FROM main.delivery
    WHERE mailing = ? AND (state IN ('sending', 'in_doubt', 'rejected', 'failed') OR (state = 'sent' AND missed))
        AND (position, id) > (?, ?)
    ORDER BY position, id LIMIT ?
"""  # noqa: S608  the same
_RECORD = f"SELECT {RECORD_COLUMNS} FROM main.delivery WHERE mailing = ? AND key IN (*)"  # noqa: S608  the same
_DELIVERY = f"SELECT {DELIVERY_COLUMNS} FROM main.delivery WHERE mailing = ? AND key IN (*)"  # noqa: S608  the same
_IN_DOUBT = """
    SELECT position, id, key FROM main.delivery
    WHERE mailing = ? AND state = 'in_doubt' AND (position, id) > (?, ?) ORDER BY position, id LIMIT ?
"""


class SqliteJournal:
    """The memory of one mailing in a database; see base.py for what it promises."""

    def __init__(self, database: Database, mailing: Mailing, *, writable: bool) -> None:
        self._database = database
        self._mailing = mailing
        self._may_write = writable
        self._known_id = 0
        database.script(roster_schema())

    def roster(self) -> Roster:
        return SqliteRoster(self._database, self._id(), self._writable)

    def recover(self, at: str) -> int:
        self._writable()
        with self._database.transaction():
            self._database.run(_RECOVER_EVENTS, (at, RUN_ENDED, self._id()))
            return self._database.run(_RECOVER, (at, RUN_ENDED, self._id()))

    def batches(self, combine: int) -> Iterator[Batch]:
        last = "SELECT coalesce(max(number), 0) FROM temp.waiting"
        with self._database.transaction(write=False):
            before = self._number(last)
            self._database.run(_WAIT)
            after = self._number(last)
        rows = self._database.pages(_WAITING, (after,), (before,))
        yield from in_batches(WAITING.of(self._database.path, rows), combine)

    def record(self, transitions: Sequence[Transition]) -> None:
        self._writable()
        record(self._database, self._id(), transitions)

    def counts(self) -> Counts:
        statement = "SELECT state, count(*), sum(missed) FROM main.delivery WHERE mailing = ? GROUP BY state"
        counts = list(COUNT.of(self._database.path, self._database.rows(statement, (self._id(),))))
        partial = sum(missed for state, _, missed in counts if state is DeliveryState.SENT)
        return Counts(**{state.value: number for state, number, _ in counts}, partial=partial)

    def requests(self) -> int:
        return self._number("SELECT coalesce(max(requests), 0) FROM main.mailing WHERE id = ?", self._id())

    def records(self, keys: Sequence[str]) -> dict[str, Record]:
        found = {record.key: record for record in self._known(RECORD, _RECORD, keys)}
        return {key: found[key] for key in keys if key in found}

    def deliveries(self, keys: Sequence[str]) -> dict[str, Delivery]:
        found = {delivery.key: delivery for delivery in self._known(DELIVERY, _DELIVERY, keys)}
        return {key: found[key] for key in keys if key in found}

    def all_records(self, *, troubled: bool = False) -> Iterator[Record]:
        statement = _TROUBLED if troubled else _RECORDS
        return RECORD.of(self._database.path, self._database.pages(statement, (self._id(),), (-1, -1)))

    def in_doubt(self) -> Iterator[str]:
        return (key for _, _, key in self._database.pages(_IN_DOUBT, (self._id(),), (-1, -1)))

    def traces(self) -> list[Trace]:
        return traces(self._database, self._id())

    def recent(self, since: float) -> Iterator[Handover]:
        return recent(self._database, since)

    def close(self) -> None:
        self._database.close()

    def _known(self, meaning: Meaning[T], statement: str, keys: Sequence[str]) -> Iterator[T]:
        """What a statement says of those of the keys that the mailing has, in no order."""
        return meaning.of(self._database.path, self._database.among(statement, (self._id(),), keys))

    def _id(self) -> int:
        """The mailing's number; 0, which none has, as long as the file does not know it."""
        if not self._known_id:
            statement = "SELECT id FROM main.mailing WHERE job = ? AND edition = ?"
            row = self._database.one(statement, (self._mailing.job, self._mailing.edition))
            self._known_id = row[0] if row else 0
        return self._known_id

    def _number(self, statement: str, *parameters: int) -> int:
        row = self._database.one(statement, parameters)
        assert row is not None
        return int(row[0])

    def _writable(self) -> None:
        if not self._may_write:
            raise RuntimeError("a journal that is only looked at cannot be written")
