"""What a run came to, as text: the total as the last line, and before it whatever asks for a person."""

from collections.abc import Iterator, Sequence

from batchmail.cli.words import count, duration, grouped, printable
from batchmail.delivery import Counts, DeliveryState, Record
from batchmail.outcome import Closed

#: So many of the deliveries that need a person are named; the report has them all.
NAMED = 10

_ACCEPTED = "sent = accepted by the provider, not yet in an inbox"


def counts_text(counts: Counts) -> str:
    """The states that occur, with their counts: `1,172 sent, 3 rejected`."""
    order = ("sent", "rejected", "failed", "in_doubt", "queued", "sending", "skipped", "abandoned")
    told = [DeliveryState(name) for name in order if counts.of(DeliveryState(name))]
    return ", ".join(f"{grouped(counts.of(state))} {state_text(state)}" for state in told) or "nothing"


def state_text(state: DeliveryState) -> str:
    """A state in words."""
    return state.value.replace("_", " ")


def trouble_text(records: Sequence[Record], manifest: str) -> str:
    """The deliveries that ended otherwise than sent, and the commands to go on with."""
    lines = [line for record in records[:NAMED] for line in _record_lines(record)]
    if len(records) > NAMED:
        lines.append(f"  … and {grouped(len(records) - NAMED)} more, in the report")
    states = {record.state for record in records}
    if states & {DeliveryState.REJECTED, DeliveryState.FAILED}:
        lines.append(f"  rows to redo:  batchmail report {manifest} --failed --out redo.xlsx")
    if DeliveryState.IN_DOUBT in states:
        lines.append("  in doubt: it may have arrived, so it is not sent again. Look into the Sent folder.")
    return "\n".join(lines)


def _record_lines(record: Record) -> Iterator[str]:
    to = ", ".join(record.to)
    same = record.key.casefold() == to.casefold()
    yield f"  {state_text(record.state):<9}{printable(record.key)}{'' if same else f'  {to}'}"
    if record.reason:
        yield f"           {printable(record.reason)}"


def closed_text(closed: Closed) -> str:
    """Why the provider takes nothing more."""
    return (
        f"Stopped: the provider refuses this job's mails ({closed.code}): {printable(closed.reason)}\n  {closed.hint}"
    )


def total_text(counts: Counts, seconds: float, requests: int, reports: Sequence[str]) -> str:
    """The last lines of a run: where the reports are, and the total."""
    lines = [f"  report   {report}" for report in reports]
    if not requests:
        return "\n".join([*lines, f"Nothing was sent now. So far: {counts_text(counts)}."])
    lines += [f"  ({_ACCEPTED})"] if counts.sent else []
    return "\n".join([*lines, f"{counts_text(counts)} in {duration(seconds)} with {count(requests, 'request')}."])
