"""`batchmail send JOB --redirect ADDRESS`: a test send."""

from dataclasses import dataclass, replace
from pathlib import Path

from batchmail.cli import ending
from batchmail.cli.confirming import confirmed
from batchmail.cli.console import Console
from batchmail.cli.findings_text import findings_total
from batchmail.cli.options import journal_path
from batchmail.cli.plan_text import summary_text
from batchmail.cli.running import Ready, carry_out, refuse, run_json, run_text
from batchmail.cli.traces import TESTS, tests_beside, traces_folder
from batchmail.cli.words import about, count
from batchmail.finding import Findings
from batchmail.pipeline import Choice, Manner, OpenedJob, crew_for, open_manifest, plan_job, unallowed
from batchmail.planning import Plan
from batchmail.redirection import one_mailbox, redirecting

_KEPT = (
    "{} keeps each test mail with the real record that it belongs to, where colleagues see it. "
    "To test a few rows only: --limit or --only."
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the command line asks for; `address` is the one that all mails go to."""

    job: Path
    address: str
    choice: Choice
    allow: tuple[str, ...]
    yes: bool
    form: str
    edition: str | None
    journal: str | None
    max_wait: float | None = None
    workers: int | None = None


def send_redirected(console: Console, trial: Trial) -> int:
    """Send the job's mails to one address. Raises AddressUnusable, and what sending raises."""
    mailbox = one_mailbox(trial.address)
    findings = Findings()
    mailing, opened = open_manifest(trial.job, findings, edition=trial.edition)
    if mailing is None or opened is None:
        return refuse(console, mailing, findings, trial.form, f"{findings_total(findings)}: nothing was sent.")
    folder = traces_folder(TESTS, trial.journal, trial.job, mailing)
    real = journal_path(trial.journal, trial.job)
    others = (path for path in tests_beside(real) if path != folder / "journal.db")
    return _send(console, replace(opened, beside=(real, *others)), findings, trial, (mailbox, folder))


def _send(console: Console, opened: OpenedJob, findings: Findings, trial: Trial, to: tuple[str, Path]) -> int:
    mailing = opened.job.mailing
    with redirecting(opened, *to) as redirection, crew_for(redirection.opened, trial.workers) as crew:
        plan = plan_job(redirection.opened, redirection.journal, findings, trial.choice)
        if findings.blocking:
            return refuse(console, mailing, findings, trial.form, f"{findings_total(findings)}: nothing was sent.")
        if risks := unallowed(findings, trial.allow):
            flags = " ".join(f"--allow {rule}" for rule in risks)
            last = f"Nothing was sent. Correct it, or allow it by name: {flags}"
            return refuse(console, mailing, findings, trial.form, last)
        console.note(f"{summary_text(opened, plan)}\n\n{_what_differs(opened, plan, redirection.mailbox)}")
        if plan.standing.send and not trial.yes and not _confirmed(console, plan, redirection.mailbox):
            return ending.INTERRUPTED
        folder = redirection.folder
        reports = [folder / path.name for path in opened.job.reports] or [folder / "results.xlsx"]
        if plan.standing.send:
            opened.provider.check_credentials()
        redirection.clear(reports)
        narrowed = bool(trial.choice.only or trial.choice.limit)
        ready = Ready(
            redirection.opened,
            redirection.journal,
            plan,
            reports,
            narrowed,
            redirection.mailbox,
            Manner(trial.max_wait, crew),
        )
        run = carry_out(console, ready)
    if trial.form == "json":
        console.result(run_json(mailing, run, {"redirect": to[0]}))
    else:
        console.result(
            f"{run_text(run, None, again=console.typed)}\n  a test: all of it went to {to[0]}, and none counts"
        )
    return run.exit_code


def _what_differs(opened: OpenedJob, plan: Plan, mailbox: str) -> str:
    """What this is, and what of the real mails cannot be seen in it."""
    message = opened.job.message
    left = [name for name, there in (("cc", message.cc), ("bcc", message.bcc)) if there]
    left += ["listUnsubscribe, which works for the real reader"] if message.unsubscribe else []
    without = f"\nLeft out of the mails: {', '.join(left)}." if left else ""
    mails = count(plan.standing.send, "mail")
    kept = f"\n{_KEPT.format(opened.provider.title)}" if opened.provider.record else ""
    return f"A test: {mails} through {opened.provider.title}, all to {mailbox}, whatever the sheet says.{without}{kept}"


def _confirmed(console: Console, plan: Plan, mailbox: str) -> bool:
    """Whether the person at the terminal types how many mails the one address is to get."""
    number = plan.standing.send
    what = f"\n{count(number, 'mail')} to {mailbox}{about(plan.pace.seconds)}."
    return confirmed(console, what, number, "send", otherwise="nothing was sent")
