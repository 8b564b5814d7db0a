"""The journal in memory: for plans that need not outlive the process, and the measure of the one in a file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from batchmail.delivery import Counts, Delivery, DeliveryState, Mailing, Record, Transition
from batchmail.journal.base import Batch, Roster
from batchmail.journal.batching import in_batches
from batchmail.journal.memory_roster import MemoryRoster
from batchmail.journal.memory_state import Company, Entry, Memory
from batchmail.journal.transitions import RUN_ENDED, check, unknown
from batchmail.lookup import Trace
from batchmail.rate import Handover

_TROUBLED = frozenset({DeliveryState.SENDING, DeliveryState.IN_DOUBT, DeliveryState.REJECTED, DeliveryState.FAILED})


class MemoryJournal:
    """The memory of one mailing, gone with the object; see base.py for what it promises."""

    def __init__(self, mailing: Mailing) -> None:
        self.mailing = mailing
        self._memory = Memory()

    def roster(self) -> Roster:
        with self._memory.lock:
            self._memory.waiting = []
        return MemoryRoster(self._memory)

    def recover(self, at: str) -> int:
        with self._memory.lock:
            lost = [entry for entry in self._memory.entries.values() if entry.state is DeliveryState.SENDING]
            for entry in lost:
                doubtful = entry.become(DeliveryState.IN_DOUBT, at, RUN_ENDED)
                self._memory.put(replace(doubtful, reached=entry.reached, missed=entry.missed))
            return len(lost)

    def batches(self, combine: int) -> Iterator[Batch]:
        with self._memory.lock:
            queued = [(company, entry) for company, entry in self._waiting() if entry.state is DeliveryState.QUEUED]
        firsts: dict[Company, int] = {}
        for company, entry in sorted(queued, key=lambda each: each[1].order):
            firsts.setdefault(company, entry.delivery.position)
        queued.sort(key=lambda each: (firsts[each[0]], each[1].order))
        yield from in_batches(((firsts[company], entry.delivery) for company, entry in queued), combine)

    def record(self, transitions: Sequence[Transition]) -> None:
        with self._memory.lock:
            changed: dict[int, Entry] = {}
            for step in transitions:
                entry = changed.get(step.delivery) or self._memory.entries.get(step.delivery)
                if entry is None:
                    raise unknown(step)
                check(entry.state, entry.delivery.attempts, step)
                changed[step.delivery] = entry.after(step)
                self._memory.note(step, step.recipients or len(entry.delivery.to))
            self._memory.entries.update(changed)
            self._memory.requests = max([self._memory.requests, *(step.request for step in transitions)])

    def counts(self) -> Counts:
        with self._memory.lock:
            entries = self._memory.entries.values()
            partial = sum(entry.record.partial for entry in entries)
            return Counts(**Counter(entry.state.value for entry in entries), partial=partial)

    def requests(self) -> int:
        return self._memory.requests

    def records(self, keys: Sequence[str]) -> dict[str, Record]:
        return {key: entry.record for key, entry in self._known(keys)}

    def deliveries(self, keys: Sequence[str]) -> dict[str, Delivery]:
        return {key: entry.delivery for key, entry in self._known(keys)}

    def all_records(self, *, troubled: bool = False) -> Iterator[Record]:
        records = (entry.record for entry in self._memory.in_order())
        return (each for each in records if not troubled or each.partial or each.state in _TROUBLED)

    def in_doubt(self) -> Iterator[str]:
        doubtful = (entry for entry in self._memory.in_order() if entry.state is DeliveryState.IN_DOUBT)
        return (entry.delivery.key for entry in doubtful)

    def traces(self) -> list[Trace]:
        doubtful = [entry for entry in self._memory.in_order() if entry.state is DeliveryState.IN_DOUBT]
        subjects = {entry.subject for entry in doubtful if entry.subject}
        mailboxes = {mailbox.casefold() for entry in doubtful for mailbox in entry.delivery.to}
        alike = [
            entry
            for entry in self._memory.in_order()
            if entry.state is not DeliveryState.IN_DOUBT
            and entry.subject in subjects
            and any(mailbox.casefold() in mailboxes for mailbox in entry.delivery.to)
        ]
        return [entry.trace for entry in (*doubtful, *alike) if entry.past.handovers]

    def recent(self, since: float) -> Iterator[Handover]:
        with self._memory.lock:
            found = [each for each in self._memory.handed if each[0] >= since]
        for second in sorted({second for second, _, _ in found}):
            together = [each for each in found if each[0] == second]
            requests = len({request for _, request, _ in together})
            yield Handover(second + 1.0, requests, sum(recipients for _, _, recipients in together))

    def close(self) -> None:
        """There is nothing to let go."""

    def _waiting(self) -> Iterator[tuple[Company, Entry]]:
        return ((company, self._memory.entries[identity]) for company, identity in self._memory.waiting)

    def _known(self, keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        with self._memory.lock:
            found = [(key, self._memory.known(key)) for key in keys]
        return ((key, entry) for key, entry in found if entry is not None)
