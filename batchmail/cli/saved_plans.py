"""Saved plans on the command line: `plan --out` writes them, `send` opens them."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import click

from batchmail.cli.onward import Onward
from batchmail.cli.options import journal_path
from batchmail.cli.words import count
from batchmail.finding import Findings
from batchmail.rules import PLAN_FILE_CHANGED, PLAN_MAIL_CHANGED
from batchmail.saved import PlanDraft, SavedPlan, is_saved_plan


@dataclass(frozen=True, slots=True)
class Order:
    """What `send` is to send: a job as it is now, or only as a plan was saved."""

    job: Path
    onward: Onward
    edition: str | None
    journal: Path
    allow: tuple[str, ...]
    saved: SavedPlan | None = None


@contextmanager
def ordered(path: Path, edition: str | None, journal: str | None, allow: tuple[str, ...]) -> Iterator[Order]:
    """What the arguments mean, told by what the file is. Raises PlanUnusable, and click.UsageError."""
    if not is_saved_plan(path):
        yield Order(path, Onward(path, edition, journal), edition, journal_path(journal, path), allow)
        return
    saved = SavedPlan(path)
    try:
        yield _of_plan(saved, edition, journal, allow)
    finally:
        saved.close()


def _of_plan(saved: SavedPlan, edition: str | None, journal: str | None, allow: tuple[str, ...]) -> Order:
    origin = saved.origin
    if edition is not None and edition != origin.mailing.edition:
        planned = f"the edition {origin.mailing.edition}" if origin.mailing.edition else "no edition"
        raise click.UsageError(
            f"--edition {edition}: the plan was saved for {planned}. Save another plan for this one."
        )
    if journal is not None and journal_path(journal, origin.manifest).resolve() != origin.journal:
        raise click.UsageError(
            f"--journal {journal}: the plan was saved with the journal {origin.journal.as_posix()}, "
            "which knows who has got their mail. Save another plan for this one."
        )
    onward, allowed = Onward.of_plan(origin), (*origin.allowed, *allow)
    return Order(origin.manifest, onward, origin.mailing.edition or None, origin.journal, allowed, saved)


def require_job(path: Path, option: str) -> None:
    """Raises click.UsageError where an option that is for a job is given with a saved plan."""
    if is_saved_plan(path):
        raise click.UsageError(f"{option} is for a job: give the manifest, and not the saved plan {path.as_posix()}.")


@contextmanager
def drafted(out: Path | None) -> Iterator[PlanDraft | None]:
    """A draft of the plan, where one is to be saved."""
    with PlanDraft.opened(out) if out else nullcontext() as draft:
        yield draft


def stale_text(findings: Findings, saved: SavedPlan) -> str:
    """Why nothing of a saved plan is sent, and what to do; empty where it has not changed."""
    changed = (each.where for each in findings if each.rule == PLAN_FILE_CHANGED.id)
    files = len({where.path for where in changed if where})
    mails = findings.count(PLAN_MAIL_CHANGED.id)
    if not files and not mails:
        return ""
    parts = [count(files, "file")] * bool(files) + [count(mails, "mail")] * bool(mails)
    origin = saved.origin
    again = Onward.of_plan(origin).command("plan", "--out", saved.path.as_posix(), allowed=origin.allowed)
    return f"This is not what was planned: {' and '.join(parts)} changed. Nothing was sent. Look again:\n  {again}"
