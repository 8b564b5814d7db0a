"""How a run waits for a provider that cannot be reached at all."""

from collections.abc import Callable

from batchmail.executor.reasons import one_line
from batchmail.outcome import Closed, Refused

#: The first wait, doubled with every request that tries in vain, and the longest.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
#: After so long without one request getting through, the run is closed.
PATIENCE_SECONDS = 600.0


class Outage:
    """Begins with the first connection that does not come about, and ends with a request that gets through."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        """`jitter` gives numbers from 0 to 1."""
        self._jitter = jitter
        self._since: float | None = None
        self._waits = 0
        self._until = 0.0

    def over(self) -> None:
        """A request has got through."""
        self._since = None

    def wait_seconds(self, now: float) -> float:
        """How long to wait after one more that has not. Those that failed together count once."""
        if self._since is None:
            self._since, self._waits, self._until = now, 0, now
        if now >= self._until:
            longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**self._waits)
            wait = min(longest * (1 + self._jitter()) / 2, max(0.0, self._since + PATIENCE_SECONDS - now))
            self._waits += 1
            self._until = now + wait
        return self._until - now

    def closed_by(self, refused: Refused, now: float) -> Closed | None:
        """Why the run must end, None while it may go on."""
        if self._since is None or now - self._since < PATIENCE_SECONDS:
            return None
        return Closed(
            refused.code,
            one_line("", f"nothing got through for {(now - self._since) / 60:.0f} minutes: {refused.reason}"),
            "The rest is still queued, and nothing was used up. Look whether this machine is online and the provider "
            "works, then run the command again.",
        )
