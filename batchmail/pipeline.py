"""The whole flow on one page: load, open, plan, send, report. Read it first. It prints nothing.

job.yaml ─▶ manifest ─▶ Job ─────┐
sheet    ─▶ recipients ─▶ Row* ──┤
*.html   ─▶ merge ─▶ Message* ───┼─▶ planning ─▶ Plan ─▶ journal: queued deliveries
provider ─▶ capabilities ────────┤                           │ claim ▸ intent ▸ send ▸ result
journal  ─▶ what was sent before ┘              executor ────┴─▶ provider ─▶ Outcome
                                                    journal ─▶ report, status
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path

from batchmail import manifest, providers, rules
from batchmail.clock import Clock
from batchmail.delivery import Candidate, Counts, DeliveryState, Mailing, Record
from batchmail.emulator import WorksRules, works_emulator
from batchmail.errors import BatchmailError
from batchmail.executor import Interruption, Limiter, Progress, RunResult, Setup, run, signals_to
from batchmail.finding import Finding, Findings
from batchmail.job import Job
from batchmail.journal import hold, open_journal, view_journal
from batchmail.journal.base import Journal, Roster
from batchmail.merge import Merger, make_merger
from batchmail.pace import Pace, permitted
from batchmail.planning import Feed, Keys, Plan, Planner, identify, job_findings
from batchmail.providers import FileStore
from batchmail.providers.base import Provider
from batchmail.recipients import FieldReader, SheetBroken, check_columns, check_fields, open_sheet
from batchmail.recipients.base import Sheet
from batchmail.report import ReportLine, failed_only, write_report
from batchmail.row import ReadRow, Row

#: Rows are looked up in the journal in groups of so many.
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line narrows: only these keys, at most so many rows."""

    only: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedJob:
    """A job with everything that it names opened, ready to be planned, sent and reported."""

    job: Job
    provider: Provider
    sheet: Sheet
    read: Callable[[Row], ReadRow]
    merger: Merger


