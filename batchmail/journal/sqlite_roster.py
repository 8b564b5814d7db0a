"""The roster of an SQLite journal: temporary tables on the same connection."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from batchmail.delivery import Candidate, Record
from batchmail.journal.base import Changed, Clash, SamePeople, Standing
from batchmail.journal.connection import PAGE_ROWS, Database, Value
from batchmail.journal.digest import addresses_text, rows_digest
from batchmail.journal.sqlite_comparison import Comparison
from batchmail.journal.sqlite_enrolment import enrol
from batchmail.journal.sqlite_rows import RECORD, RECORD_COLUMNS, RESULT, RESULT_COLUMNS, storable
from batchmail.journal.verdict import Verdict

_ADD = """
    INSERT INTO temp.candidate (
        position, key, recipients, folded, addresses, content, batch, skip, subject, others, mail
    )
"""
_KEY_INDEX = "CREATE INDEX IF NOT EXISTS temp.candidate_key ON candidate (key, skip)"

_SAME_KEYS = """
    INSERT INTO temp.clash (key, first, second)
    SELECT key, first, position
    FROM temp.candidate JOIN (
        SELECT key, min(position) AS first FROM temp.candidate WHERE skip = '' GROUP BY key HAVING count(*) > 1
    ) USING (key)
    WHERE skip = '' AND position > first
    ORDER BY position
"""
_SAME_MAILS = """
    INSERT INTO temp.clash (key, first, second)
    SELECT later.key, earlier.first, later.position
    FROM (
        SELECT folded, mail, key, min(position) AS first
        FROM temp.candidate WHERE skip = '' GROUP BY folded, mail HAVING count(*) > 1
    ) AS earlier
    JOIN temp.candidate AS later USING (folded, mail)
    WHERE later.skip = '' AND later.position > earlier.first AND later.key <> earlier.key
    ORDER BY later.position
"""
_SAME_ADDRESSES = "SELECT 1 FROM temp.candidate GROUP BY folded HAVING count(*) > 1 LIMIT 1"
_CLASHES = "SELECT id, key, first, second FROM temp.clash WHERE id <= ? AND id > ? ORDER BY id LIMIT ?"

_LEAVE_OUT_UNNAMED = """
    UPDATE temp.candidate SET left_out = 1 WHERE left_out = 0 AND key NOT IN (SELECT key FROM temp.named)
"""
_LEAVE_OUT_REST = """
    UPDATE temp.candidate SET left_out = 1
    WHERE position IN (
        SELECT position FROM temp.standing WHERE verdict = 'send' ORDER BY position LIMIT -1 OFFSET ?
    )
"""

_STANDING = """
    SELECT verdict, count(*), total(addresses + others), total(state IN ('failed', 'rejected')), total(changed)
    FROM temp.standing GROUP BY verdict
"""
_REQUESTS = """
    SELECT total((size + ? - 1) / ?)
    FROM (SELECT count(*) AS size FROM temp.standing WHERE verdict = 'send' GROUP BY batch, content, alone)
"""

_REKEYED = """
    SELECT count(*) FROM temp.standing
    WHERE verdict = 'send' AND state IS NULL AND recipients IN (
        SELECT recipients FROM main.delivery
        WHERE mailing = ? AND state IN ('sent', 'sending', 'in_doubt')
            AND NOT EXISTS (SELECT 1 FROM temp.candidate WHERE candidate.key = delivery.key)
    )
"""
_LOOK_ALIKES = """
    SELECT total(size) FROM (
        SELECT count(*) AS size FROM temp.standing WHERE verdict = 'send' AND subject <> x''
        GROUP BY folded, subject HAVING count(*) > 1
    )
"""
_SEVERAL_MAILS = """
    SELECT count(*), coalesce(min(first), 0) FROM (
        SELECT min(position) AS first FROM temp.candidate WHERE skip = '' AND left_out = 0 AND addresses > 0
        GROUP BY folded HAVING min(content) <> max(content)
    )
"""
_OTHER_MAIL = """
    SELECT min(other.position) FROM temp.candidate AS own JOIN temp.candidate AS other USING (folded)
    WHERE own.position = ? AND other.skip = '' AND other.left_out = 0 AND other.content <> own.content
"""
# CROSS JOIN: row by row, not delivery by delivery. Each minimum is one step in the index; sorting would begin a sorter
# for every row.
_RESULTS = f"""
    SELECT own.position, {RESULT_COLUMNS}
    FROM temp.candidate AS own CROSS JOIN main.delivery ON delivery.mailing = ? AND delivery.key = own.key
    WHERE own.position BETWEEN ? AND ? AND own.position = coalesce(
        (SELECT min(position) FROM temp.candidate WHERE key = own.key AND skip = ''),
        (SELECT min(position) FROM temp.candidate WHERE key = own.key)
    )
"""  # noqa: S608  the columns are a constant

_ROWS = """
    SELECT position, key, recipients, hex(content), skip FROM temp.candidate
    WHERE position > ? ORDER BY position LIMIT ?
