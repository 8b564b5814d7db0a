"""What became of everybody: the state of a mailing, and the sheet joined with it. Both are questions to the journal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from batchmail.delivery import Counts, DeliveryState, Record
from batchmail.errors import BatchmailError
from batchmail.journal.base import Journal, Roster
from batchmail.pipeline import OpenedJob, is_input
from batchmail.recipients import SheetBroken
from batchmail.report import ReportLine, failed_only, write_report

#: So many of the deliveries in doubt are named, and so many of the others that want a person.
NAMED = 10
#: So many of those in doubt are named where somebody asks for them.
NAMED_WHEN_ASKED = 100
#: Rows are looked up in the journal in groups of so many.
ROWS_AT_ONCE = 500


class ReportOverInput(BatchmailError):
    """A report was to be written over the sheet, or over another file that the job reads."""

    exit_code = 2

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.as_posix()} is a file that the job reads", "Give the report another name.")


@dataclass(frozen=True, slots=True)
class State:
    """What the journal knows: counts by state, requests so far, those in doubt, and the first that want a person.

    `trouble` has the first of those in doubt and the first of the others, by their position in the sheet; `partial` are
    those sent that somebody does not get.
    """

    counts: Counts
    requests: int
    in_doubt: tuple[str, ...]
    trouble: tuple[Record, ...]
    partial: tuple[str, ...] = ()


def state_of(journal: Journal, *, running: bool = False, named_doubts: int = NAMED) -> State:
    """The state of a mailing, with so many of those in doubt by name.

    What is marked as being sent is in doubt, unless a send is `running`.
    """
    counts = journal.counts()
    if not running:
        counts = replace(counts, sending=0, in_doubt=counts.in_doubt + counts.sending)
    in_doubt: list[str] = []
    partial: list[str] = []
    trouble: list[Record] = []
    others = 0
    for record in troubled(journal, running=running) if counts.unfinished + counts.partial else ():
        if record.partial:
            partial.append(record.key)
        if record.state is DeliveryState.IN_DOUBT:
            in_doubt.append(record.key)
            named = len(in_doubt) <= named_doubts
        else:
            others += 1
            named = others <= NAMED
        if named:
            trouble.append(record)
    return State(counts, journal.requests(), tuple(in_doubt), tuple(trouble), tuple(partial))


def troubled(journal: Journal, *, running: bool = False) -> Iterator[Record]:
    """All deliveries that want a person, one after another: in doubt, rejected, failed, sent in part."""
    wanting = {DeliveryState.IN_DOUBT, DeliveryState.REJECTED, DeliveryState.FAILED}
    for record in journal.all_records(troubled=True):
        settled = record if running else _settled(record)
        if settled.partial or settled.state in wanting:
            yield settled


def _settled(record: Record) -> Record:
    """A record as it is to be read when nobody sends: what was on its way is in doubt."""
    return record._replace(state=DeliveryState.IN_DOUBT) if record.state is DeliveryState.SENDING else record


@dataclass(frozen=True, slots=True)
class Written:
    """The reports that were written, and why others were not."""

    paths: tuple[Path, ...] = ()
    errors: tuple[BatchmailError, ...] = ()


def write_reports(
    opened: OpenedJob,
    roster: Roster,
    paths: Sequence[Path],
    *,
    failed: bool = False,
    redirect: str = "",
) -> Written:
    """Write the sheet back with the results, to each of the paths, as far as that goes.

    `roster` is a plan's: it knows each row's key, and what the journal has of it. `failed` keeps the rows to be
    redone. `redirect` is the one address that the mails of a test send went to.
    """
    written: list[Path] = []
    errors: list[BatchmailError] = []
    for path in paths:
        try:
            lines = report_lines(opened, roster, redirect)
            _write(opened, path, failed_only(lines) if failed else lines)
        except BatchmailError as error:
            errors.append(error)
        except SheetBroken as broken:
            errors.append(BatchmailError(f"{path.as_posix()}: {broken.finding.message}", broken.finding.hint))
        else:
            written.append(path)
    return Written(tuple(written), tuple(errors))


def _write(opened: OpenedJob, path: Path, lines: Iterator[ReportLine]) -> None:
    if is_input(opened.job, path):
        raise ReportOverInput(path)
    write_report(path, opened.sheet.columns, lines, title=opened.sheet.name)


def report_lines(opened: OpenedJob, roster: Roster, redirect: str = "") -> Iterator[ReportLine]:
    """Every row of the sheet with its last known result, then the results whose rows have left the sheet.

    Where mails went to another address than the row's, to `redirect`, the results say so.
    """
    rows = opened.sheet.rows()
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        records = roster.results(chunk[0].position, chunk[-1].position)
        for row in chunk:
            record = records.get(row.position)
            yield ReportLine(row, record._replace(to=(redirect,)) if record and redirect else record)
    for record in roster.gone():
        yield ReportLine(None, record)
