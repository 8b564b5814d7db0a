"""The right file for the right person: what is found when all rows are known."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from batchmail import rules
from batchmail.finding import Findings, Rule
from batchmail.job import Job
from batchmail.journal.base import Roster
from batchmail.location import TextLocation
from batchmail.merge import Merger
from batchmail.message import Message
from batchmail.planning.bindings import Bindings, ForTwo, Naming, folded
from batchmail.planning.keys import Keys
from batchmail.recipients.base import Sheet
from batchmail.row import ReadRow, Row

#: So many rows are merged again to name their files and places; the others are only counted.
SHOWN = 1_000

_WORDS = re.compile(r"[^\W_]+")
_HINT_TWO = "Give each row its own file. If several people may have this one, write `shared: true` beside its path."
_HINT_LACKS = f"Look whether the cell names this row's file, or allow it with --allow {rules.ATTACHMENT_LACKS_KEY.id}"
_HINT_NAMES = "Where the key stands in the name, as in pdf/{{ number }}.pdf, a file in the wrong row is found."


@dataclass(frozen=True, slots=True)
class Ground:
    """The job's rows, and how they become messages."""

    job: Job
    sheet: Sheet
    read: Callable[[Row], ReadRow]
    merger: Merger
    keys: Keys


@dataclass(frozen=True, slots=True)
class _Bound:
    """A row that was merged again, with the names of an attachment's files."""

    row: Row
    key: str
    message: Message

    def names(self, number: int) -> list[str]:
        return [each.path.name for each in self.message.attachments if each.personal and each.personal.number == number]


class PersonalFiles:
    """Takes in every message; when all are known, tells which files may be in the wrong rows."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._folder = f"{ground.job.folder}/"
        self._bindings = Bindings()

    def look(self, message: Message, read: ReadRow) -> None:
        """Take a row in."""
        parts = self._ground.keys.parts(read, message.to)
        self._bindings.look(message, read.row.position, parts, self._folder)

    def report(self, roster: Roster, findings: Findings) -> set[int]:
        """Tell what was found; gives the positions of the rows that have another's file."""
        doubled = self._report_for_two(roster, findings)
        for number, namings in self._bindings.by_attachment().items():
            used = [naming for naming in namings if naming.used]
            if not used and self._swapped(number, namings, roster):
                used = namings
            for naming in used:
                self._report_lacking(number, naming, findings)
            if not used:
                self._report_unchecked(number, namings[0], findings)
        return doubled

    def _report_for_two(self, roster: Roster, findings: Findings) -> set[int]:
        clashes = _not_skipped(list(self._bindings.for_two()), roster)
        bound = {
            each.row.position: each for each in self._again({at for each in clashes[:SHOWN] for at in _both(each)})
        }
        for clash in clashes[:SHOWN]:
            self._tell_for_two(bound[clash.first], bound[clash.second], findings)
        _count(rules.ATTACHMENT_FOR_TWO, clashes[SHOWN:], self._ground.sheet, findings)
        return {clash.second for clash in clashes}

    def _tell_for_two(self, first: _Bound, second: _Bound, findings: Findings) -> None:
        others = {each.personal.file for each in first.message.attachments if each.personal}
        mine = next(each for each in second.message.attachments if each.personal and each.personal.file in others)
        assert mine.personal
        findings.add(
            rules.ATTACHMENT_FOR_TWO.finding(
                f"`{mine.path.name}` would go to `{second.key}` and to `{first.key}` "
                f"({self._ground.sheet.place(first.row)})",
                self._ground.merger.attachment_place(second.row, mine.personal.number),
                _HINT_TWO,
                text=mine.path.name,
                key=second.key,
            )
        )

    def _report_lacking(self, number: int, naming: Naming, findings: Findings) -> None:
        for each in self._again(naming.lacking[:SHOWN]):
            names = ", ".join(f"`{name}`" for name in each.names(number))
            findings.add(
                rules.ATTACHMENT_LACKS_KEY.finding(
                    f"the file {names} does not have the row's key, `{each.key}`, in its name",
                    self._ground.merger.attachment_place(each.row, number),
                    _HINT_LACKS,
                    text=each.names(number)[0],
                    key=each.key,
                )
            )
        _count(rules.ATTACHMENT_LACKS_KEY, naming.lacking[SHOWN:], self._ground.sheet, findings)

    def _report_unchecked(self, number: int, naming: Naming, findings: Findings) -> None:
        for each in self._again(naming.lacking[:1]):
            findings.add(
                rules.ATTACHMENT_NAMES_UNCHECKED.finding(
                    f"nothing shows whether each row has its own file: `{each.names(number)[0]}` does not hold the "
                    f"key `{each.key}`, for example",
                    self._ground.job.place("message", "attachments", number, "path"),
                    _HINT_NAMES,
                )
            )

    def _swapped(self, number: int, namings: Sequence[Naming], roster: Roster) -> bool:
        """Whether most of these files have the key of another row in their names, as after a column was sorted alone.

        A word that several names have, as a year, tells nothing. Keys of several columns are not looked for.
        """
        if len(namings) > 1:
            return False
        texts = [" ".join(each.names(number)) for each in self._again(namings[0].lacking[:SHOWN])]
        words = [{text.rpartition(".")[0], *_WORDS.findall(text)} for text in map(folded, texts)]
        frequency = Counter(word for each in words for word in each)
        keys = {key for row in roster.rows() if frequency.get(key := folded(row.key)) == 1}
        return sum(not each.isdisjoint(keys) for each in words) * 2 >= len(words)

    def _again(self, positions: Iterable[int]) -> Iterator[_Bound]:
        """These rows, merged once more: names and places are not kept, for a sheet may have a million of them."""
        wanted = set(positions)
        rows = (row for row in self._ground.sheet.rows() if row.position in wanted) if wanted else iter(())
        for row in islice(rows, len(wanted)):
            read = self._ground.read(row)
            message = self._ground.merger.merge(read)
            if message:
                yield _Bound(row, self._ground.keys.of(read, message.to), message)


def _both(clash: ForTwo) -> tuple[int, int]:
    return clash.first, clash.second


def _not_skipped(clashes: Sequence[ForTwo], roster: Roster) -> list[ForTwo]:
    """Those whose rows both get a mail: of rows that are the same mail twice, some are left out."""
    if not clashes:
        return []
    wanted = {position for clash in clashes for position in _both(clash)}
    skipped = {row.position for row in roster.rows() if row.skip and row.position in wanted}
    return [clash for clash in clashes if skipped.isdisjoint(_both(clash))]


def _count(rule: Rule, rest: Sequence[object], sheet: Sheet, findings: Findings) -> None:
    for _ in rest:
        findings.add(rule.finding(rule.title, TextLocation(sheet.path), ""))
