"""The roster of a journal in memory."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from batchmail.delivery import Candidate, Delivery, DeliveryState, Record
from batchmail.journal.base import Changed, Clash, SamePeople, Standing
from batchmail.journal.digest import addresses_text, rows_digest
from batchmail.journal.memory_state import Company, Entry, Memory
from batchmail.journal.transitions import NOT_PLANNED
from batchmail.journal.verdict import SKIPPABLE, Verdict, verdict


class MemoryRoster:
    """The rows of one plan; see base.py for what it promises."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._rows: dict[int, Candidate] = {}
        self._alone: set[int] = set()
        self._left_out: set[int] = set()
        self._named = False
        self._whole = True

    def add(self, candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            last = next(reversed(self._rows), 0)
            if candidate.position <= last:
                raise ValueError(f"row {candidate.position} comes after row {last}: positions rise from 1")
            self._rows[candidate.position] = candidate

    def same_keys(self) -> Iterator[Clash]:
        firsts: dict[str, int] = {}
        clashes = []
        for row in self._wanted():
            first = firsts.setdefault(row.key, row.position)
            if first != row.position:
                clashes.append(Clash(row.key, first, row.position))
        return iter(clashes)

    def same_mails(self) -> Iterator[Clash]:
        firsts: dict[tuple[tuple[str, ...], bytes], Candidate] = {}
        clashes = []
        for row in self._wanted():
            folded = tuple(mailbox.casefold() for mailbox in row.to)
            first = firsts.setdefault((folded, row.mail), row)
            if first.key != row.key:
                clashes.append(Clash(row.key, first.position, row.position))
        return iter(clashes)

    def skip(self, positions: Iterable[int], reason: str) -> None:
        if not reason:
            raise ValueError("a row is left out for a reason")
        for position in positions:
            if position in self._rows:
                self._rows[position] = self._rows[position]._replace(skip=reason)

    def rename(self, position: int, key: str) -> None:
        if position in self._rows:
            self._rows[position] = self._rows[position]._replace(key=key)

    def separate(self, positions: Iterable[int]) -> None:
        self._alone.update(positions)

    def restrict(self, keys: Sequence[str]) -> list[str]:
        named = set(keys)
        self._left_out.update(row.position for row in self._rows.values() if row.key not in named)
        self._named, self._whole = True, False
        known = self._keys()
        return [key for key in dict.fromkeys(keys) if key not in known]

    def leave_out(self, positions: Iterable[int]) -> None:
        self._left_out.update(positions)
        self._whole = False

    def limit(self, count: int) -> None:
        self._left_out.update([row.position for row, _, stand in self._plan() if stand is Verdict.SEND][count:])
        self._whole = False

    def standing(self, combine: int) -> Standing:
        plan = list(self._plan())
        stands = Counter(stand for _, _, stand in plan)
        sent = [(row, entry) for row, entry, stand in plan if stand is Verdict.SEND]
        groups = Counter(self._company(row) for row, _ in sent)
        return Standing(
            send=stands[Verdict.SEND],
            requests=sum(ceil(size / combine) for size in groups.values()),
            recipients=sum(len(row.to) + row.others for row, _ in sent),
            again=sum(_is_tried(entry) for _, entry in sent),
            already_sent=stands[Verdict.ALREADY_SENT],
            changed_since_sent=sum(
                _is_changed(row, entry) for row, entry, stand in plan if stand is Verdict.ALREADY_SENT
            ),
            skipped=stands[Verdict.SKIPPED],
            in_doubt=stands[Verdict.IN_DOUBT],
            rejected=stands[Verdict.REJECTED],
            abandoned=stands[Verdict.ABANDONED],
            rekeyed=self._rekeyed([row for row, entry in sent if entry is None]),
        )

    def _rekeyed(self, fresh: Sequence[Candidate]) -> int:
        known = self._keys()
        out = {DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.IN_DOUBT}
        gone = {
            entry.delivery.to
            for entry in self._memory.in_order()
            if entry.state in out and entry.delivery.key not in known
        }
        return sum(row.to in gone for row in fresh)

    def sendable(self, positions: Sequence[int]) -> list[int]:
        sent = {row.position for row, _, stand in self._plan() if stand is Verdict.SEND}
        return [position for position in positions if position in sent]

    def changed(self) -> Iterator[Changed]:
        for row, entry, stand in list(self._plan()):
            if entry and stand is Verdict.ALREADY_SENT and _is_changed(row, entry):
                was = entry.delivery
                subject = entry.subject != row.subject if entry.subject and row.subject else None
                yield Changed(row.position, row.key, was.to, row.to, subject, was.content != row.content)

    def gone(self) -> Iterator[Record]:
        known = self._keys()
        return (entry.record for entry in self._memory.in_order() if entry.delivery.key not in known)

    def mails(self, positions: Sequence[int]) -> dict[int, tuple[tuple[str, ...], bytes]]:
        rows = (self._rows[position] for position in positions if position in self._rows)
        return {row.position: (row.to, row.content) for row in rows}

    def results(self, first: int, last: int) -> dict[int, Record]:
        owners = self._owners()
        rows = (row for row in self._rows.values() if first <= row.position <= last)
        found = ((row.position, self._memory.known(row.key)) for row in rows if owners[row.key] == row.position)
        return {position: entry.record for position, entry in found if entry}

    def rows(self) -> Iterator[Candidate]:
        return iter(list(self._rows.values()))

    def same_people(self) -> SamePeople | None:
        mails: dict[tuple[str, ...], list[Candidate]] = {}
        for row in self._wanted():
            if row.to and row.position not in self._left_out:
                mails.setdefault(tuple(mailbox.casefold() for mailbox in row.to), []).append(row)
        several = [rows for rows in mails.values() if any(row.content != rows[0].content for row in rows)]
        if not several:
            return None
        first, *others = several[0]
        return SamePeople(
            len(several), first.position, next(row.position for row in others if row.content != first.content)
        )

    def look_alikes(self) -> int:
        sent = [row for row, _, stand in self._plan() if stand is Verdict.SEND and row.subject]
        looks = Counter((tuple(mailbox.casefold() for mailbox in row.to), row.subject) for row in sent)
        return sum(size for size in looks.values() if size > 1)

    def digest(self) -> bytes:
        rows = self._rows.values()
        return rows_digest((row.key, addresses_text(row.to), row.content.hex().upper(), row.skip) for row in rows)

    def enrol(self, at: str) -> None:
        clash = next(self.same_keys(), None)
        if clash:
            raise ValueError(f"two rows to be sent have the key {clash.key!r}; a clash is settled before enrolling")
        with self._memory.lock:
            plan = list(self._plan())
            if self._whole:
                self._drop(at)
            self._skip([row for row, _, stand in plan if stand is Verdict.SKIPPED], at)
            self._queue([row for row, _, stand in plan if stand is Verdict.SEND], at)

    def _drop(self, at: str) -> None:
        """What is queued and has no row any more."""
        known = self._keys()
        for key, identity in self._memory.ids.items():
            entry = self._memory.entries[identity]
            if entry.state is DeliveryState.QUEUED and key not in known:
                self._memory.put(entry.become(DeliveryState.SKIPPED, at, NOT_PLANNED))

    def _skip(self, rows: Sequence[Candidate], at: str) -> None:
        owners = self._owners()
        for row in rows:
            entry = self._memory.known(row.key)
            state = entry.state if entry else DeliveryState.QUEUED
            same = entry is not None and state is DeliveryState.SKIPPED and entry.reason == row.skip
            if owners[row.key] == row.position and state in SKIPPABLE and not same:
                self._memory.put(self._entry(row, entry).become(DeliveryState.SKIPPED, at, row.skip))

    def _queue(self, rows: Sequence[Candidate], at: str) -> None:
        self._memory.waiting = []
        for row in rows:
            entry = self._memory.known(row.key)
            planned = self._entry(row, entry)
            queued = entry is not None and entry.state is DeliveryState.QUEUED
            self._memory.put(planned if queued else planned.become(DeliveryState.QUEUED, at))
            self._memory.waiting.append((self._company(row), planned.delivery.id))

    def _entry(self, row: Candidate, entry: Entry | None) -> Entry:
        """What is known of a key, corrected by its row."""
        if entry is None:
            new = Delivery(len(self._memory.entries) + 1, row.key, row.position, row.to, row.content)
            return Entry(new, DeliveryState.QUEUED, "", subject=row.subject)
        delivery = Delivery(entry.delivery.id, row.key, row.position, row.to, row.content, entry.delivery.attempts)
        return replace(entry, delivery=delivery, subject=row.subject)

    def _plan(self) -> Iterator[tuple[Candidate, Entry | None, Verdict]]:
        """Each row of the plan, what the journal knows of its key, and how it stands."""
        for row in self._rows.values():
            if row.position not in self._left_out:
                entry = self._memory.known(row.key)
                changed, state = _is_changed(row, entry), entry.state if entry else None
                yield row, entry, verdict(state, skip=bool(row.skip), changed=changed, named=self._named)

    def _wanted(self) -> Iterator[Candidate]:
        return (row for row in self._rows.values() if not row.skip)

    def _owners(self) -> dict[str, int]:
        """Which row each key stands for: the first to be sent, else the first, whether it is left out or not."""
        owners: dict[str, int] = {}
        for row in sorted(self._rows.values(), key=lambda row: (row.skip != "", row.position)):
            owners.setdefault(row.key, row.position)
        return owners

    def _keys(self) -> set[str]:
        return {row.key for row in self._rows.values()}

    def _company(self, row: Candidate) -> Company:
        return row.batch, row.content, row.position if row.position in self._alone else 0


def _is_changed(row: Candidate, entry: Entry | None) -> bool:
    return entry is not None and (entry.delivery.content != row.content or entry.delivery.to != row.to)


def _is_tried(entry: Entry | None) -> bool:
    return entry is not None and entry.state in {DeliveryState.FAILED, DeliveryState.REJECTED}
