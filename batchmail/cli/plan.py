"""`batchmail plan JOB`."""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.diff_text import diff_document, diff_text
from batchmail.cli.documents import as_json, plan_document
from batchmail.cli.github_text import github_text
from batchmail.cli.onward import Onward
from batchmail.cli.options import (
    adopt_option,
    allow_option,
    edition_option,
    findings_format_option,
    job_argument,
    journal_option,
    journal_path,
    speech_options,
)
from batchmail.cli.plan_text import Speech, broken_text, plan_text
from batchmail.cli.sarif import sarif_document
from batchmail.cli.saved_plans import drafted
from batchmail.cli.traces import tests_beside
from batchmail.clock import SystemClock
from batchmail.delivery import Mailing
from batchmail.differences import Differences, differences
from batchmail.errors import BatchmailError
from batchmail.finding import Finding, Findings, Severity
from batchmail.location import TextLocation
from batchmail.pipeline import OpenedJob, journal_doubt, open_manifest, plan_job, viewing
from batchmail.planning import Plan
from batchmail.rules import JOURNAL_COPIED
from batchmail.saving import Approval, require_free, save
from batchmail.secret import SecretUnnamed, SecretUnusable


@click.command("plan")
@job_argument
@edition_option
@allow_option
@adopt_option
@click.option("--all", "everything", is_flag=True, help="Show every finding, not the first 20.")
@click.option("--diff", is_flag=True, help="Show how the mails differ from what was sent before.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan, to be sent as it is.")
@findings_format_option
@journal_option
@speech_options
@click.pass_obj
def command(  # noqa: PLR0913  one parameter an option
    console: Console,
    *,
    job: Path,
    edition: str | None,
    allow: tuple[str, ...],
    adopt: bool,
    everything: bool,
    diff: bool,
    out: Path | None,
    form: str,
    journal: str | None,
) -> int:
    """Check everything and show what would be sent. Nothing is sent.

    A saved plan (`--out`) is sent by `batchmail send FILE`, which refuses it when anything has changed since.
    """
    findings = Findings()
    mailing, opened = open_manifest(job, findings, edition=edition)
    if mailing is None or opened is None:
        said = _data(form, _Planned(mailing), findings)
        console.result(broken_text(findings, everything=everything) if said is None else said)
        _note_unsaved(console, out)
        return ending.BLOCKED
    approval = Approval(journal_path(journal, job), allow)
    if not adopt:
        _require_newest(approval.journal, findings)
    opened = replace(opened, beside=tests_beside(approval.journal))
    planned = _planned(opened, findings, approval, out, diff=diff)
    said = _data(form, planned, findings)
    if said is None and planned.plan:
        onward = Onward(job, edition, journal)
        more = diff_text(planned.differences, onward) if planned.differences else ""
        speech = Speech(onward, everything or console.verbose, allow, None if findings.blocking else out, more)
        console.result(plan_text(opened, planned.plan, speech))
        _note_missing_secret(console, opened, findings)
    elif said:
        console.result(said)
    if findings.blocking:
        _note_unsaved(console, out)
    return ending.BLOCKED if findings.blocking else ending.DONE


def _require_newest(journal: Path, findings: Findings) -> None:
    """What `send` would refuse is found here too: a plan held against an old journal promises a second mail."""
    if doubt := journal_doubt(journal):
        findings.add(JOURNAL_COPIED.finding(doubt.what, TextLocation(journal), doubt.danger))


@dataclass(frozen=True, slots=True)
class _Planned:
    """What came of planning, as far as it came."""

    mailing: Mailing | None
    plan: Plan | None = None
    differences: Differences | None = None


def _planned(opened: OpenedJob, findings: Findings, approval: Approval, out: Path | None, *, diff: bool) -> _Planned:
    """The plan; saved, where that is asked for and there are no errors."""
    if out:
        require_free(opened, out)
    with viewing(approval.journal, opened.job.mailing) as memory, drafted(out) as draft:
        plan = plan_job(opened, memory, findings, watch=draft.look if draft else None)
        if draft and not findings.blocking:
            save(draft, opened, plan, approval, SystemClock())
        return _Planned(opened.job.mailing, plan, differences(opened, plan) if diff else None)


def _data(form: str, planned: _Planned, findings: Findings) -> str | None:
    """What is printed for programs; None where the reader is a person."""
    match form:
        case "json":
            more = {"diff": diff_document(planned.differences)} if planned.differences else {}
            return as_json({**plan_document(planned.mailing, planned.plan, findings), **more})
        case "github":
            return github_text(findings)
        case "sarif":
            return as_json(sarif_document(findings))
        case _:
            return None


def _note_unsaved(console: Console, out: Path | None) -> None:
    """Say that no plan was saved, where one was to be."""
    if out:
        console.error(f"No plan was saved: {out.as_posix()} is as it was." if out.exists() else "No plan was saved.")


def _note_missing_secret(console: Console, opened: OpenedJob, findings: Findings) -> None:
    """Planning needs no credentials; that sending does is worth a word, unless a finding has said it."""
    try:
        opened.provider.check_credentials()
    except BatchmailError as error:
        if isinstance(error, SecretUnusable) and any(each.where == error.where for each in findings):
            return
        if isinstance(error, SecretUnnamed) and any(map(_is_of_manifest, findings)):
            return
        console.note(f"\nBefore you send: {error}")


def _is_of_manifest(finding: Finding) -> bool:
    """Whether it is a fault of the manifest itself: what is named there may have been left out for it."""
    return finding.severity is Severity.ERROR and finding.rule.startswith("manifest-")
