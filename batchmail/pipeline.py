"""The whole flow on one page: load, open, plan, send, report. Read it first. It prints nothing.

job.yaml ─▶ manifest ─▶ Job ─────┐
sheet    ─▶ recipients ─▶ Row* ──┤
*.html   ─▶ merge ─▶ Message* ───┼─▶ planning ─▶ Plan ─▶ journal: queued deliveries
provider ─▶ capabilities ────────┤                           │ claim ▸ intent ▸ send ▸ result
journal  ─▶ what was sent before ┘              executor ────┴─▶ provider ─▶ Outcome
                                                    journal ─▶ report, status
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from batchmail import manifest, rules
from batchmail.clock import Clock, SystemClock, stamp
from batchmail.delivery import Envelope, Mailing
from batchmail.errors import BatchmailError, JournalDoubtful, JournalUnusable
from batchmail.finding import Finding, Findings
from batchmail.job import BodyFile, Job
from batchmail.job_file import load_job_file
from batchmail.journal import Logbook, doubt_about, hold, open_journal, view_journal
from batchmail.journal.base import Journal, Standing
from batchmail.merge import Merger, make_merger
from batchmail.message import Message
from batchmail.pace import memory_seconds, permitted
from batchmail.planning import Feed, Plan, Planner, Stamp, job_findings
from batchmail.planning.standing import standing_findings
from batchmail.planning.suppression import NoSuppression, Suppression
from batchmail.planning.withholding import Withholding
from batchmail.providers import Kinds, ProviderKind
from batchmail.providers.base import Provider
from batchmail.providers.dkim_alignment import dkim_findings
from batchmail.providers.errand import Errand
from batchmail.providers.plain_text import adapting, missing_library
from batchmail.providers.secret_check import secret_findings
from batchmail.providers.separate import rates_by_copy
from batchmail.rate import Handover, Rate
from batchmail.recipients import FieldReader, SheetBroken, check_columns, check_fields, check_hidden, open_sheet
from batchmail.recipients.base import Sheet
from batchmail.row import ReadRow, Row
from batchmail.state_folder import state_folder
from batchmail.suppression import SuppressionFiles

if TYPE_CHECKING:
    from batchmail.couriers import Crew
    from batchmail.executor import Progress, RunResult, Setup


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line narrows: only these keys, at most so many rows."""

    only: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedJob:
    """A job with everything that it names opened, ready to be planned, sent and reported.

    `beside` are further journals, whose requests have used up the same quota.
    """

    job: Job
    kind: ProviderKind
    provider: Provider
    sheet: Sheet
    read: Callable[[Row], ReadRow]
    merger: Merger
    suppression: Suppression = field(default_factory=NoSuppression)
    beside: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run is to go.

    Where nothing may leave for longer than `longest_wait_seconds`, the run is closed instead of waiting. The processes
    of `crew` carry the mails; where there is none, the run does so itself.
    """

    longest_wait_seconds: float | None = None
    crew: "Crew | None" = None


class KeysUnknown(BatchmailError):
    """Rows were asked for by keys that the sheet does not have."""

    exit_code = 2

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(
            f"No row has the key {', '.join(f'`{key}`' for key in keys)}",
            "Keys are what `recipients.key` names, or the address in lower case where it names nothing.",
        )


class EditionUnusable(BatchmailError):
    """An edition was given that a manifest could not have: a space that nobody sees would be another mailing."""

    exit_code = 2

    def __init__(self, edition: str) -> None:
        super().__init__(
            f"--edition {edition!r} cannot be an edition",
            "Give 1 to 100 characters on one line, without spaces at their ends.",
        )


def provider_kinds() -> Kinds:
    """The kinds of providers that a manifest may name, those of installed packages among them."""
    return Kinds(manifest.settings_fault)


def manifest_schema(kinds: Kinds) -> dict[str, object]:
    """The JSON Schema of a manifest that names one of these providers."""
    return manifest.json_schema(kinds.shapes)


def load_job(path: Path, findings: Findings, *, edition: str | None = None) -> Job | None:
    """The job of a manifest or workbook, as far as it can be made out; None where it cannot. Raises EditionUnusable."""
    if edition is not None and not manifest.is_edition(edition):
        raise EditionUnusable(edition)
    job = load_job_file(path, provider_kinds().shapes, findings)
    if job is not None:
        findings.weigh(job.severities)
    if job is None or edition is None:
        return job
    return replace(job, mailing=Mailing(job.mailing.job, edition))


def open_job(job: Job, findings: Findings) -> OpenedJob | None:
    """The job with its sheet and templates, or None where they cannot be read. Raises PluginFailed."""
    kind = provider_kinds()[job.provider.kind]
    assert isinstance(kind, ProviderKind), kind
    provider = kind.build(job.provider.settings)
    where = job.place("recipients", "rows" if job.recipients.rows else "file")
    sheet = open_sheet(job.recipients, where, findings)
    if sheet is None:
        return None
    job = replace(job, message=replace(job.message, record=provider.record))
    told = (
        job_findings(job, provider),
        missing_library(job, provider.capabilities.converted),
        _contradictions(job, kind),
        dkim_findings(job),
    )
    for finding in chain(*told, _reports_over_input(job)):
        findings.add(finding)
    check_columns(sheet, job.recipients, job.place, findings)
    check_fields(job.recipients.fields, findings)
    reader = FieldReader(sheet.columns, job.recipients.fields)
    merger = make_merger(job, sheet.columns, sheet.place, findings, adapting(job, provider.adapt))
    check_hidden(sheet, merger.columns, findings)
    suppression = SuppressionFiles(job.recipients.suppress, findings)
    return OpenedJob(job, kind, provider, sheet, reader.read, merger, suppression)


def open_manifest(
    path: Path, findings: Findings, *, edition: str | None = None
) -> tuple[Mailing | None, OpenedJob | None]:
    """Which mailing a manifest declares, and its job opened; None for what cannot be made out."""
    job = load_job(path, findings, edition=edition)
    return (None, None) if job is None else (job.mailing, open_job(job, findings))


def plan_job(
    opened: OpenedJob,
    journal: Journal,
    findings: Findings,
    choice: Choice = Choice(),
    clock: Clock = SystemClock(),  # noqa: B008  it has no state
    watch: Callable[[Message], None] | None = None,
) -> Plan:
    """All rows merged and checked, and held against the journal; `watch` sees every message. Raises KeysUnknown."""
    job, sheet, roster = opened.job, opened.sheet, journal.roster()
    listed = opened.suppression.planned
    planner = Planner(job, sheet, opened.read, opened.merger, opened.provider.capabilities, findings, listed=listed)
    try:
        planner.run(roster, journal.deliveries, watch)
    except SheetBroken as broken:
        findings.add(broken.finding)
    if choice.only and (unknown := roster.restrict(choice.only)) and not findings.blocking:
        raise KeysUnknown(unknown)
    if choice.limit is not None:
        roster.limit(choice.limit)
    standing = _requested(opened, roster.standing(_together(opened)))
    known = standing_findings(job, opened.provider.capabilities, standing, roster)
    for finding in chain(known, secret_findings(opened.provider)):
        findings.add(finding)
    rates = _rates(opened)
    earlier = tuple(_earlier(opened, journal, rates, clock))
    return Plan(
        roster,
        findings,
        planner.tally,
        standing,
        permitted(rates, standing.requests, standing.recipients, earlier, _since_1970(clock)),
        planner.sampler.samples(),
        _unused(opened),
        sha256(job.digest + sheet.digest.encode("ascii") + roster.digest()).hexdigest(),
    )


def _in_copies(opened: OpenedJob) -> bool:
    """Whether every recipient costs a request, because the provider cannot send separately by itself."""
    return opened.provider.capabilities.in_copies(separately=opened.job.message.send_separately)


def _requested(opened: OpenedJob, standing: Standing) -> Standing:
    if not _in_copies(opened):
        return standing
    return replace(standing, requests=standing.recipients)


def _earlier(opened: OpenedJob, journal: Journal, rates: Sequence[Rate], clock: Clock) -> Iterator[Handover]:
    """What was sent before and still counts; nothing tells which of the file's mailings went through which account."""
    if not rates:
        return iter(())
    since = _since_1970(clock) - memory_seconds(rates)
    others = (_recent(path, opened.job.mailing, since) for path in opened.beside)
    return merge(journal.recent(since), *others, key=lambda each: each.at)