"""
_CHANGED = """
    SELECT now.position, now.key, was.recipients, now.recipients,
        CASE WHEN was.subject <> x'' AND now.subject <> x'' THEN was.subject <> now.subject END,
        was.content <> now.content
    FROM temp.standing AS now JOIN main.delivery AS was ON was.id = now.delivery
    WHERE now.verdict = 'sent' AND now.changed AND now.position > ? ORDER BY now.position LIMIT ?
"""
_CANDIDATES = """
    SELECT position, key, recipients, content, batch, skip, subject, others, iif(mail = content, x'', mail)
    FROM temp.candidate
    WHERE position > ? ORDER BY position LIMIT ?
"""
_GONE = f"""
    SELECT {RECORD_COLUMNS} FROM main.delivery
    WHERE mailing = ? AND NOT EXISTS (SELECT 1 FROM temp.candidate WHERE candidate.key = delivery.key)
        AND (position, id) > (?, ?)
    ORDER BY position, id LIMIT ?
"""  # noqa: S608  the columns are a constant


class SqliteRoster:
    """The rows of one plan, in tables that are gone with the connection; see base.py for what it promises."""

    def __init__(self, database: Database, mailing: int, writable: Callable[[], None]) -> None:
        """`writable` raises where the journal is only looked at; it is called before enrolling."""
        self._database = database
        self._mailing = mailing
        self._writable = writable
        self._last_position = 0
        self._comparison = Comparison(database, mailing)
        self._addresses_repeat: bool | None = None
        with database.transaction(write=False):
            for table in ("plan", "candidate", "named", "clash", "known", "enrolment", "waiting"):
                database.run(f"DELETE FROM temp.{table}")  # noqa: S608  the names stand in the line above
            database.run("DROP INDEX IF EXISTS temp.candidate_key")
            database.run("INSERT INTO temp.plan (named, whole) VALUES (0, 1)")

    def add(self, candidates: Iterable[Candidate]) -> None:
        remaining = iter(candidates)
        self._addresses_repeat = None
        while chunk := list(islice(remaining, PAGE_ROWS)):
            rows = [self._row(candidate) for candidate in chunk]
            with self._database.transaction(write=False):
                self._database.insert(_ADD, rows)

    def same_keys(self) -> Iterator[Clash]:
        self._index_keys()
        return self._clashes(_SAME_KEYS)

    def same_mails(self) -> Iterator[Clash]:
        return self._clashes(_SAME_MAILS) if self._has_same_addresses() else iter(())

    def skip(self, positions: Iterable[int], reason: str) -> None:
        if not reason:
            raise ValueError("a row is left out for a reason")
        rows = ((storable(reason), position) for position in positions)
        self._change("UPDATE temp.candidate SET skip = ? WHERE position = ?", rows)

    def rename(self, position: int, key: str) -> None:
        self._change("UPDATE temp.candidate SET key = ? WHERE position = ?", [(key, position)])

    def separate(self, positions: Iterable[int]) -> None:
        rows = ((position,) for position in positions)
        self._change("UPDATE temp.candidate SET alone = position WHERE position = ?", rows)

    def restrict(self, keys: Sequence[str]) -> list[str]:
        self._index_keys()
        with self._database.transaction(write=False):
            self._database.run("DELETE FROM temp.named")
            self._database.run_each("INSERT OR IGNORE INTO temp.named (key) VALUES (?)", ((key,) for key in keys))
            self._database.run(_LEAVE_OUT_UNNAMED)
            self._database.run("UPDATE temp.plan SET named = 1, whole = 0")
        wanted = dict.fromkeys(keys)
        found = self._database.firsts("SELECT 1 FROM temp.candidate WHERE key = ?", [(key,) for key in wanted])
        return [key for key, row in zip(wanted, found, strict=True) if row is None]

    def leave_out(self, positions: Iterable[int]) -> None:
        rows = ((position,) for position in positions)
        self._change("UPDATE temp.candidate SET left_out = 1 WHERE position = ?", rows)
        self._database.run("UPDATE temp.plan SET whole = 0")

    def limit(self, count: int) -> None:
        self._comparison.make()
        with self._database.transaction(write=False):
            self._database.run(_LEAVE_OUT_REST, (count,))
            self._database.run("UPDATE temp.plan SET whole = 0")

    def standing(self, combine: int) -> Standing:
        self._comparison.make()
        found = {verdict: tuple(map(int, rest)) for verdict, *rest in self._database.rows(_STANDING)}
        stands = {verdict: found.get(verdict, (0, 0, 0, 0)) for verdict in Verdict}
        send, recipients, again, _ = stands[Verdict.SEND]
        sent, _, _, changed = stands[Verdict.ALREADY_SENT]
        self._index_keys()
        (rekeyed,) = self._numbers(_REKEYED, (self._mailing,))
        (requests,) = (send,) if combine == 1 else self._numbers(_REQUESTS, (combine, combine))
        return Standing(
            send=send,
            requests=requests,
            recipients=recipients,
            again=again,
            already_sent=sent,
            changed_since_sent=changed,
            skipped=stands[Verdict.SKIPPED][0],
            in_doubt=stands[Verdict.IN_DOUBT][0],
            rejected=stands[Verdict.REJECTED][0],
            abandoned=stands[Verdict.ABANDONED][0],
            rekeyed=rekeyed,
        )

    def sendable(self, positions: Sequence[int]) -> list[int]:
        self._comparison.make()
        statement = "SELECT position FROM temp.standing WHERE position = ? AND verdict = 'send'"
        found = self._database.firsts(statement, [(position,) for position in positions])
        return [row[0] for row in found if row]

    def changed(self) -> Iterator[Changed]:
        self._comparison.make()
        for position, key, before, now, subject, rewritten in self._database.pages(_CHANGED, (), (0,)):
            other = None if subject is None else bool(subject)
            yield Changed(position, key, tuple(json.loads(before)), tuple(json.loads(now)), other, bool(rewritten))

    def gone(self) -> Iterator[Record]:
        self._index_keys()
        pages = self._database.pages(_GONE, (self._mailing,), (-1, -1))
        return RECORD.of(self._database.path, pages)

    def mails(self, positions: Sequence[int]) -> dict[int, tuple[tuple[str, ...], bytes]]:
        statement = "SELECT position, recipients, content FROM temp.candidate WHERE position = ?"
        found = self._database.firsts(statement, [(position,) for position in positions])
        return {row[0]: (tuple(json.loads(row[1])), row[2]) for row in found if row}

    def results(self, first: int, last: int) -> dict[int, Record]:
        self._index_keys()
        return dict(RESULT.of(self._database.path, self._database.rows(_RESULTS, (self._mailing, first, last))))

    def rows(self) -> Iterator[Candidate]:
        for position, key, recipients, *rest in self._database.pages(_CANDIDATES, (), (0,)):
            yield Candidate(position, key, tuple(json.loads(recipients)), *rest)

    def same_people(self) -> SamePeople | None:
        if not self._has_same_addresses():
            return None
        number, first = self._numbers(_SEVERAL_MAILS)
        if not number:
            return None
        (second,) = self._numbers(_OTHER_MAIL, (first,))
        return SamePeople(number, first, second)

    def look_alikes(self) -> int:
        if not self._has_same_addresses():
            return 0
        self._comparison.make()
        (rows,) = self._numbers(_LOOK_ALIKES)
        return rows

    def digest(self) -> bytes:
        return rows_digest(row[1:] for row in self._database.pages(_ROWS, (), (0,)))

    def enrol(self, at: str) -> None:
        self._writable()
        self._index_keys()
        try:
            with self._database.transaction():
                self._comparison.make_sure()
                enrol(self._database, self._mailing, at)
        finally:
            self._comparison.forget()

    def _row(self, candidate: Candidate) -> tuple[Value, ...]:
        if candidate.position <= self._last_position:
            raise ValueError(f"row {candidate.position} comes after row {self._last_position}: positions rise from 1")
        self._last_position = candidate.position
        recipients = addresses_text(candidate.to)
        content, nameless = bytearray(candidate.content), candidate.nameless
        return (
            candidate.position,
            candidate.key,
            recipients,
            folded(recipients, candidate.to),
            len(candidate.to),
            content,
            bytearray(candidate.batch),
            storable(candidate.skip),
            bytearray(candidate.subject),
            candidate.others,
            bytearray(nameless) if nameless else content,
        )

    def _change(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        with self._database.transaction(write=False):
            self._database.run_each(statement, rows)

    def _index_keys(self) -> None:
        """Before keys are looked up; sorting all of them once is faster than keeping them sorted as they come."""
        self._database.run(_KEY_INDEX)

    def _has_same_addresses(self) -> bool:
        """Whether any two rows go to the same addresses: of most lists none do, and then there is less to sort."""
        if self._addresses_repeat is None:
            self._addresses_repeat = self._database.one(_SAME_ADDRESSES) is not None
        return self._addresses_repeat

    def _numbers(self, statement: str, parameters: Sequence[Value] = ()) -> tuple[int, ...]:
        return tuple(map(int, self._database.one(statement, parameters) or ()))

    def _clashes(self, statement: str) -> Iterator[Clash]:
        """What a statement finds, kept aside first: rows may be renamed and skipped while it is read."""
        last_id = "SELECT coalesce(max(id), 0) FROM temp.clash"
        with self._database.transaction(write=False):
            (before,) = self._numbers(last_id)
            self._database.run(statement)
            (last,) = self._numbers(last_id)
        pages = self._database.pages(_CLASHES, (last,), (before,))
        return (Clash(key, first, second) for _, key, first, second in pages)


def folded(recipients: str, to: tuple[str, ...]) -> str:
    """Addresses as one text, whatever the case of their letters; `recipients` is that of the addresses as they are."""
    if "\\" not in recipients:  # nothing but ASCII then
        return recipients.lower()
    return addresses_text(tuple(mailbox.casefold() for mailbox in to))
