"""A plan as text: what goes in, three samples, what was found, and the total as the last line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from batchmail.cli.findings_text import distinct_total, findings_text, findings_total, most_common_error
from batchmail.cli.onward import Onward
from batchmail.cli.words import as_typed, count, grouped, lasting, printable, size
from batchmail.domain_name import person
from batchmail.finding import Findings, Severity
from batchmail.pipeline import OpenedJob, unallowed
from batchmail.planning import Plan, Sample

_NAME_WIDTH = 30
_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Speech:
    """How a plan is told: all findings or some, the rules that were allowed, the file it is saved in, and an insert.

    `onward` knows what the commands to go on with must name.
    """

    onward: Onward
    everything: bool = False
    allowed: Sequence[str] = ()
    saved: Path | None = None
    more: str = ""


def plan_text(opened: OpenedJob, plan: Plan, speech: Speech) -> str:
    """The whole plan, and the command to go on with."""
    parts = [summary_text(opened, plan, everything=speech.everything), speech.more]
    parts.append(_total(plan, speech))
    return "\n\n".join(part for part in parts if part)


def summary_text(opened: OpenedJob, plan: Plan, *, everything: bool = False) -> str:
    """What goes in, three samples, what was found, and how the rows stand."""
    parts = [_heading(opened), _inputs(opened, plan), _samples(plan.samples)]
    parts += [findings_text(plan.findings, everything=everything), _standing(opened, plan)]
    return "\n\n".join(part for part in parts if part)


def broken_text(findings: Findings, *, everything: bool) -> str:
    """What is said of a job that could not be opened."""
    return f"{findings_text(findings, everything=everything)}\n\n{_blocked(findings)}"


def _heading(opened: OpenedJob) -> str:
    return f"{opened.job.mailing} · {opened.provider.title} as {opened.provider.account}"


def _inputs(opened: OpenedJob, plan: Plan) -> str:
    sheet = opened.sheet.path.name + (f" › {opened.sheet.name}" if opened.sheet.name else "")
    if others := len(opened.job.recipients.others):
        sheet += f" and {others} more"
    rows = count(plan.tally.rows, "row")
    if plan.tally.unwanted:
        rows += f"   {grouped(plan.tally.rows - plan.tally.unwanted)} after `where`"
    used = len(opened.sheet.columns) - len(plan.unused_columns)
    columns = f"{count(used, 'column')} used"
    if plan.unused_columns:
        columns += f", {len(plan.unused_columns)} unused: {', '.join(plan.unused_columns)}"
    return f"  {sheet:<{_NAME_WIDTH}} {rows}\n  {'templates':<{_NAME_WIDTH}} {columns}"


def _samples(samples: Sequence[Sample]) -> str:
    return "\n".join(["  samples", *(line for sample in samples for line in _sample(sample))]) if samples else ""


def _sample(sample: Sample) -> Iterator[str]:
    message = sample.message
    to = ", ".join(map(person, message.to))
    files = ""
    if message.attachments:
        total = sum(attachment.size for attachment in message.attachments)
        files = f"  ({count(len(message.attachments), 'file')}, {size(total)})"
    yield f"    {sample.why:<9}{sample.where}"
    yield f"             to {to}{files}"
    yield f"             {printable(message.subject)}"


def _standing(opened: OpenedJob, plan: Plan) -> str:
    standing = plan.standing
    skipped = f"skipped {grouped(standing.skipped)}"
    if plan.tally.suppressed:
        skipped += f" (suppressed {grouped(plan.tally.suppressed)})"
    parts = [f"already sent {grouped(standing.already_sent)}", skipped]
    parts.append(f"in doubt {grouped(standing.in_doubt)}")
    if standing.rejected:
        parts.append(f"rejected before and unchanged {grouped(standing.rejected)}")
    if standing.again:
        parts.append(f"to be tried again {grouped(standing.again)}")
    lines = [f"  {' · '.join(parts)}"]
    if standing.requests and not plan.findings.blocking:
        how_long = f": {lasting(plan.pace.seconds)}" if plan.pace.seconds >= 1 else ""
        lines.append(f"  {plan.pace.note}{how_long}")
        if canary := opened.job.send.canary:
            lines.append(f"  canary: {grouped(canary)} first, the others only if all of these are sent")
        if plan.pace.used:
            lines.append(f"  {plan.pace.used}: the run waits until they may be used again")
    return "\n".join(lines)


def _total(plan: Plan, speech: Speech) -> str:
    if plan.findings.blocking:
        return _blocked(plan.findings)
    if not plan.standing.send:
        return _nothing(plan, speech.onward)
    total = f"{grouped(plan.standing.send)} to send in {count(plan.standing.requests, 'request')}"
    warnings = distinct_total(plan.findings, Severity.WARNING)
    risks = unallowed(plan.findings, speech.allowed)
    if warnings:
        total += f", {count(warnings, 'warning')}{' to be allowed by name' if risks else ', allowed'}"
    # A saved plan knows its edition and journal, and what was allowed; the manifest does not.
    if speech.saved:
        return _with_command(f"{total}.", Onward(speech.saved).command("send", allowed=risks))
    return _with_command(f"{total}.", speech.onward.command("send", allowed=plan.findings.warnings()))


def _nothing(plan: Plan, onward: Onward) -> str:
    if plan.standing.in_doubt or plan.standing.rejected:
        return _with_command("Nothing to send.", onward.command("status"))
    if not plan.standing.already_sent:
        return "Nothing to send: all rows are left out."
    return "Nothing to send: everybody has their mail."


def _blocked(findings: Findings) -> str:
    rule = most_common_error(findings)
    return _with_command(f"{findings_total(findings)}: nothing can be sent.", as_typed(["batchmail", "explain", rule]))


def _with_command(sentence: str, command: str) -> str:
    """A sentence and the command to go on with, on one line where both fit."""
    gap = _WIDTH - len(sentence) - len(command)
    return f"{sentence}{' ' * gap}{command}" if gap >= 2 else f"{sentence}\n  {command}"  # noqa: PLR2004  two spaces part them
