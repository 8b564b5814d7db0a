"""What a run came to, as text: the total as the last line, and before it whatever asks for a person."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from batchmail.cli.onward import Onward
from batchmail.cli.words import count, duration, grouped, printable
from batchmail.delivery import Counts, DeliveryState, Record
from batchmail.outcome import Closed
from batchmail.results import NAMED_WHEN_ASKED, State

if TYPE_CHECKING:
    from batchmail.executor import RunResult

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
    lines = [*map(record_text, state.trouble), *_unnamed_lines(state, onward)]
    return "\n".join([*lines, *_advice_lines(state, onward, look_up=look_up)])


def advice_text(state: State, onward: Onward | None, *, look_up: bool = False) -> str:
    """`trouble_text` without the names."""
    return "\n".join(_advice_lines(state, onward, look_up=look_up))


def _advice_lines(state: State, onward: Onward | None, *, look_up: bool) -> Iterator[str]:
    if state.partial:
        yield "  sent in part: it is not sent again, as others have it; give who misses it a row of their own"
    if onward and state.counts.failed:
        yield f"  failed is tried again by:  {onward.command('send')}"
    if onward and state.counts.rejected + state.counts.failed + state.counts.partial:
        yield f"  rows to redo:  {onward.command('report', '--failed', '--out', 'redo.xlsx')}"
    if state.counts.in_doubt:
        yield "  in doubt: it may have arrived, so it is not sent again by itself"
        if onward and state.in_doubt:
            yield f"  to settle it:  {resolve_command(onward, state.in_doubt, look_up=look_up)}"


def _unnamed_lines(state: State, onward: Onward | None) -> Iterator[str]:
    """How many are not named, and where they are: no report need have been written."""
    named_doubts = sum(record.state is DeliveryState.IN_DOUBT for record in state.trouble)
    doubts = state.counts.in_doubt - named_doubts
    others = state.counts.unfinished + state.counts.partial - len(state.trouble) - doubts
    if others > 0:
        yield f"  … and {grouped(others)} more, {'among the rows to redo' if onward else 'in the report'}"
    if doubts > 0 and onward:
        options = ["--verbose"] if state.counts.in_doubt > NAMED_WHEN_ASKED else []
        yield f"  … and {grouped(doubts)} more in doubt; all by name:  {onward.command('status', *options)}"
    elif doubts > 0:
        yield f"  … and {grouped(doubts)} more in doubt, in the report"


def resolve_command(onward: Onward, keys: Sequence[str], *, look_up: bool) -> str:
    """The command that settles what is in doubt: by a look-up, or by hand for the first of the keys, or all of them."""
    if look_up:
        return onward.command("resolve", "--look")
    return by_hand_command(onward, keys, "--sent")


def by_hand_command(onward: Onward, keys: Sequence[str], option: str) -> str:
    """The command that settles the first of the keys by a person's word, with what else may be said in its place."""
    others = ", ".join(each for each in ("--sent", "--resend", "--abandon") if each != option)
    every = f"; for all {grouped(len(keys))} at once: --all in place of --key" if len(keys) > 1 else ""
    return f"{onward.command('resolve', '--key', keys[0], option)}  (or {others}{every})"


def record_text(record: Record) -> str:
    """Who wants a person, and why, on lines of their own."""
    return "\n".join(_record_lines(record))


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


def total_text(result: "RunResult", counts: Counts, reports: Sequence[str]) -> str:
    """The last lines of a run: where the reports are, what this run did, and how the mailing stands in all."""
    lines = [f"  report   {report}" for report in reports]
    lines += [f"  ({_ACCEPTED})"] if result.counts.sent else []
    if not result.requests:
        return "\n".join([*lines, f"Nothing was sent now. So far: {counts_text(counts)}."])
    done = any(result.counts.of(each) for each in DeliveryState)
    what = counts_text(result.counts) if done else "Nothing was sent"
    total = f"{what} in {duration(result.seconds)} with {count(result.requests, 'request')}."
    rest = replace(counts, sent=counts.sent - result.counts.sent, partial=counts.partial - result.counts.partial)
    others = (rest.sent, rest.queued, rest.rejected - result.counts.rejected, rest.in_doubt - result.counts.in_doubt)
    return "\n".join([*lines, f"{total} In all: {counts_text(counts)}." if any(others) else total])
