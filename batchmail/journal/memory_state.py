"""What a journal in memory and its roster share."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock

from batchmail.delivery import Delivery, DeliveryState, Record, Transition
from batchmail.journal.past import Past
from batchmail.lookup import Trace

#: Deliveries with the same batch, content and (where it travels alone) position may travel together.
Company = tuple[bytes, bytes, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery with its last step."""

    delivery: Delivery
    state: DeliveryState
    at: str
    reason: str = ""
    provider_id: str = ""
    reached: bool = False
    missed: bool = False
    subject: bytes = b""
    past: Past = field(default_factory=Past)

    @property
    def order(self) -> tuple[int, int]:
        """By what entries are ordered: their position, then their age."""
        return self.delivery.position, self.delivery.id

    @property
    def record(self) -> Record:
        """Its last known result."""
        it = self.delivery
        share = (self.reached, self.missed)
        return Record(it.key, self.state, self.reason, it.attempts, self.at, self.provider_id, it.to, *share)

    @property
    def trace(self) -> Trace:
        """What it may have left among the sent mails."""
        return Trace(self.delivery, self.state, self.subject, self.past.handovers, self.past.reason, self.past.looked)

    def after(self, step: Transition) -> "Entry":
        """The same delivery after a step."""
        again = step.state is DeliveryState.QUEUED
        return replace(
            self.become(step.state, step.at, step.reason),
            delivery=replace(self.delivery, attempts=step.attempt),
            provider_id=step.provider_id,
            reached=step.reached or (self.reached and not again),
            missed=step.missed or (self.missed and not again),
        )

    def become(self, state: DeliveryState, at: str, reason: str = "") -> "Entry":
        """The same delivery in another state."""
        past = self.past.after(state, at, reason)
        return Entry(self.delivery, state, at, reason, subject=self.subject, past=past)


@dataclass(slots=True)
class Memory:
    """All entries by id, the ids by key, and what the enrolled roster has to send; read and changed under its lock."""

    entries: dict[int, Entry] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    waiting: list[tuple[Company, int]] = field(default_factory=list)
    requests: int = 0
    #: Every intent: its second (since 1970), its request and to how many it goes.
    handed: list[tuple[int, int, int]] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)

    def known(self, key: str) -> Entry | None:
        """What is known of a key."""
        return self.entries[self.ids[key]] if key in self.ids else None

    def put(self, entry: Entry) -> None:
        """Remember an entry in place of the one before."""
        self.entries[entry.delivery.id] = entry
        self.ids[entry.delivery.key] = entry.delivery.id

    def note(self, step: Transition, recipients: int) -> None:
        """Remember a step that hands a delivery over, to so many."""
        if step.state is DeliveryState.SENDING:
            second = int(datetime.fromisoformat(step.at).timestamp())
            self.handed.append((second, step.request, recipients))

    def in_order(self) -> list[Entry]:
        """All entries by position."""
        with self.lock:
            return sorted(self.entries.values(), key=lambda entry: entry.order)
