"""Plans that are saved, and sent only as long as nothing has changed: what you saw is what is sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from itertools import chain
from pathlib import Path

from batchmail import __version__, rules
from batchmail.clock import Clock, stamp
from batchmail.finding import Finding, Findings
from batchmail.job_file import is_workbook
from batchmail.location import CellLocation, TextLocation
from batchmail.pipeline import OpenedJob, is_input
from batchmail.planning import Plan
from batchmail.planning.suppression import is_suppressed
from batchmail.saved import KeptFile, Origin, PlanDraft, Role, RowChange, SavedPlan
from batchmail.saved.errors import PlanUnwritten

_AGAIN = "Look at the plan again, and save it anew."
#: So many mails that differ are described; the others are counted.
DESCRIBED = 1_000


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody agrees to by saving a plan: sending with this journal, and these warnings."""

    journal: Path
    allowed: tuple[str, ...]


def require_free(opened: OpenedJob, out: Path) -> None:
    """Raises PlanUnwritten where a plan would replace a file that its job reads."""
    if is_input(opened.job, out):
        raise PlanUnwritten(out, "the job reads this file", "Give the plan another name.")


def save(draft: PlanDraft, opened: OpenedJob, plan: Plan, approval: Approval, clock: Clock) -> None:
    """Write a plan without errors to its file. Raises PlanUnwritten."""
    origin = Origin(
        manifest=opened.job.path.resolve(),
        mailing=opened.job.mailing,
        journal=approval.journal.resolve(),
        digest=plan.digest,
        job=opened.job.digest.hex(),
        sheet=opened.sheet.digest,
        made=stamp(clock),
        program=__version__,
        allowed=tuple(sorted(set(approval.allowed))),
    )
    draft.save(origin, _inputs(opened), plan.roster.rows(), is_suppressed)


def _inputs(opened: OpenedJob) -> Iterator[KeptFile]:
    """The files that went in, but for attachments. A file with several roles has the last of them.

    Suppression lists are none of them: they may grow between plan and send.
    """
    roles = dict.fromkeys(opened.merger.template_files, Role.TEMPLATE)
    roles |= dict.fromkeys(opened.job.recipients.files, Role.SHEET)
    roles |= {opened.job.path: Role.MANIFEST}
    for path, role in roles.items():
        yield KeptFile(path.absolute(), role, _digest(path))


def _digest(path: Path) -> str:
    """A file's SHA-256, hex; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def changed_inputs(saved: SavedPlan) -> Iterator[Finding]:
    """The files that are no longer what they were, but for attachments: quickly told, before anything else is done."""
    return _changed(saved.files(Role.MANIFEST, Role.SHEET, Role.TEMPLATE))


def _changed(files: Iterable[KeptFile]) -> Iterator[Finding]:
    for file in files:
        digest = _digest(file.path)
        if digest != file.digest:
            yield _file_changed(file, "changed" if digest else "is gone, or cannot be read,")


def _file_changed(file: KeptFile, what: str) -> Finding:
    kind = "workbook" if file.role is Role.MANIFEST and is_workbook(file.path) else file.role.value
    message = f"the {kind} {file.path.name} {what} after the plan was saved"
    return rules.PLAN_FILE_CHANGED.finding(message, TextLocation(file.path), _AGAIN)


def _read_otherwise(saved: SavedPlan, opened: OpenedJob) -> Iterator[Finding]:
    """The manifest and the sheet, where what was read of them now is not what the plan was made of.

    That they are the files of then was looked at before they were read: somebody may have put others there.
    """
    told = (
        (Role.MANIFEST, opened.job.path, opened.job.digest.hex(), saved.origin.job),
        (Role.SHEET, opened.sheet.path, opened.sheet.digest, saved.origin.sheet),
    )
    for role, path, now, then in told:
        if now != then:
            yield _file_changed(KeptFile(path, role, now), "changed")


def _job_reads_otherwise(saved: SavedPlan, opened: OpenedJob) -> Iterator[Finding]:
    """The worksheet of a workbook's job, where it is not only the recipients, beside it, that have changed."""
    where = opened.job.place("name")
    if isinstance(where, CellLocation) and opened.job.digest.hex() != saved.origin.job:
        message = f"the worksheet `{where.sheet}` of {where.path.name} says something else than when the plan was saved"
        yield rules.PLAN_FILE_CHANGED.finding(message, CellLocation(where.path, where.sheet), _AGAIN)


def report_changes(saved: SavedPlan, opened: OpenedJob, plan: Plan, findings: Findings) -> None:
    """Tell which files and which mails are no longer those of the saved plan.

    Whoever was put on a suppression list since is left out, and all else is sent: nothing else keeps people from
    unsubscribing between the two.
    """
    if plan.digest == saved.origin.digest:
        return
    if not findings.count(rules.PLAN_FILE_CHANGED.id):
        for finding in _read_otherwise(saved, opened):
            findings.add(finding)
    for finding in chain(_job_reads_otherwise(saved, opened), _changed(saved.files(Role.ATTACHMENT))):
        findings.add(finding)
    program = saved.origin.program
    hint = f"batchmail {program} has saved the plan, and this is {__version__}." if program != __version__ else ""
    with saved.compared(plan.roster.rows(), is_suppressed) as comparison:
        where = TextLocation(saved.path)
        for number, change in enumerate(comparison.changes()):
            message = _described(change) if number < DESCRIBED else rules.PLAN_MAIL_CHANGED.title
            findings.add(rules.PLAN_MAIL_CHANGED.finding(message, where, hint, text=change.key, key=change.key))
        told = findings.count(rules.PLAN_FILE_CHANGED.id) or findings.count(rules.PLAN_MAIL_CHANGED.id)
        if not told and comparison.leaves_out_others():
            message = f"rows that are left out are other ones than when the plan was saved ({saved.origin.made})"
            findings.add(rules.PLAN_MAIL_CHANGED.finding(message, where, hint or _AGAIN))


def _described(change: RowChange) -> str:
    before, now = ", ".join(change.before), ", ".join(change.now)
    if not change.before:
        return f"`{change.key}` is new: its mail to {now} was not in the plan"
    if not change.now:
        return f"`{change.key}` is gone, or has errors now: its mail was to go to {before}"
    text = " and reads otherwise" if change.rewritten else ""
    if before != now:
        return f"`{change.key}`: its mail goes to {now} now, not to {before}{text}"
    return f"`{change.key}`: the mail to {now} reads otherwise, or has another file"
