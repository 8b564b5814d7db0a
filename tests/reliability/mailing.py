"""A mailing's life from run to run, in simulated time: what the journal says is held against what the provider took.

Nothing here believes the product: which mails were accepted is the provider's own log, which steps are legal is written
down anew (`invariants.py`), and so is what a plan makes of a row. The numbers I1 to I10 are explained in README.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from batchmail.clock import Clock
from batchmail.delivery import Candidate, DeliveryState, Mailing, Transition
from batchmail.errors import BatchmailError
from batchmail.job import Job, MessageSpec, ProviderSpec, RecipientsSpec, TemplateText
from batchmail.journal import Logbook
from batchmail.journal.base import Journal
from batchmail.journal.lock import is_held
from batchmail.journal.memory import MemoryJournal
from batchmail.location import TextLocation
from batchmail.pipeline import sending
from batchmail.settling import TooEarly, settle_by_hand
from batchmail.simulation import SimulatedClock
from tests.reliability.invariants import LEGAL, MAYBE_ACCEPTED

MAILING = Mailing("simulated")
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
HERE = TextLocation(Path("job.yaml"))
#: Settling asks a job for nothing but its time limit.
JOB = Job(
    path=Path("job.yaml"),
    mailing=MAILING,
    provider=ProviderSpec("outbox", None),
    recipients=RecipientsSpec(Path("people.csv")),
    message=MessageSpec(to=(TemplateText("{{ email }}", HERE),), subject=TemplateText("Hello", HERE)),
)


class Wall:
    """The machine's clock: its time of day goes on from run to run, and may be set."""

    def __init__(self) -> None:
        self.began = NOON
        self._time: Clock = SimulatedClock()

    def follow(self, time: Clock) -> None:
        """Go on from here with the time of a simulation."""
        self.began, self._time = self.now(), time
        self.began -= timedelta(seconds=time.monotonic())

    def set(self, seconds: float) -> None:
        """Somebody sets the clock, or time passes between runs."""
        self.began += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self._time.monotonic()

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self._time.monotonic())

    async def sleep(self, seconds: float) -> None:
        await self._time.sleep(seconds)

    def text(self) -> str:
        """The time as the journal has it."""
        return self.now().isoformat(timespec="seconds")


class Keeper(Protocol):
    """Opens a journal as `batchmail send` does: held, and recovered."""

    def opened(self, clock: Clock) -> "Iterator[Journal]":
        """The journal, for one command."""
        ...

    @property
    def held(self) -> bool:
        """Whether another command would be turned away at present."""
        ...


class InMemory:
    """A journal that lasts as long as the test."""

    def __init__(self) -> None:
        self._journal = MemoryJournal(MAILING)

    def opened(self, clock: Clock) -> Iterator[Journal]:
        self._journal.recover(clock.now().isoformat(timespec="seconds"))
        yield self._journal

    @property
    def held(self) -> bool:
        return True


