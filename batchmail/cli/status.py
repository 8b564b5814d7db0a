"""`batchmail status JOB`."""

from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.documents import as_json, journal_document
from batchmail.cli.doubtful import warn_of_doubt
from batchmail.cli.findings_text import findings_text
from batchmail.cli.onward import Onward
from batchmail.cli.options import (
    edition_option,
    format_option,
    job_argument,
    journal_option,
    journal_path,
    speech_options,
)
from batchmail.cli.run_text import advice_text, counts_text, record_text, trouble_text
from batchmail.delivery import DeliveryState
from batchmail.finding import Findings
from batchmail.journal import is_held
from batchmail.pipeline import load_job, viewing
from batchmail.results import NAMED_WHEN_ASKED, state_of, troubled
from batchmail.settling import may_look_up, sends_copies


@click.command("status")
@job_argument
@edition_option
@format_option
@journal_option
@speech_options
@click.pass_obj
def command(console: Console, *, job: Path, edition: str | None, form: str, journal: str | None) -> int:
    """Show what the journal knows: counts by state, and those in doubt by name.

    With --verbose, everybody is named who did not simply get their mail, however many they are.
    """
    findings = Findings()
    loaded = load_job(job, findings, edition=edition)
    if loaded is None:
        console.error(findings_text(findings))
        return ending.BLOCKED
    path = journal_path(journal, job)
    running = is_held(path)
    warn_of_doubt(console, path)
    with viewing(path, loaded.mailing) as memory:
        state = state_of(memory, running=running, named_doubts=NAMED_WHEN_ASKED)
        if form != "json":
            console.result(f"{loaded.mailing}{'  (a send is running)' if running else ''}")
            if console.verbose:
                for record in troubled(memory, running=running):
                    console.result(record_text(record))
    left = state.counts.unfinished + state.counts.partial + state.counts.queued
    code = ending.UNFINISHED if left else ending.DONE
    if form == "json":
        document = journal_document(loaded.mailing, state, code, in_copies=sends_copies(loaded))
        console.result(as_json(document))
        return code
    onward = Onward(job, edition, journal)
    parts = []
    if state.trouble:
        tell = advice_text if console.verbose else trouble_text
        parts.append(tell(state, onward, look_up=may_look_up(loaded)))
    known = any(state.counts.of(each) for each in DeliveryState)
    if not state.counts.queued:
        parts.append(f"  rows that were never begun are not in the journal; to see them:  {onward.command('plan')}")
    elif not running:
        parts.append(f"  to go on:  {onward.command('send')}")
    parts.append(f"{counts_text(state.counts)}." if known else "The journal knows nothing of this mailing yet.")
    console.result("\n".join(parts))
    return code
