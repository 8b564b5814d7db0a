"""A journal as a process left it: read from a copy, with nothing but SQL, so that the original stays untouched."""

import shutil
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from batchmail.clock import SystemClock
from batchmail.delivery import Counts, Mailing
from batchmail.journal import Logbook
from batchmail.pipeline import sending

_SUFFIXES = ("", "-wal", "-journal")


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a delivery."""

    state: str
    attempt: int
    request: int


@dataclass(frozen=True, slots=True)
class Image:
    """What a journal says: each delivery's state by its key, and the steps that led there."""

    states: dict[str, str]
    events: dict[str, list[Event]]
    integrity: str

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.states.values())

    def keys(self, *states: str) -> set[str]:
        """The keys of the deliveries in these states."""
        return {key for key, state in self.states.items() if state in states}

    @property
    def intents(self) -> int:
        """How many requests the journal has announced."""
        return len({each.request for steps in self.events.values() for each in steps if each.state == "sending"})


NOTHING = Image({}, {}, "ok")


def copied(journal: Path, folder: Path) -> Path:
    """A copy of a journal whose process has ended; its memory map is not part of what a crash leaves."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in _SUFFIXES:
        source = journal.with_name(journal.name + suffix)
        target = folder / source.name
        target.unlink(missing_ok=True)
        if source.exists():
            shutil.copyfile(source, target)
    return folder / journal.name


def read(journal: Path, *, steps: bool = True) -> Image:
    """What a journal's file says; SQLite completes or drops what was half written, and nobody else does anything."""
    if not journal.exists():
        return NOTHING
    with closing(sqlite3.connect(journal)) as file:
        (integrity,) = file.execute("PRAGMA integrity_check").fetchone()
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'delivery'").fetchone():
            return Image({}, {}, integrity)
        states = dict(file.execute("SELECT key, state FROM delivery"))
        return Image(states, _events(file) if steps else {}, integrity)


def _events(file: sqlite3.Connection) -> dict[str, list[Event]]:
    events: dict[str, list[Event]] = defaultdict(list)
    steps = file.execute("""
        SELECT key, event.state, event.attempt, event.request
        FROM event JOIN delivery ON delivery.id = event.delivery ORDER BY event.id
    """)
    for key, *step in steps:
        events[key].append(Event(*step))
    return dict(events)


def left_by_a_crash(journal: Path, folder: Path) -> Image:
    """A journal straight after its process was killed, before anybody has recovered it."""
    return read(copied(journal, folder))


def recovered(journal: Path, folder: Path, mailing: Mailing) -> tuple[Image, Counts]:
    """The same after the product's own recovery, and what the product then counts.

    That this is a copy is on purpose here, hence `adopt`.
    """
    copy = copied(journal, folder)
    with sending(copy, mailing, SystemClock(), adopt=True, logbook=Logbook()) as opened:
        counts = opened.counts()
    return read(copy, steps=False), counts