class InFile:
    """A journal in a file, which every command opens anew."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def opened(self, clock: Clock) -> Iterator[Journal]:
        with sending(self._path, MAILING, clock, logbook=Logbook()) as journal:
            yield journal

    @property
    def held(self) -> bool:
        return is_held(self._path)


@dataclass
class Row:
    """A row of the sheet. Rows with the same content travel together where they may."""

    key: str
    content: bytes = b"a"

    @property
    def mailbox(self) -> str:
        return f"{self.key}@example.com"

    def candidate(self, position: int) -> Candidate:
        return Candidate(position, self.key, (self.mailbox,), self.content, b"")


def key_of(mailbox: str) -> str:
    return mailbox.partition("@")[0]


@dataclass
class Life:
    """A mailing, its sheet and its provider's log; `states` is what the journal must say of each key."""

    keeper: Keeper
    wall: Wall = field(default_factory=Wall)
    rows: dict[str, Row] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    planned: dict[str, bytes] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    resent: Counter[str] = field(default_factory=Counter)
    by_hand: set[str] = field(default_factory=set)
    intents: set[int] = field(default_factory=set)
    begun: int = 0

    @contextmanager
    def open(self) -> Iterator[Journal]:
        """The journal, recovered; what is in it is looked at before and after."""
        opening = contextmanager(self.keeper.opened)
        with opening(self.wall) as journal:
            lost = {key for key, state in self.states.items() if state == "sending"}
            self.states.update(dict.fromkeys(lost, "in_doubt"))
            self.check(journal)
            yield journal
            self.check(journal)

    def check(self, journal: Journal) -> None:
        """I1, I2, I3, I5 and I10: hold the journal against the provider's log, and against what was recorded."""
        told = {record.key: record.state.value for record in journal.all_records()}
        assert told == self.states, "the journal is not what was recorded"
        counts = journal.counts()
        assert Counter(told.values()) == Counter({each.value: counts.of(each) for each in DeliveryState}), "I5"
        for key, state in told.items():
            times = self.accepted[key]
            assert times <= 1 + self.resent[key], f"I1: {key} was accepted {times} times"
            if state == "sent" and key not in self.by_hand:
                assert times, f"I2: {key} is said to be sent, and was never accepted"
            if times and not self.resent[key] and key not in self.by_hand:
                assert state in MAYBE_ACCEPTED, f"I3: {key} was accepted, and is {state}"

    def add(self, count: int) -> None:
        """Rows are added to the sheet."""
        for _ in range(count):
            key = f"k{len(self.planned.keys() | self.rows.keys()) + 1}"
            self.rows[key] = Row(key)

    def pick(self, number: int) -> Row | None:
        """One of the rows, if there are any."""
        rows = list(self.rows.values())
        return rows[number % len(rows)] if rows else None

    def enrol(self, journal: Journal, limit: int | None) -> set[str]:
        """Plan the sheet as it is; gives the keys that are to be sent. What is decided is decided for good."""
        before = dict(self.states)
        roster = journal.roster()
        roster.add(row.candidate(position) for position, row in enumerate(self.rows.values(), start=1))
        if limit is not None:
            roster.limit(limit)
        roster.enrol(self.wall.text())
        self.states = {record.key: record.state.value for record in journal.all_records()}
        wanted = [key for key, row in self.rows.items() if self._is_wanted(row, before.get(key))][:limit]
        for key in wanted:
            assert self.states[key] == "queued", f"{key} was {before.get(key)}, and is to be sent"
            self.planned[key] = self.rows[key].content
        for key in self.states.keys() - set(wanted):
            gone = limit is None and key not in self.rows
            expected = "skipped" if gone and before[key] in {"queued", "failed", "rejected"} else before[key]
            # What is skipped and what has failed is told apart by nobody who has no row any more.
            assert self.states[key] in {expected, before[key]}, f"{key} was {before[key]}, and is {self.states[key]}"
        return set(wanted)

    def _is_wanted(self, row: Row, state: str | None) -> bool:
        """Whether a plan sends to a row."""
        if state == "rejected":
            return row.content != self.planned[row.key]
        return state in {None, "queued", "skipped", "failed"}

    def settle(self, number: int, state: DeliveryState) -> bool:
        """Somebody says what became of one in doubt, and may be told that it is too early; True where it was done."""
        with self.open() as journal:
            keys = list(journal.in_doubt())
            if not keys:
                return False
            key = keys[number % len(keys)]
            with suppress(TooEarly):
                settle_by_hand(journal, [key], state, JOB, self.wall)
                self.states[key] = state.value
                self.by_hand.add(key) if state is not DeliveryState.QUEUED else None
                self.resent[key] += state is DeliveryState.QUEUED
                return True
        return False


@dataclass
class Watched:
    """The journal in the hands of a run. Every step is held to the rules, and a dead process writes nothing.

    `fault` is asked before and after each commit, with its number.
    """

    life: Life
    journal: Journal
    concurrency: int
    fault: Callable[[int], Exception | None] = lambda _moment: None
    dead: bool = False
    commits: int = 0
    under_way: dict[int, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = {each.id: key for key, each in self.journal.deliveries(list(self.life.states)).items()}

    def record(self, transitions: Sequence[Transition]) -> None:
        if self.dead:
            return
        self.commits += 1
        if error := self.fault(2 * self.commits):
            raise error
        self.journal.record(transitions)
        for step in transitions:
            self._note(step)
        assert len(self.under_way) <= self.concurrency, f"I4: {len(self.under_way)} requests on their way"
        if error := self.fault(2 * self.commits + 1):
            raise error

    def requests(self) -> int:
        return self.journal.requests()

    def announced(self, mailboxes: Sequence[str]) -> bool:
        """I7: whether the journal itself, and not just this record of it, has the intent of a mail to these."""
        records = self.journal.records([key_of(each) for each in mailboxes])
        return len(records) == len(mailboxes) and all(each.state is DeliveryState.SENDING for each in records.values())

    def _note(self, step: Transition) -> None:
        """I6: one legal step."""
        life, key = self.life, self.keys[step.delivery]
        before, after = life.states[key], step.state.value
        assert after in LEGAL.get(before, set()), f"I6: {key} went from {before} to {after}"
        if after == "sending":
            assert step.request not in life.intents or step.request in self.under_way, (
                "I6: a request's number came back"
            )
            life.intents.add(step.request)
            life.attempts[key] += 1
            self.under_way.setdefault(step.request, set()).add(key)
        elif before == "sending":
            travelling = self.under_way[step.request]
            travelling.remove(key)
            if not travelling:
                del self.under_way[step.request]
        assert step.attempt == life.attempts[key], f"I6: attempt {step.attempt} of {key} after {life.attempts[key]}"
        life.states[key] = after


def full_disk(commit: int, *, written: bool) -> Callable[[int], Exception | None]:
    """A commit that fails: before anything is written, or after all of it is, when nobody can tell any more."""
    moment = 2 * commit + written
    return lambda now: BatchmailError("no space is left on the disk", "Make room.") if now == moment else None
