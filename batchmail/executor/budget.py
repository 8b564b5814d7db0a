"""How often a run may ask a provider again that refuses."""

from batchmail.executor.reasons import one_line
from batchmail.outcome import Closed, Refused

#: The retries that every run may make, and what share of its requests besides.
FREE = 10
SHARE = 0.1


class RetryBudget:
    """Counts the requests that are to be made once more. `free` None sets no limit.

    A provider that refuses much of what it gets is not helped by getting it twice.
    """

    def __init__(self, free: int | None = FREE) -> None:
        self._free = free
        self._retries = 0

    def closed_by(self, refused: Refused, requests: int) -> Closed | None:
        """Why the run must end instead of trying this once more, None where it may; `requests` is what was made so far.

        What never reached the provider is no burden to it, nor is a mail that only lacked a good token. What uses up no
        attempt is bounded by time instead: see Standstill.
        """
        if self._free is None or not (refused.reached and refused.strained and refused.attempt):
            return None
        if self._retries + 1 > self._free + SHARE * requests:
            return self._closed(refused, requests)
        self._retries += 1
        return None

    def _closed(self, refused: Refused, requests: int) -> Closed:
        reason = one_line(refused.code, refused.reason)
        return Closed(
            "",
            one_line(
                "", f"the provider refused {self._retries + 1:,} of {requests:,} requests, the last one: {reason}"
            ),
            "The rest is still queued. Run the command again when the provider takes mails again.",
        )
