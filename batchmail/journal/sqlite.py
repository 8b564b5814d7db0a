"""The journal in an SQLite file. One file holds any number of mailings."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from batchmail.delivery import Counts, Delivery, DeliveryState, Mailing, Record, Transition
from batchmail.journal.base import Batch, Roster
from batchmail.journal.batching import in_batches
from batchmail.journal.connection import Database
from batchmail.journal.migration import roster_schema
from batchmail.journal.sqlite_recent import recent
from batchmail.journal.sqlite_roster import SqliteRoster
from batchmail.journal.sqlite_rows import (
    COUNT,
    DELIVERY,
    DELIVERY_COLUMNS,
    RECORD,
    RECORD_COLUMNS,
    STAND,
    WAITING,
    Meaning,
    storable,
)
from batchmail.journal.sqlite_traces import traces
from batchmail.journal.transitions import RUN_ENDED, check, unknown
from batchmail.lookup import Trace
from batchmail.rate import Handover

T = TypeVar("T")

_STAND = "SELECT id, state, attempts FROM main.delivery WHERE id = ? AND mailing = ?"
_STEP = """
    UPDATE main.delivery
    SET reached = ? OR (reached AND ? <> 'queued'), missed = ? OR (missed AND ? <> 'queued'),
        state = ?, attempts = ?, request = ?, at = ?, reason = ?, provider_id = ?
    WHERE id = ?
"""
_EVENT = """
    INSERT INTO main.event (recipients, state, attempt, request, at, reason, provider_id, delivery)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_COUNT_REQUESTS = "UPDATE main.mailing SET requests = max(requests, ?) WHERE id = ?"

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
_RECORD = f"SELECT {RECORD_COLUMNS} FROM main.delivery WHERE mailing = ? AND key = ?"  # noqa: S608  the same
_DELIVERY = f"SELECT {DELIVERY_COLUMNS} FROM main.delivery WHERE mailing = ? AND key = ?"  # noqa: S608  the same
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
        steps = [
            (
                step.state.value,
                step.attempt,
                step.request,
                step.at,
                storable(step.reason),
                storable(step.provider_id),
                step.delivery,
            )
            for step in transitions
        ]
        with self._database.transaction():
            self._check(transitions)
            shares = ((each.reached, each.state.value, each.missed, each.state.value) for each in transitions)
            self._database.run_each(_STEP, ((*share, *step) for share, step in zip(shares, steps, strict=True)))
            counts = (each.recipients for each in transitions)
            self._database.run_each(_EVENT, ((count, *step) for count, step in zip(counts, steps, strict=True)))
            request = max((step.request for step in transitions), default=0)
            self._database.run(_COUNT_REQUESTS, (request, self._id()))

    def counts(self) -> Counts:
        statement = "SELECT state, count(*), sum(missed) FROM main.delivery WHERE mailing = ? GROUP BY state"
        counts = list(COUNT.of(self._database.path, self._database.rows(statement, (self._id(),))))
        partial = sum(missed for state, _, missed in counts if state is DeliveryState.SENT)
        return Counts(**{state.value: number for state, number, _ in counts}, partial=partial)

    def requests(self) -> int:
        return self._number("SELECT coalesce(max(requests), 0) FROM main.mailing WHERE id = ?", self._id())

    def records(self, keys: Sequence[str]) -> dict[str, Record]:
        return {record.key: record for record in self._known(RECORD, _RECORD, keys)}

    def deliveries(self, keys: Sequence[str]) -> dict[str, Delivery]:
        return {delivery.key: delivery for delivery in self._known(DELIVERY, _DELIVERY, keys)}

    def all_records(self) -> Iterator[Record]:
        return RECORD.of(self._database.path, self._database.pages(_RECORDS, (self._id(),), (-1, -1)))

    def in_doubt(self) -> Iterator[str]:
        return (key for _, _, key in self._database.pages(_IN_DOUBT, (self._id(),), (-1, -1)))

    def traces(self) -> list[Trace]:
        return traces(self._database, self._id())

    def recent(self, since: float) -> Iterator[Handover]:
        return recent(self._database, since)

    def close(self) -> None:
        self._database.close()

    def _check(self, transitions: Sequence[Transition]) -> None:
        """Hold each step against the state that the delivery is in, or that an earlier step of these brings it to."""
        ids = [(step.delivery, self._id()) for step in transitions]
        stands = dict(STAND.of(self._database.path, filter(None, self._database.firsts(_STAND, ids))))
        for step in transitions:
            if step.delivery not in stands:
                raise unknown(step)
            check(*stands[step.delivery], step)
            stands[step.delivery] = (step.state, step.attempt)

    def _known(self, meaning: Meaning[T], statement: str, keys: Sequence[str]) -> Iterator[T]:
        """What a statement says of those of the keys that the mailing has."""
        rows = filter(None, self._database.firsts(statement, [(self._id(), key) for key in keys]))
        return meaning.of(self._database.path, rows)

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
