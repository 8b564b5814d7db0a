"""How long a run waits for a provider that answers, and takes nothing for now."""

from batchmail.executor.reasons import one_line
from batchmail.executor.retry import PATIENCE_SECONDS
from batchmail.outcome import Closed, Refused


class Standstill:
    """Begins with a refusal that uses up no attempt (a rate limit), ends with a request that is answered otherwise."""

    def __init__(self, free: int | None) -> None:
        """So many refusals end no run, however long it waits for its own limits between them; None for any number."""
        self._free = free
        self._since: float | None = None
        self._refusals = 0

    def begin(self, now: float) -> None:
        """One more was refused."""
        if self._since is None:
            self._since, self._refusals = now, 0
        self._refusals += 1

    def over(self) -> None:
        """A request was answered otherwise."""
        self._since = None

    def closed_by(self, refused: Refused, now: float) -> Closed | None:
        """Why the run must end, None while it may go on."""
        if self._since is None or now - self._since < PATIENCE_SECONDS:
            return None
        if self._free is None or self._refusals <= self._free:
            return None
        reason = one_line(refused.code, refused.reason)
        return Closed(
            refused.code,
            one_line("", f"nothing was taken for {(now - self._since) / 60:,.0f} minutes, the last refusal: {reason}"),
            "The rest is still queued. Run the command again when the provider takes mails again.",
        )
