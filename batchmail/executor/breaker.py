"""Keeps an outage of the provider from putting everything in doubt."""

from batchmail.executor.retry import one_line
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Rejected, Sent


class Breaker:
    """Counts the requests that ended in doubt one after another; `limit` of them close the run, None never does."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._in_a_row = 0

    def closed_by(self, outcome: Outcome) -> Closed | None:
        """Why the run must end after this outcome, None while it may go on.

        Only an answer about a message ends the row; that a request was refused does not show that mails get through.
        """
        match outcome:
            case Sent() | Rejected() | Divided():
                self._in_a_row = 0
            case InDoubt(reason):
                self._in_a_row += 1
                if self._in_a_row == self._limit:
                    return self._closed(reason)
        return None

    def _closed(self, reason: str) -> Closed:
        return Closed(
            "",
            one_line("", f"{self._in_a_row} requests in a row ended in doubt, the last one: {reason}"),
            "The rest is still queued. Find out whether the provider works, then run the command again. "
            "Look into the Sent folder for those in doubt: they are not sent again.",
        )
