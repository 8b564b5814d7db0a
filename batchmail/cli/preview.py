"""`batchmail preview JOB`."""

from dataclasses import dataclass
from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.documents import SCHEMA, Document, as_json, finding_document
from batchmail.cli.doubtful import warn_of_doubt
from batchmail.cli.findings_text import findings_text, findings_total
from batchmail.cli.onward import Onward
from batchmail.cli.options import (
    edition_option,
    format_option,
    job_argument,
    journal_option,
    journal_path,
    speech_options,
)
from batchmail.cli.plan_text import broken_text
from batchmail.cli.preview_text import page_document, preview_text
from batchmail.cli.words import count
from batchmail.delivery import Mailing
from batchmail.finding import Findings
from batchmail.pipeline import OpenedJob, open_manifest, plan_job, viewing
from batchmail.preview import Preview, Wanted, preview_job, write_preview


@dataclass(frozen=True, slots=True)
class _Request:
    """What the command line asks for."""

    onward: Onward
    wanted: Wanted
    out: Path | None
    form: str


@click.command("preview")
@job_argument
@click.option("--row", type=click.IntRange(min=1), metavar="N", help="Show this row, numbered as in the sheet.")
@click.option("--key", metavar="KEY", help="Show the row with this key.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write .eml files and a page to look at.")
@edition_option
@format_option
@journal_option
@speech_options
@click.pass_obj
def command(  # noqa: PLR0913  one parameter an option
    console: Console,
    *,
    job: Path,
    row: int | None,
    key: str | None,
    out: Path | None,
    edition: str | None,
    form: str,
    journal: str | None,
) -> int:
    """Show mails as their readers will get them: every branch of the templates, and the extremes."""
    if row is not None and key is not None:
        raise click.UsageError("Give --row or --key, not both.")
    findings = Findings()
    mailing, opened = open_manifest(job, findings, edition=edition)
    request = _Request(Onward(job, edition, journal), Wanted(row, key), out, form)
    if mailing is None or opened is None:
        if form == "json":
            console.result(as_json(_document(mailing, [], findings, None)))
        else:
            console.error(broken_text(findings, everything=False))
        return ending.BLOCKED
    path = journal_path(journal, job)
    warn_of_doubt(console, path)
    with viewing(path, mailing) as memory:
        plan_job(opened, memory, findings)
    return _show(console, opened, findings, request)


def _show(console: Console, opened: OpenedJob, findings: Findings, request: _Request) -> int:
    preview = preview_job(opened, request.wanted)
    written = write_preview(opened, preview, request.out) if request.out and preview.pages else None
    if request.form == "json":
        mails = [page_document(opened, page) for page in preview.pages]
        console.result(as_json(_document(opened.job.mailing, mails, findings, written)))
    elif written:
        console.result(f"{count(len(preview.pages), 'mail')} and a page that shows them: {written.as_posix()}")
    elif preview.pages:
        console.result(preview_text(opened, preview))
    if request.form != "json":
        _note(console, request.onward, preview, findings)
    return ending.BLOCKED if findings.blocking else ending.DONE


def _note(console: Console, onward: Onward, preview: Preview, findings: Findings) -> None:
    """What is not seen in the mails: rows that have none, and what to do next."""
    plan = onward.command("plan")
    if findings.blocking:
        lacking = f"{count(preview.unmerged, 'row')} cannot be merged. " if preview.unmerged else ""
        told = findings_text(findings) if not preview.pages else f"{findings_total(findings)}."
        console.error(f"\n{told}\n\n{lacking}Nothing can be sent.        {plan}")
    elif not preview.pages:
        console.note("There is no mail to show: all rows are left out.")
    else:
        console.note(f"\nNothing was sent.        {plan}")


def _document(mailing: Mailing | None, mails: list[Document], findings: Findings, written: Path | None) -> Document:
    return {
        "schema": SCHEMA,
        "job": mailing.job if mailing else None,
        "edition": (mailing.edition or None) if mailing else None,
        "mails": mails,
        "out": written.as_posix() if written else None,
        "findings": [finding_document(finding) for finding in findings],
    }
