"""`batchmail send JOB`, and `batchmail send PLAN`."""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.confirming import confirmed
from batchmail.cli.console import Console
from batchmail.cli.findings_text import findings_total
from batchmail.cli.looking import look_first
from batchmail.cli.onward import Onward
from batchmail.cli.options import (
    adopt_option,
    allow_option,
    edition_option,
    format_option,
    job_or_plan_argument,
    journal_option,
    max_wait_option,
    speech_options,
    workers_option,
)
from batchmail.cli.plan_text import summary_text
from batchmail.cli.redirected import Trial, send_redirected
from batchmail.cli.running import Ready, carry_out, refuse, run_json, run_text
from batchmail.cli.saved_plans import Order, ordered, require_job, stale_text
from batchmail.cli.traces import tests_beside
from batchmail.cli.words import about, count
from batchmail.clock import SystemClock
from batchmail.delivery import Mailing
from batchmail.finding import Findings
from batchmail.pipeline import Choice, Manner, OpenedJob, crew_for, open_manifest, plan_job, sending, unallowed
from batchmail.planning import Plan
from batchmail.saved import SavedPlan
from batchmail.saving import changed_inputs, report_changes
from batchmail.settling import may_look_up


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    onward: Onward
    choice: Choice
    allow: tuple[str, ...]
    yes: bool
    form: str
    journal: Path
    adopt: bool
    look: bool
    max_wait: float | None
    workers: int | None
    saved: SavedPlan | None = None

    @property
    def narrowed(self) -> bool:
        """Whether not all of the job is to be sent."""
        return bool(self.choice.only or self.choice.limit)


@click.command("send")
@job_or_plan_argument
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send to the first N rows that lack their mail.")
@click.option("--only", multiple=True, metavar="KEY", help="Send to the row with this key; may be repeated.")
@click.option("--redirect", metavar="ADDRESS", help="A test: send all mails to this address instead; none counts.")
@click.option("--no-look", is_flag=True, help="Do not look up at the provider what earlier runs have left in doubt.")
@max_wait_option
@workers_option
@edition_option
@allow_option
@adopt_option
@format_option
@journal_option
@speech_options
@click.pass_obj
def command(  # noqa: PLR0913  one parameter an option
    console: Console,
    *,
    job: Path,
    yes: bool,
    limit: int | None,
    only: tuple[str, ...],
    redirect: str | None,
    no_look: bool,
    max_wait: float | None,
    workers: int | None,
    edition: str | None,
    allow: tuple[str, ...],
    adopt: bool,
    form: str,
    journal: str | None,
) -> int:
    """Send what is missing. Whoever has their mail gets no other; after a crash, run it again.

    A plan that `batchmail plan --out` has saved is sent as long as nothing has changed since.
    """
    if not yes and not console.interactive:
        raise click.UsageError("There is no terminal to ask on: give --yes to send without being asked.")
    if redirect is not None:
        require_job(job, "--redirect")
        trial = Trial(job, redirect, Choice(only, limit), allow, yes, form, edition, journal, max_wait, workers)
        return send_redirected(console, trial)
    with ordered(job, edition, journal, allow) as order:
        choice, look = Choice(only, limit), not no_look
        wish = Wish(
            order.onward,
            choice,
            order.allow,
            yes,
            form,
            order.journal,
            adopt,
            look,
            max_wait,
            workers,
            order.saved,
        )
        return _open(console, order, wish)


def _open(console: Console, order: Order, wish: Wish) -> int:
    findings = Findings()
    for finding in changed_inputs(order.saved) if order.saved else ():
        findings.add(finding)
    mailing, opened = open_manifest(order.job, findings, edition=order.edition)
    if opened is None:
        return _refuse(console, mailing, findings, wish)
    return _send(console, replace(opened, beside=tests_beside(wish.journal)), findings, wish)


def _refuse(console: Console, mailing: Mailing | None, findings: Findings, wish: Wish) -> int:
    stale = stale_text(findings, wish.saved) if wish.saved else ""
    return refuse(console, mailing, findings, wish.form, stale or f"{findings_total(findings)}: nothing was sent.")


def _send(console: Console, opened: OpenedJob, findings: Findings, wish: Wish) -> int:
    job = opened.job
    with (
        sending(wish.journal, job.mailing, SystemClock(), adopt=wish.adopt) as memory,
        crew_for(opened, wish.workers) as crew,
    ):
        if wish.look and not findings.blocking:
            look_first(console, opened, memory)
        plan = plan_job(opened, memory, findings, wish.choice)
        if wish.saved:
            report_changes(wish.saved, opened, plan, findings)
        if findings.blocking:
            return _refuse(console, job.mailing, findings, wish)
        if risks := unallowed(findings, wish.allow):
            flags = " ".join(f"--allow {rule}" for rule in risks)
            last = f"Nothing was sent. Correct it, or allow it by name: {flags}"
            return refuse(console, job.mailing, findings, wish.form, last)
        console.note(summary_text(opened, plan))
        if plan.standing.send and not wish.yes and not _confirmed(console, opened, plan):
            return ending.INTERRUPTED
        ready = Ready(opened, memory, plan, job.reports, wish.narrowed, manner=Manner(wish.max_wait, crew))
        run = carry_out(console, ready)
    text = (
        run_json(job.mailing, run)
        if wish.form == "json"
        else run_text(run, wish.onward, look_up=may_look_up(job), again=console.typed)
    )
    console.result(text)
    return run.exit_code


def _confirmed(console: Console, opened: OpenedJob, plan: Plan) -> bool:
    """Whether the person at the terminal types how many mails they mean."""
    number = plan.standing.send
    people = count(plan.standing.recipients, "person", "people")
    what = f"\n{count(number, 'mail')} to {people} through {opened.provider.title}{about(plan.pace.seconds)}."
    return confirmed(console, what, number, "send", otherwise="nothing was sent")
