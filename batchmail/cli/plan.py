"""`batchmail plan JOB`."""

from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.documents import as_json, plan_document
from batchmail.cli.github_text import github_text
from batchmail.cli.options import (
    allow_option,
    edition_option,
    findings_format_option,
    job_argument,
    journal_option,
    journal_path,
    speech_options,
)
from batchmail.cli.plan_text import broken_text, plan_text
from batchmail.cli.sarif import sarif_document
from batchmail.delivery import Mailing
from batchmail.errors import BatchmailError
from batchmail.finding import Findings
from batchmail.pipeline import OpenedJob, open_manifest, plan_job, viewing
from batchmail.planning import Plan


@click.command("plan")
@job_argument
@edition_option
@allow_option
@click.option("--all", "everything", is_flag=True, help="Show every finding, not the first 20.")
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
    everything: bool,
    form: str,
    journal: str | None,
) -> int:
    """Check everything and show what would be sent. Nothing is sent."""
    findings = Findings()
    mailing, opened = open_manifest(job, findings, edition=edition)
    if mailing is None or opened is None:
        said = _data(form, mailing, None, findings)
        console.result(broken_text(findings, everything=everything) if said is None else said)
        return ending.BLOCKED
    with viewing(journal_path(journal, job), mailing) as memory:
        plan = plan_job(opened, memory, findings)
    said = _data(form, mailing, plan, findings)
    if said is None:
        console.result(plan_text(opened, plan, everything=everything or console.verbose, allowed=allow))
        _note_missing_secret(console, opened)
    elif said:
        console.result(said)
    return ending.BLOCKED if findings.blocking else ending.DONE


def _data(form: str, mailing: Mailing | None, plan: Plan | None, findings: Findings) -> str | None:
    """What is printed for programs; None where the reader is a person."""
    match form:
        case "json":
            return as_json(plan_document(mailing, plan, findings))
        case "github":
            return github_text(findings)
        case "sarif":
            return as_json(sarif_document(findings))
        case _:
            return None


def _note_missing_secret(console: Console, opened: OpenedJob) -> None:
    """Planning needs no credentials; that sending does is worth a word."""
    try:
        opened.provider.check_credentials()
    except BatchmailError as error:
        console.note(f"\nBefore you send: {error}")
