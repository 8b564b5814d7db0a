"""What a job itself says about when to stop: its canary, and how many bad results it bears."""

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
    told = ", ".join([f"{counts.sent:,} sent", *(f"{number:,} {name}" for name, number in results.items() if number)])
    return Closed(
        "",
        f"of the first {settled(counts):,} mails (`canary`) not all were sent: {told}",
        f"{_AGAIN}: it begins with a canary of the next {settled(counts):,}.",
    )
