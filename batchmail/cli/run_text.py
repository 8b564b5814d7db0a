"""What a run came to, as text: the total as the last line, and before it whatever asks for a person."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from batchmail.cli.onward import Onward
from batchmail.cli.words import count, duration, grouped, printable
from batchmail.delivery import Counts, DeliveryState, Record
from batchmail.executor import RunResult
from batchmail.outcome import Closed
from batchmail.results import State

_ACCEPTED = "sent = accepted by the provider, not yet in an inbox"


def counts_text(counts: Counts) -> str:
    """The states that occur, with their counts: `1,172 sent, 3 rejected`."""
    order = ("sent", "rejected", "failed", "in_doubt", "queued", "sending", "skipped", "abandoned")
    told = [DeliveryState(name) for name in order if counts.of(DeliveryState(name))]
    return ", ".join(_count_text(counts, state) for state in told) or "nothing"


def _count_text(counts: Counts, state: DeliveryState) -> str:
    in_part = f" ({grouped(counts.partial)} in part)" if state is DeliveryState.SENT and counts.partial else ""
    return f"{grouped(counts.of(state))} {state_text(state)}{in_part}"


def state_text(state: DeliveryState) -> str:
    """A state in words."""
    return state.value.replace("_", " ")


def trouble_text(state: State, onward: Onward | None, *, look_up: bool = False) -> str:
    """The deliveries that ended otherwise than sent, and the commands to go on with, where there are any.

    `look_up` tells that the provider can be asked what it has sent.
    """
    lines = [line for record in state.trouble for line in _record_lines(record)]
    more = state.counts.unfinished + state.counts.partial - len(state.trouble)
    if more > 0:
        lines.append(f"  … and {grouped(more)} more, in the report")
    if state.partial:
        lines.append("  sent in part: it is not sent again, as others have it; give who misses it a row of their own")
    if onward and state.counts.failed:
        lines.append(f"  failed is tried again by:  {onward.command('send')}")
    if onward and state.counts.rejected + state.counts.failed + state.counts.partial:
        lines.append(f"  rows to redo:  {onward.command('report', '--failed', '--out', 'redo.xlsx')}")
    if state.counts.in_doubt:
        lines.append("  in doubt: it may have arrived, so it is not sent again by itself")
        if onward and state.in_doubt:
            lines.append(f"  to settle it:  {resolve_command(onward, state.in_doubt, look_up=look_up)}")
    return "\n".join(lines)


def resolve_command(onward: Onward, keys: Sequence[str], *, look_up: bool) -> str:
    """The command that settles what is in doubt: by a look-up, or by hand for the first of the keys."""
    if look_up:
        return onward.command("resolve", "--look")
    return f"{onward.command('resolve', '--key', keys[0], '--sent')}  (or --resend, --abandon)"


def _record_lines(record: Record) -> Iterator[str]:
    to = ", ".join(record.to)
    same = record.key.casefold() == to.casefold()
    state = "sent in part  " if record.partial else f"{state_text(record.state):<9}"
    yield f"  {state}{printable(record.key)}{'' if same else f'  {to}'}"
    if record.reason:
        yield f"           {printable(record.reason)}"


def closed_text(closed: Closed) -> str:
    """Why the run takes nothing more."""
    refused = f"the provider refuses this job's mails ({closed.code}): " if closed.code else ""
    return f"Stopped: {refused}{printable(closed.reason)}\n  {closed.hint}"


def total_text(result: RunResult, counts: Counts, reports: Sequence[str]) -> str:
    """The last lines of a run: where the reports are, what this run did, and how the mailing stands in all."""
    lines = [f"  report   {report}" for report in reports]
    lines += [f"  ({_ACCEPTED})"] if result.counts.sent else []
    if not result.requests:
        return "\n".join([*lines, f"Nothing was sent now. So far: {counts_text(counts)}."])
    total = f"{counts_text(result.counts)} in {duration(result.seconds)} with {count(result.requests, 'request')}."
    rest = replace(counts, sent=counts.sent - result.counts.sent, partial=counts.partial - result.counts.partial)
    others = (rest.sent, rest.queued, rest.rejected - result.counts.rejected, rest.in_doubt - result.counts.in_doubt)
    return "\n".join([*lines, f"{total} In all: {counts_text(counts)}." if any(others) else total])
