"""Keeps an outage of the provider from putting everything in doubt."""

from collections import deque

from batchmail.executor.reasons import one_line
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent

#: Where more than so many of the last requests ended in doubt, the run is closed too.
DOUBTS_OF_LAST = 5
LAST = 100


class Breaker:
    """Counts the requests that ended in doubt one after another; `limit` of them close the run, None never does.

    `share` tells whether many of them among the last hundred do as well.
    """

    def __init__(self, limit: int | None, *, share: bool = True) -> None:
        self._limit = limit
        self._in_a_row = 0
        self._last: deque[bool] = deque(maxlen=LAST if share and limit is not None else 0)

    def closed_by(self, outcome: Outcome) -> Closed | None:
        """Why the run must end after this outcome, None while it may go on.

        Only an answer about a message ends the row; that a request was refused does not show that mails get through.
        """
        match outcome:
            case Sent() | Rejected() | Divided():
                self._in_a_row = 0
                self._last.append(False)
            case InDoubt(reason):
                self._in_a_row += 1
                self._last.append(True)
                return self._verdict(reason)
            case Refused() | Closed():
                pass
        return None

    def _verdict(self, reason: str) -> Closed | None:
        if self._in_a_row == self._limit:
            return _closed(f"{self._in_a_row} requests in a row ended in doubt", reason)
        if sum(self._last) > DOUBTS_OF_LAST:
            return _closed(f"{sum(self._last)} of the last {len(self._last)} requests ended in doubt", reason)
        return None


def _closed(what: str, reason: str) -> Closed:
    return Closed(
        "",
        one_line("", f"{what}, the last one: {reason}"),
        "The rest is still queued. Find out whether the provider works, then run the command again. "
        "Those in doubt may have arrived: they are not sent again.",
    )
