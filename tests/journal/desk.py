"""A journal on a desk: plans are enrolled in it and mails recorded, in few words."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from batchmail.delivery import Candidate, DeliveryState, Mailing, Record, Transition
from batchmail.journal import open_journal
from batchmail.journal.base import Batch, Journal, Roster
from batchmail.journal.connection import Database
from batchmail.journal.memory import MemoryJournal
from batchmail.journal.migration import migrations
from batchmail.journal.sqlite import SqliteJournal

ROOT = Path(__file__).parents[2]
MAILING = Mailing("invoices", "2026-10")
AT = "2026-11-21T12:00:00+09:00"
LATER = "2026-11-22T12:00:00+09:00"

QUEUED, SENDING, SENT = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT
REJECTED, FAILED, IN_DOUBT = DeliveryState.REJECTED, DeliveryState.FAILED, DeliveryState.IN_DOUBT
SKIPPED, ABANDONED = DeliveryState.SKIPPED, DeliveryState.ABANDONED

#: The steps that bring a delivery from the queue to each state.
WAYS: dict[DeliveryState, tuple[DeliveryState, ...]] = {
    QUEUED: (),
    SENDING: (SENDING,),
    SENT: (SENDING, SENT),
    REJECTED: (SENDING, REJECTED),
    FAILED: (SENDING, FAILED),
    IN_DOUBT: (SENDING, IN_DOUBT),
    SKIPPED: (SKIPPED,),
    ABANDONED: (SENDING, IN_DOUBT, ABANDONED),
}

#: What enrolling a new plan may do: none of these deliveries was accepted, and none may have been.
REPLANNED: dict[DeliveryState, frozenset[DeliveryState]] = {
    QUEUED: frozenset({SKIPPED}),
    SKIPPED: frozenset({QUEUED, SKIPPED}),
    FAILED: frozenset({QUEUED, SKIPPED}),
    REJECTED: frozenset({QUEUED, SKIPPED}),
}


def row(
    position: int,
    key: str | None = None,
    *,
    to: Sequence[str] | None = None,
    content: str = "",
    batch: str | None = None,
    skip: str = "",
) -> Candidate:
    """A candidate; whatever is left out is its own: key, address, content and batch."""
    return Candidate(
        position,
        str(position) if key is None else key,
        (f"person{position}@example.com",) if to is None else tuple(to),
        (content or f"content {position}").encode(),
        (f"batch {position}" if batch is None else batch).encode(),
        skip,
    )


@dataclass
class Desk:
    """A journal, and how the next run finds it."""

    journal: Journal
    reopened: Callable[[Journal], Journal] = lambda journal: journal

    def later(self) -> None:
        """Another run begins: where the journal is a file it may be opened anew."""
        self.journal = self.reopened(self.journal)

    def plan(self, *rows: Candidate) -> Roster:
        """A new roster of these rows."""
        roster = self.journal.roster()
        roster.add(rows)
        return roster

    def enrol(self, *rows: Candidate, at: str = AT) -> None:
        """Plan these rows, and enrol them."""
        self.plan(*rows).enrol(at)

    def step(self, key: str, state: DeliveryState, **more: int | str) -> Transition:
        """The step of a delivery to a state: an intent begins its next attempt, all else belongs to the last."""
        delivery = self.journal.deliveries([key])[key]
        attempt = more.pop("attempt", delivery.attempts + (state is SENDING))
        at = more.pop("at", AT)
        return Transition(delivery.id, state, attempt, at, **more)  # type: ignore[arg-type]  # one of two types each

    def go(self, key: str, *states: DeliveryState, **more: int | str) -> None:
        """Bring a delivery from state to state, one commit each."""
        for state in states:
            self.journal.record([self.step(key, state, **more)])

    def reach(self, state: DeliveryState, candidate: Candidate) -> None:
        """Have one row enrolled, and its delivery brought to a state."""
        self.enrol(candidate)
        self.go(candidate.key, *WAYS[state])
        self.later()

    def record(self, key: str) -> Record:
        """What is known of a key."""
        return self.journal.records([key])[key]

    def states(self) -> dict[str, str]:
        """The state of every delivery."""
        return {record.key: record.state.value for record in self.journal.all_records()}

    def taken(self, combine: int = 1) -> list[list[str]]:
        """The keys of what is to be sent, batch by batch."""
        return [keys(batch) for batch in self.journal.batches(combine)]


def keys(batch: Batch) -> list[str]:
    """The keys of a batch's deliveries."""
    return [delivery.key for delivery in batch.deliveries]


def in_memory(_path: Path) -> Desk:
    """A journal that is gone with the test."""
    return Desk(MemoryJournal(MAILING))


def in_file(path: Path) -> Desk:
    """A journal in a file that stays open."""
    return Desk(open_journal(path, MAILING))


def reopened(path: Path) -> Desk:
    """A journal in a file that every run opens anew."""

    def reopen(journal: Journal) -> Journal:
        journal.close()
        return open_journal(path, MAILING)

    return Desk(open_journal(path, MAILING), reopen)


@contextmanager
def older(path: Path, version: int) -> Iterator[sqlite3.Connection]:
    """A journal as an earlier version has made it, to be filled by hand."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with closing(sqlite3.connect(path)) as old, old:
        for step in migrations()[:version]:
            old.executescript(step)
        old.execute(f"PRAGMA user_version = {version}")
        yield old


def database_of(journal: Journal) -> Database:
    """The connection of a journal that has a file: to see its settings, and to make the disk fail."""
    assert isinstance(journal, SqliteJournal)
    return journal._database


def number(journal: Journal, statement: str) -> object:
    """The one value that a statement gives, asked of a file's own connection."""
    found = database_of(journal).one(statement)
    return found[0] if found else None