def _recent(path: Path, mailing: Mailing, since: float) -> Iterator[Handover]:
    """What a journal beside has handed over; one that cannot be read keeps nobody from sending."""
    with suppress(JournalUnusable), viewing(path, mailing) as journal:
        yield from journal.recent(since)


def _since_1970(clock: Clock) -> float:
    return clock.now().timestamp()


def _rates(opened: OpenedJob) -> tuple[Rate, ...]:
    rates = opened.provider.capabilities.rates if opened.job.send.rates is None else opened.job.send.rates
    return rates_by_copy(rates) if _in_copies(opened) else rates


def _together(opened: OpenedJob) -> int:
    """How many deliveries travel in one request at most."""
    limit = opened.provider.capabilities.recipients_per_request
    combine = opened.job.send.combine
    return combine if limit is None else min(combine, limit)


def unallowed(findings: Findings, allowed: Sequence[str]) -> list[str]:
    """The rules of the warnings that nobody has allowed by name."""
    return [rule for rule in findings.warnings() if rule not in allowed]


@contextmanager
def sending(
    path: Path, mailing: Mailing, clock: Clock, *, adopt: bool = False, logbook: Logbook | None = None
) -> Iterator[Journal]:
    """The journal of a mailing, held for one send. What a crash left in flight is in doubt from then on.

    `logbook` is where it is remembered how far the journal has come; the account's own unless another is given.
    Raises JournalBusy where another send holds it, JournalDoubtful where it was copied, put back or deleted (unless
    `adopt`), JournalExposed, and JournalUnusable.
    """
    with hold(path):
        journal = open_journal(path, mailing, adopt=adopt, logbook=logbook or Logbook(state_folder()))
        try:
            journal.recover(stamp(clock))
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


