"""`batchmail plan JOB`."""

from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.documents import as_json, plan_document
from batchmail.cli.options import (
    allow_option,
    edition_option,
    format_option,
    job_argument,
    journal_option,
    journal_path,
    speech_options,
)
from batchmail.cli.plan_text import broken_text, plan_text
from batchmail.errors import BatchmailError
from batchmail.finding import Findings
from batchmail.pipeline import OpenedJob, open_manifest, plan_job, viewing


@click.command("plan")
@job_argument
@edition_option
@allow_option
@click.option("--all", "everything", is_flag=True, help="Show every finding, not the first 20.")
@format_option
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
        document = plan_document(mailing, None, findings)
        console.result(as_json(document) if form == "json" else broken_text(findings, everything=everything))
        return ending.BLOCKED
    with viewing(journal_path(journal, job), mailing) as memory:
        plan = plan_job(opened, memory, findings)
    if form == "json":
        console.result(as_json(plan_document(mailing, plan, findings)))
    else:
        console.result(plan_text(opened, plan, everything=everything or console.verbose, allowed=allow))
        _note_missing_secret(console, opened)
    return ending.BLOCKED if findings.blocking else ending.DONE


def _note_missing_secret(console: Console, opened: OpenedJob) -> None:
    """Planning needs no credentials; that sending does is worth a word."""
    try:
        opened.provider.check_credentials()
    except BatchmailError as error:
        console.note(f"\nBefore you send: {error}")
