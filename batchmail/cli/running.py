"""What `send` and `rehearse` have in common: run with a progress display, write the reports, say what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.documents import Document, as_json, finding_document, run_document
from batchmail.cli.findings_text import findings_text
from batchmail.cli.onward import Onward
from batchmail.cli.progress import display_for, unreached_text
from batchmail.cli.run_text import closed_text, total_text, trouble_text
from batchmail.clock import SystemClock
from batchmail.delivery import Counts, Mailing
from batchmail.errors import BatchmailError, JournalUnusable
from batchmail.executor import RunResult
from batchmail.finding import Findings
from batchmail.journal.base import Journal
from batchmail.pipeline import Manner, OpenedJob, send_job
from batchmail.planning import Plan
from batchmail.results import State, state_of, write_reports


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended: what it came to, what the journal knows now, and the reports.

    `narrowed` tells that not all of the job was to be sent; `unwritten` why reports could not be written.
    """

    result: RunResult
    state: State
    reports: tuple[str, ...]
    unwritten: tuple[BatchmailError, ...] = ()
    narrowed: bool = False

    @property
    def exit_code(self) -> int:
        """What the process ends with."""
        if self.result.interrupted:
            return ending.INTERRUPTED
        if self.result.closed or self.result.error:
            return ending.STOPPED
        left = self.state.counts.unfinished or self.state.partial or (self.state.counts.queued and not self.narrowed)
        return ending.UNFINISHED if left or self.unwritten else ending.DONE


@dataclass(frozen=True, slots=True)
class Ready:
    """What is about to be sent, and how: the plan, where the reports go, in a test send the one address it goes to."""

    opened: OpenedJob
    journal: Journal
    plan: Plan
    reports: Sequence[Path]
    narrowed: bool = False
    redirect: str = ""
    manner: Manner = field(default_factory=Manner)


def carry_out(console: Console, ready: Ready) -> Run:
    """Send, then write the reports, whatever the end was."""
    clock = SystemClock()
    with display_for(console, ready.plan.standing.send, clock) as display:
        result = send_job(ready.opened, ready.journal, ready.plan, clock, display.watch, ready.manner)
    if isinstance(result.error, JournalUnusable):
        return Run(result, State(result.counts, result.requests, (), ()), ())
    written = write_reports(ready.opened, ready.plan.roster, ready.reports, redirect=ready.redirect)
    reports = tuple(path.as_posix() for path in written.paths)
    return Run(result, state_of(ready.journal), reports, written.errors, ready.narrowed)


def run_text(run: Run, onward: Onward | None, *, look_up: bool = False, again: str = "") -> str:
    """What a run came to, the total last; without `onward` no command is told to settle the rest with.

    `look_up` tells that the provider can be asked what it has sent; `again` is the command that goes on with the rest.
    """
    result = run.result
    parts = [trouble_text(run.state, onward, look_up=look_up)] if run.state.trouble else []
    if result.closed:
        parts.append(closed_text(result.closed))
    if result.error:
        parts.append(f"Stopped: {result.error}")
    if result.interrupted:
        parts.append("Interrupted. What was in flight is accounted for.")
        if result.unreached:
            parts.append(unreached_text(result.unreached))
    if again and run.exit_code in (ending.STOPPED, ending.INTERRUPTED):
        parts.append(f"  to go on:  {again}")
    parts += [f"No report: {error}" for error in run.unwritten]
    parts.append(total_text(result, run.state.counts, run.reports))
    return "\n".join(parts)


def run_json(mailing: Mailing, run: Run, more: Document | None = None) -> str:
    """What a run came to, for programs."""
    closed = run.result.closed
    stopped = ": ".join(filter(None, (closed.code, closed.reason))) if closed else str(run.result.error or "") or None
    document = run_document(
        mailing,
        run.state.counts,
        requests=run.result.requests,
        seconds=run.result.seconds,
        in_doubt=run.state.in_doubt,
        partial=run.state.partial,
        reports=run.reports,
        exit_code=run.exit_code,
        more={
            "requests_of": "this run",
            "stopped": stopped,
            "unwritten": [error.message for error in run.unwritten],
            **(more or {}),
        },
    )
    return as_json(document)


def refuse(console: Console, mailing: Mailing | None, findings: Findings, form: str, last: str) -> int:
    """Say why nothing is sent."""
    if form == "json":
        found: Document = {"findings": [finding_document(finding) for finding in findings], "stopped": last}
        document = run_document(
            mailing,
            Counts(),
            requests=0,
            seconds=0,
            in_doubt=[],
            reports=[],
            exit_code=ending.BLOCKED,
            more=found,
        )
        console.result(as_json(document))
    else:
        console.error(f"{findings_text(findings)}\n\n{last}")
    return ending.BLOCKED
