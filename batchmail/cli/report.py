"""`batchmail report JOB --out FILE`."""

from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.doubtful import warn_of_doubt
from batchmail.cli.findings_text import findings_text
from batchmail.cli.options import edition_option, job_argument, journal_option, journal_path, speech_options
from batchmail.cli.words import count
from batchmail.finding import Findings
from batchmail.pipeline import open_manifest, plan_job, viewing
from batchmail.results import write_reports


@click.command("report")
@job_argument
@edition_option
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A .csv, .xlsx or .jsonl.")
@click.option("--failed", is_flag=True, help="Only the rows to redo: rejected, failed, sent in part.")
@journal_option
@speech_options
@click.pass_obj
def command(console: Console, *, job: Path, edition: str | None, out: Path, failed: bool, journal: str | None) -> int:
    """Write the sheet back with what became of each row."""
    findings = Findings()
    mailing, opened = open_manifest(job, findings, edition=edition)
    if mailing is None or opened is None:
        console.error(findings_text(findings))
        return ending.BLOCKED
    path = journal_path(journal, job)
    warn_of_doubt(console, path)
    with viewing(path, mailing) as memory:
        plan = plan_job(opened, memory, Findings())
        for error in write_reports(opened, plan.roster, [out], failed=failed).errors:
            raise error
        partial = memory.counts().partial if failed else 0
    if partial:
        console.note(
            f"{count(partial, 'row')} of it sent in part: others have the mail, so the key is not sent again. "
            "Give those whom `mail_reason` names a row of their own, with another key."
        )
    console.result(out.as_posix())
    return ending.DONE
