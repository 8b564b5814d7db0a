"""What people say about when to stop: the job's canary, how many bad results it bears, how long may be waited."""

from datetime import datetime, timedelta

from batchmail.delivery import Counts
from batchmail.job import StopAfterSpec
from batchmail.outcome import Closed

_AGAIN = "The rest is still queued. Find out why, then run the command again"


def stopped_by(counts: Counts, bounds: StopAfterSpec) -> Closed | None:
    """Why the run must end with these results of its own, None while it may go on."""
    if bounds.rejected is not None and counts.rejected >= bounds.rejected:
        return _stopped(f"{counts.rejected:,} rejected in this run", f"stopAfter.rejected: {bounds.rejected}")
    if bounds.in_doubt is not None and counts.in_doubt >= bounds.in_doubt:
        return _stopped(f"{counts.in_doubt:,} in doubt in this run", f"stopAfter.inDoubt: {bounds.in_doubt}")
    return None


def _stopped(what: str, key: str) -> Closed:
    return Closed("", f"{what}, and the job has `{key}`", f"{_AGAIN}: it counts anew.")


def settled(counts: Counts) -> int:
    """How many deliveries have come to an end."""
    return counts.sent + counts.unfinished


def canary_closed(counts: Counts) -> Closed:
    """The end of a run whose first mails were not all sent."""
    results = {"rejected": counts.rejected, "failed": counts.failed, "in doubt": counts.in_doubt}
    sent = f"{counts.sent:,} sent" + (f" ({counts.partial:,} of them in part)" if counts.partial else "")
    told = ", ".join([sent, *(f"{number:,} {name}" for name, number in results.items() if number)])
    return Closed(
        "",
        f"of the first {settled(counts):,} mails (`canary`) not all were sent: {told}",
        f"{_AGAIN}: it begins with a canary of the next {settled(counts):,}.",
    )


def waits_too_long(seconds: float, why: str, now: datetime) -> Closed:
    """The end of a run that would have to wait for longer than it was told to."""
    until = (now + timedelta(seconds=seconds, minutes=1, microseconds=-1)).astimezone()
    return Closed(
        "",
        f"nothing may leave before {until:%Y-%m-%d %H:%M}, and it was not to be waited for so long: {why}",
        "The rest is still queued. Run the command again then, or let it wait.",
    )
