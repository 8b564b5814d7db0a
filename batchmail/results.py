"""What became of everybody: the state of a mailing, and the sheet joined with it. Both are questions to the journal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from batchmail.delivery import Candidate, Counts, DeliveryState, Record
from batchmail.errors import BatchmailError
from batchmail.journal.base import Journal, Roster
from batchmail.pipeline import OpenedJob
from batchmail.planning import Keys, identify
from batchmail.report import ReportLine, failed_only, write_report

#: Rows are looked up in the journal in groups of so many.
ROWS_AT_ONCE = 500


class ReportOverInput(BatchmailError):
    """A report was to be written over the sheet."""

    exit_code = 2

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.as_posix()} is the sheet itself", "Give the report another name.")


@dataclass(frozen=True, slots=True)
class State:
    """What the journal knows: counts by state, requests so far, and the deliveries that want a person."""

    counts: Counts
    requests: int
    in_doubt: tuple[str, ...]
    trouble: tuple[Record, ...]


def state_of(journal: Journal, *, running: bool = False) -> State:
    """The state of a mailing. What is marked as being sent is in doubt, unless a send is `running`."""
    counts = journal.counts()
    doubtful = {DeliveryState.IN_DOUBT} if running else {DeliveryState.IN_DOUBT, DeliveryState.SENDING}
    if not running:
        counts = replace(counts, sending=0, in_doubt=counts.in_doubt + counts.sending)
    wanting = doubtful | {DeliveryState.REJECTED, DeliveryState.FAILED}
    trouble = tuple(record for record in journal.all_records() if record.state in wanting) if counts.unfinished else ()
    in_doubt = tuple(record.key for record in trouble if record.state in doubtful)
    return State(counts, journal.requests(), in_doubt, trouble)


def write_reports(opened: OpenedJob, journal: Journal, paths: Sequence[Path], *, failed: bool = False) -> None:
    """Write the sheet back with the results, to each of the paths. `failed` keeps the rows to be redone.

    Raises ReportOverInput, and what writing a report raises.
    """
    for path in paths:
        if path.resolve() == opened.sheet.path.resolve():
            raise ReportOverInput(path)
        lines = report_lines(opened, journal)
        write_report(path, opened.sheet.columns, failed_only(lines) if failed else lines, title=opened.sheet.name)


def report_lines(opened: OpenedJob, journal: Journal) -> Iterator[ReportLine]:
    """Every row of the sheet with its last known result, then the results whose rows have left the sheet."""
    roster = _identified(opened, journal)
    rows = opened.sheet.rows()
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        keys = roster.keys([row.position for row in chunk])
        records = journal.records(list(keys.values()))
        for row in chunk:
            yield ReportLine(row, records.get(keys.get(row.position, "")))
    for record in roster.gone():
        yield ReportLine(None, record)


def _identified(opened: OpenedJob, journal: Journal) -> Roster:
    """A roster that knows each row's key, as the plan would name it."""
    job = opened.job
    keys = Keys(job.recipients.key, opened.sheet.columns, opened.merger.addresses)
    roster = journal.roster()
    rows = opened.sheet.rows()
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        named = ((row.position, keys.of(opened.read(row))) for row in chunk)
        roster.add(Candidate(position, key, (), b"", b"") for position, key in named if key)
    identify(roster, job.recipients.duplicates)
    return roster