def journal_doubt(path: Path) -> JournalDoubtful | None:
    """Why `sending` would refuse a journal that was copied, put back or deleted; None where it would not.

    Raises JournalUnusable.
    """
    return doubt_about(path, Logbook(state_folder()))


def send_job(
    opened: OpenedJob,
    journal: Journal,
    plan: Plan,
    clock: Clock,
    watch: "Callable[[Progress], None]",
    manner: Manner = Manner(),
) -> "RunResult":
    """Send what the plan in the roster has to send. Raises SecretMissing before anything is sent."""
    from batchmail.event_loop import completed  # noqa: PLC0415  planning does without all that sends
    from batchmail.executor import Limiter, Setup  # noqa: PLC0415  as above
    from batchmail.fastest_loop import fastest_loop  # noqa: PLC0415  as above

    if plan.standing.send:
        opened.provider.check_credentials()
    plan.roster.enrol(stamp(clock))
    mark = Stamp(opened.job.mailing, clock)
    feed = Feed(opened.sheet, opened.read, opened.merger, mark, opened.suppression.planned)
    envelopes = feed.envelopes(journal.batches(_together(opened)))
    crew = manner.crew
    setup = Setup(
        journal,
        crew.open_sender if crew else _errand(opened).opener(),
        Limiter(plan.pace.rates, clock, _earlier(opened, journal, plan.pace.rates, clock)),
        clock,
        opened.job.send,
        in_copies=_in_copies(opened),
        look=Withholding(opened.suppression).look if opened.job.recipients.suppress else None,
        longest_wait_seconds=manner.longest_wait_seconds,
    )
    return completed(lambda: _interruptible(crew or nullcontext(), envelopes, setup, watch), fastest_loop())


def crew_for(opened: OpenedJob, workers: int | None) -> "AbstractContextManager[Crew | None]":
    """So many processes that carry the mails of this job, and get ready while it is planned; None for none.

    Raises NoCourier and CourierNotStarted when it is entered.
    """
    if workers is None:
        return nullcontext()
    from batchmail.couriers import hired  # noqa: PLC0415  few runs have any

    return hired(_errand(opened), workers)


def _errand(opened: OpenedJob) -> Errand:
    return Errand(opened.provider, opened.job.send.timeout_seconds, in_copies=_in_copies(opened))


async def _interruptible(
    connections: AbstractAsyncContextManager[object],
    envelopes: Iterator[Envelope],
    setup: "Setup",
    watch: "Callable[[Progress], None]",
) -> "RunResult":
    from batchmail.executor import Interruption, run, signals_to  # noqa: PLC0415  as in `send_job`

    interruption = Interruption()
    with signals_to(interruption):
        async with connections:
            return await run(envelopes, setup, watch=watch, interruption=interruption)


def _contradictions(job: Job, kind: ProviderKind) -> Iterator[Finding]:
    for found in kind.contradictions(job.provider.settings):
        if any(("provider", key) in job.places for key in found.lacks):
            continue
        place = job.place("provider", found.key)
        yield rules.MANIFEST_BAD_VALUE.finding(f"provider: {found.message}", place, found.hint)


def _reports_over_input(job: Job) -> Iterator[Finding]:
    for number, path in enumerate(job.reports):
        if is_input(job, path):
            yield rules.MANIFEST_REPORT_OVER_INPUT.finding(
                "the report would replace a file that the job reads",
                job.place("report", number),
                "Give it another name.",
                text=path.name,
            )


def is_input(job: Job, path: Path) -> bool:
    """Whether a path is the manifest, a sheet, or a body or attachment that the manifest names."""
    bodies = [body.name for body in (job.message.body, job.message.alternative) if isinstance(body, BodyFile)]
    named = [name.text for name in (*bodies, *(attachment.path for attachment in job.message.attachments))]
    lists = (listed.file for listed in job.recipients.suppress)
    inputs = [job.path, *job.recipients.files, *lists, *(job.folder / name for name in named)]
    return path.exists() and any(each.exists() and path.samefile(each) for each in inputs)


def _unused(opened: OpenedJob) -> tuple[str, ...]:
    declared = {*opened.job.recipients.key, *opened.job.recipients.fields}
    used = opened.merger.columns
    names = enumerate(opened.sheet.columns)
    return tuple(name for position, name in names if position not in used and name not in declared)
