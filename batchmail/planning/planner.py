"""One pass over all rows: each is read, merged and checked, and taken into the roster."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import assert_never

from batchmail import rules
from batchmail.delivery import Candidate
from batchmail.finding import Findings, Rule, Severity
from batchmail.job import Job
from batchmail.journal.base import Clash, Roster
from batchmail.location import Location, TextLocation
from batchmail.merge import Merger
from batchmail.message import Message
from batchmail.planning.checks import Part, message_objections
from batchmail.planning.contents import Contents
from batchmail.planning.domains import Domains
from batchmail.planning.duplicates import Known, settle
from batchmail.planning.hidden import HiddenRows
from batchmail.planning.keys import Keys
from batchmail.planning.personal import Ground, PersonalFiles
from batchmail.planning.plan import Tally
from batchmail.planning.positions import Positions
from batchmail.planning.same_people import same_people
from batchmail.planning.samples import Sampler
from batchmail.planning.sight import Sight
from batchmail.planning.sparing import Sparing
from batchmail.planning.suppression import SuppressionList
from batchmail.planning.unique import UniqueColumns
from batchmail.providers.base import Capabilities, Feature
from batchmail.recipients.base import Sheet
from batchmail.row import ReadRow, Row

#: Rows are handed to the roster in groups of so many.
ROWS_AT_ONCE = 1_000
#: Clashes are looked up in the sheet again to name their places; more of them than this are only counted.
CLASHES_SHOWN = 1_000

_SAME_ROW = "Correct the sheet, or set `recipients.duplicates` to first, last or allow."
_SAME_VALUE = "Correct the sheet, or take `unique` from the column."

UNWANTED = "left out by `where`"


class Planner:
    """Plans the rows of a sheet."""

    def __init__(  # noqa: PLR0913  what a plan is made of
        self,
        job: Job,
        sheet: Sheet,
        read: Callable[[Row], ReadRow],
        merger: Merger,
        capabilities: Capabilities,
        findings: Findings,
        *,
        listed: SuppressionList | None = None,
    ) -> None:
        """`listed` are the addresses that are never written to."""
        self._job = job
        self._sheet = sheet
        self._read = read
        self._merger = merger
        # What the whole job lacks is told once, not for every row.
        self._capabilities = capabilities if job.message.sender else replace(capabilities, required=frozenset())
        self._findings = findings
        self._keys = Keys(job.recipients.key, sheet.columns, merger.addresses)
        self._unique = UniqueColumns(job.recipients.fields, sheet.columns)
        self._personal = PersonalFiles(Ground(job, sheet, read, merger, self._keys))
        self._combining = job.message.send_separately and Feature.SEND_SEPARATELY in capabilities.features
        self._contents = Contents(capabilities.subject_characters)
        self._blocked = array("Q")
        self._sight = Sight(sheet)
        self._domains = Domains(sheet, merger, findings)
        self._hidden = HiddenRows(sheet.place)
        self._sparing = Sparing(listed or SuppressionList(), merger, findings)
        self.sampler = Sampler(sheet.place)
        self._watch: Callable[[Message], None] | None = None
        self.tally = Tally()

    def run(self, roster: Roster, known: Known, watch: Callable[[Message], None] | None = None) -> None:
        """Take all rows into a roster, and settle which of them are the same mail twice.

        `watch` sees every message that has no findings.
        """
        self._watch = watch
        candidates = self._candidates()
        while chunk := list(islice(candidates, ROWS_AT_ONCE)):
            roster.add(chunk)
        lists = self._job.place("recipients", "suppress")
        for finding in (self._sight.finding(), self._hidden.finding(), self._sparing.finding(lists)):
            if finding:
                self._findings.add(finding)
        self._domains.report()
        duplicates = settle(roster, self._job.recipients.duplicates, known)
        if self._blocked:
            roster.leave_out(self._blocked)
        column = self._keys.columns[0] if len(self._keys.columns) == 1 else None
        self._report_clashes(rules.ROW_DUPLICATE_KEY, duplicates.keys, column, _SAME_ROW)
        self._report_clashes(rules.ROW_DUPLICATE_MAIL, duplicates.mails, column, _SAME_ROW)
        doubled = self._report_repeated()
        doubled.update(clash.second for clash in chain(duplicates.keys, duplicates.mails))
        doubled.discard(self._blocked)
        doubled.update(self._personal.report(roster, self._findings))
        self.tally = replace(self.tally, blocked=self.tally.blocked + len(doubled))
        if doubled:
            roster.leave_out(doubled)
        if twice := same_people(roster, self._sheet, self._merger):
            self._findings.add(twice)

    def _candidates(self) -> Iterator[Candidate]:
        rows = unwanted = 0
        for row in self._sheet.rows():
            rows += 1
            read = self._read(row)
            wanted = self._merger.wanted(read)
            unwanted += wanted is False
            candidate = self._candidate(read, wanted=wanted)
            if candidate:
                yield candidate
        self.tally = Tally(rows, unwanted, len(self._blocked), self._sparing.rows)

    def _candidate(self, read: ReadRow, *, wanted: bool | None) -> Candidate | None:
        if wanted is None:
            return self._blocked_candidate(read, self._keys.of(read))
        reason = self._sparing.reason(read) if wanted else UNWANTED
        if reason:
            return self._left_out(read, reason)
        if read.row.hidden:
            self._hidden.look(read.row)
        return self._wanted(read)

    def _left_out(self, read: ReadRow, reason: str) -> Candidate | None:
        key = self._keys.of(read)
        to = tuple(address.mailbox for address in self._merger.addresses(read))
        return Candidate(read.row.position, key, to, b"", b"", reason) if key else None

    def _wanted(self, read: ReadRow) -> Candidate | None:
        self._unique.look(read)
        merged = self._merger.merge(read)
        key = self._keys.of(read, merged.to if merged else None)
        message = merged and self._sparing.rest(merged, read, key)
        if not key and self._keys.known and not any(column in read.faults for column in self._keys.columns):
            self._report_blank_key(read.row, message)
        if message is None or not key or not self._accepted(message, read.row, key):
            return self._blocked_candidate(read, key)
        self.sampler.look(message, read.row)
        if message.attachments:
            self._personal.look(message, read)
        if self._watch:
            self._watch(message)
        content = self._contents.of(message)
        batch = content.digest if self._combinable(message) else _alone(read.row)
        to = tuple([address.mailbox for address in message.to])
        others = len(message.cc) + len(message.bcc)
        return Candidate(
            read.row.position,
            key,
            to,
            content.digest,
            batch,
            subject=content.subject,
            others=others,
            nameless=_nameless_digest(message),
        )

    def _blocked_candidate(self, read: ReadRow, key: str) -> Candidate | None:
        """A row with findings: it is not sent, but its key counts when keys are compared."""
        self._blocked.append(read.row.position)
        position = read.row.position
        return Candidate(position, key, (), _alone(read.row), _alone(read.row)) if key else None

    def _combinable(self, message: Message) -> bool:
        """Whether other rows may travel in the same request; one with several addresses travels alone."""
        return self._combining and len(message.to) == 1 and not message.cc and not message.bcc

    def _accepted(self, message: Message, row: Row, key: str) -> bool:
        blocked = False
        for objection in message_objections(message, self._capabilities):
            where = self._part_place(objection.part, row)
            finding = objection.rule.finding(objection.message, where, objection.hint, text=objection.text)
            blocked |= self._findings.add(replace(finding, key=key)).severity is Severity.ERROR
        self._sight.look(message, row)
        self._domains.look(message, row, key)
        return not blocked

    def _part_place(self, part: Part, row: Row) -> Location:
        match part:
            case Part.ADDRESS:
                return self._merger.address_place(row)
            case Part.SUBJECT:
                return self._merger.subject_place(row)
            case Part.ATTACHMENTS:
                return self._merger.attachment_place(row)
            case _:
                assert_never(part)

    def _report_blank_key(self, row: Row, message: Message | None) -> None:
        if message is None and not self._keys.columns:
            return  # without an address there is no key either, and the address has its finding
        names = ", ".join(f"`{name}`" for name in self._job.recipients.key)
        column = next((each for each in self._keys.columns if not row.texts[each].strip()), None)
        self._findings.add(
            rules.ROW_BLANK_KEY.finding(
                f"the key ({names}) is blank", self._sheet.place(row, column), "Give the row a key of its own."
            )
        )

    def _report_repeated(self) -> Positions:
        """Tell of values that may not repeat; gives the rows that have one which another had before."""
        again, shown = Positions(), dict[int, list[Clash]]()
        for column, clash in self._unique.clashes(self._sheet):
            again.add(clash.second)
            first = shown.setdefault(column, [])
            if len(first) < CLASHES_SHOWN:
                first.append(clash)
            else:
                self._count_clash(rules.ROW_NOT_UNIQUE, clash, _SAME_VALUE)
        for column, clashes in sorted(shown.items()):
            self._show_clashes(rules.ROW_NOT_UNIQUE, clashes, column, _SAME_VALUE)
        return again

    def _report_clashes(self, rule: Rule, clashes: Sequence[Clash], column: int | None, hint: str) -> None:
        for clash in islice(clashes, CLASHES_SHOWN, None):
            self._count_clash(rule, clash, hint)
        self._show_clashes(rule, clashes[:CLASHES_SHOWN], column, hint)

    def _count_clash(self, rule: Rule, clash: Clash, hint: str) -> None:
        where = TextLocation(self._sheet.path)
        self._findings.add(rule.finding(rule.title, where, hint, text=clash.key, key=clash.key))

    def _show_clashes(self, rule: Rule, shown: Sequence[Clash], column: int | None, hint: str) -> None:
        wanted = {position for clash in shown for position in (clash.first, clash.second)}
        rows = {row.position: row for row in self._sheet.rows() if row.position in wanted} if wanted else {}
        for clash in shown:
            first = self._sheet.place(rows[clash.first], column)
            self._findings.add(
                rule.finding(
                    f"{rule.title}: `{clash.key}` stands at {first} already",
                    self._sheet.place(rows[clash.second], column),
                    hint,
                    text=clash.key,
                    key=clash.key,
                )
            )


def _nameless_digest(message: Message) -> bytes:
    """The digest of a mail without the names beside its addresses; empty where it has none."""
    for address in message.to:
        if address.name:
            return message.nameless.content_digest()
    return b""


def _alone(row: Row) -> bytes:
    """What no other row shares."""
    return row.position.to_bytes(8, "big")