class RehearsalBlocked(BatchmailError):
    """What an earlier rehearsal left cannot be removed."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            f"{folder.as_posix()}: the last rehearsal cannot be removed: {error.strerror or error}",
            "Close its report and mails in other programs, then run this command again.",
        )


class KeysUnknown(BatchmailError):
    """Rows were asked for by keys that the sheet does not have."""

    exit_code = 2

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(
            f"No row has the key {', '.join(f'`{key}`' for key in keys)}",
            "Keys are what `recipients.key` names, or the address in lower case where it names nothing.",
        )


def manifest_schema() -> dict[str, object]:
    """The JSON Schema of the manifest."""
    return manifest.json_schema(providers.shapes())


def load_job(path: Path, findings: Findings, *, edition: str | None = None) -> Job | None:
    """The job that a manifest declares, as far as it can be made out; None where it cannot."""
    job = manifest.load(path, providers.shapes(), findings)
    if job is None or edition is None:
        return job
    return replace(job, mailing=Mailing(job.mailing.job, edition))


def open_job(job: Job, findings: Findings) -> OpenedJob | None:
    """The job with its sheet and templates, or None where they cannot be read."""
    provider = providers.build(job.provider)
    sheet = open_sheet(job.recipients, job.place("recipients", "file"), findings)
    if provider is None or sheet is None:
        return None
    for finding in job_findings(job, provider):
        findings.add(finding)
    check_columns(sheet, job.recipients, job.place, findings)
    check_fields(job.recipients.fields, findings)
    reader = FieldReader(sheet.columns, job.recipients.fields)
    merger = make_merger(job, sheet.columns, sheet.place, findings)
    return OpenedJob(job, provider, sheet, reader.read, merger)


def plan_job(opened: OpenedJob, roster: Roster, findings: Findings, choice: Choice = Choice()) -> Plan:
    """All rows merged and checked, and held against the journal. Raises KeysUnknown."""
    job, sheet = opened.job, opened.sheet
    planner = Planner(job, sheet, opened.read, opened.merger, opened.provider.capabilities, findings)
    try:
        planner.run(roster)
    except SheetBroken as broken:
        findings.add(broken.finding)
    if choice.only and (unknown := roster.restrict(choice.only)):
        raise KeysUnknown(unknown)
    if choice.limit is not None:
        roster.limit(choice.limit)
    standing = roster.standing(job.send.combine)
    if standing.changed_since_sent:
        findings.add(_changed_since_sent(job, standing.changed_since_sent))
    rates = opened.provider.capabilities.rates if job.send.rates is None else job.send.rates
    return Plan(
        findings,
        planner.tally,
        standing,
        permitted(rates, standing.requests, standing.recipients),
        planner.sampler.samples(),
        _unused(opened),
        sha256(job.digest + sheet.digest.encode("ascii") + roster.digest()).hexdigest(),
    )


def unallowed(findings: Findings, allowed: Sequence[str]) -> list[str]:
    """The rules of the warnings that nobody has allowed by name."""
    return [rule for rule in findings.warnings() if rule not in allowed]


@contextmanager
def sending(path: Path, mailing: Mailing, clock: Clock) -> Iterator[Journal]:
    """The journal of a mailing, held for one send. What a crash left in flight is in doubt from then on.

    Raises JournalBusy where another send holds it, and JournalUnusable.
    """
    with hold(path):
        journal = open_journal(path, mailing)
        try:
            journal.recover(clock.now().isoformat(timespec="seconds"))
            yield journal
        finally:
            journal.close()


@contextmanager
def viewing(path: Path, mailing: Mailing) -> Iterator[Journal]:
    """The journal of a mailing, to be read only. Raises JournalUnusable."""
    journal = view_journal(path, mailing)
    try:
        yield journal
    finally:
        journal.close()


def send_job(
    opened: OpenedJob,
    journal: Journal,
    roster: Roster,
    pace: Pace,
    clock: Clock,
    watch: Callable[[Progress], None],
) -> RunResult:
    """Send what the plan in the roster has to send. Raises SecretMissing before anything is sent."""
    files = FileStore()
    spec = opened.job.send
    opened.provider.open(files, spec.timeout_seconds)  # misses credentials before anything is enrolled
    roster.enrol(clock.now().isoformat(timespec="seconds"))
    feed = Feed(opened.sheet, opened.read, opened.merger, journal.batches(spec.combine))
    setup = Setup(
        journal,
        lambda: opened.provider.open(files, spec.timeout_seconds),
        Limiter(pace.rates, clock),
        clock,
        spec,
    )
    return asyncio.run(_interruptible(feed, setup, watch))


async def _interruptible(feed: Feed, setup: Setup, watch: Callable[[Progress], None]) -> RunResult:
    interruption = Interruption()
    with signals_to(interruption):
        return await run(feed.envelopes(), setup, watch=watch, interruption=interruption)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A job turned to an emulator, with a journal and a folder of its own; `mails` has what the emulator accepted."""

    opened: OpenedJob
    journal: Journal
    folder: Path
    mails: Path


@contextmanager
def rehearsing(opened: OpenedJob, folder: Path) -> Iterator[Rehearsal]:
    """Everything that a rehearsal needs, on this machine alone. What an earlier one left in the folder is removed."""
    _clear(folder)
    mails = folder / "mails"
    with works_emulator(mails, rules=WorksRules.rehearsal()) as emulator:
        provider = opened.provider.at(emulator.base_url, emulator.access_token)
        journal = open_journal(folder / "journal.db", opened.job.mailing)
        try:
            yield Rehearsal(replace(opened, provider=provider), journal, folder, mails)
        finally:
            journal.close()


def _clear(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise RehearsalBlocked(folder, error) from None


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
    """Write the sheet back with the results, to each of the paths. `failed` keeps the rows to be redone."""
    for path in paths:
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


def _unused(opened: OpenedJob) -> tuple[str, ...]:
    declared = {*opened.job.recipients.key, *opened.job.recipients.fields}
    used = opened.merger.columns
    names = enumerate(opened.sheet.columns)
    return tuple(name for position, name in names if position not in used and name not in declared)


def _changed_since_sent(job: Job, number: int) -> Finding:
    return rules.CHANGED_SINCE_SENT.finding(
        f"{number:,} rows have got their mail and would read otherwise now",
        job.place("edition") if ("edition",) in job.places else job.place("name"),
        "They are not written to again. To write to everybody anew, give the job a new `edition`.",
    )
