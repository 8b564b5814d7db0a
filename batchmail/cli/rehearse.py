"""`batchmail rehearse JOB`."""

from dataclasses import replace
from pathlib import Path

import click

from batchmail.cli.console import Console
from batchmail.cli.findings_text import findings_total
from batchmail.cli.options import (
    edition_option,
    format_option,
    job_argument,
    journal_option,
    speech_options,
)
from batchmail.cli.plan_text import summary_text
from batchmail.cli.running import Ready, carry_out, refuse, run_json, run_text
from batchmail.cli.traces import traces_folder
from batchmail.finding import Findings
from batchmail.pace import permitted
from batchmail.pipeline import OpenedJob, open_manifest, plan_job
from batchmail.rehearsal import rehearsing


@click.command("rehearse")
@job_argument
@edition_option
@format_option
@journal_option
@speech_options
@click.pass_obj
def command(console: Console, *, job: Path, edition: str | None, form: str, journal: str | None) -> int:
    """Run the whole job over real HTTP against an emulator on this machine. Nothing leaves it."""
    findings = Findings()
    mailing, opened = open_manifest(job, findings, edition=edition)
    if mailing is None or opened is None:
        return refuse(console, mailing, findings, form, f"{findings_total(findings)}: nothing can be sent.")
    folder = traces_folder("rehearsal", journal, job, mailing)
    return _rehearse(console, opened, findings, folder, form)


def _rehearse(console: Console, opened: OpenedJob, findings: Findings, folder: Path, form: str) -> int:
    mailing = opened.job.mailing
    reports = [folder / path.name for path in opened.job.reports] or [folder / "results.xlsx"]
    with rehearsing(opened, folder, reports) as rehearsal:
        plan = plan_job(rehearsal.opened, rehearsal.journal, findings)
        if findings.blocking:
            return refuse(console, mailing, findings, form, f"{findings_total(findings)}: nothing can be sent.")
        console.note(f"{summary_text(opened, plan)}\n")
        unpaced = replace(plan, pace=permitted((), 0, 0))
        run = carry_out(console, Ready(rehearsal.opened, rehearsal.journal, unpaced, reports))
    if form == "json":
        console.result(run_json(mailing, run, {"mails": rehearsal.mails.as_posix()}))
    else:
        place = f"  mails    {rehearsal.mails.as_posix()}  (a rehearsal: nothing left this machine)"
        console.result(f"{place}\n{run_text(run, None)}")
    return run.exit_code
