"""What a run learns of its provider with every outcome: how fast it may go on, and whether it may at all."""

from collections.abc import Callable

from batchmail.clock import Clock
from batchmail.executor.breaker import Breaker
from batchmail.executor.budget import RetryBudget
from batchmail.executor.outage import Outage
from batchmail.executor.pacing import Limiter, Permit
from batchmail.executor.retry import Consequence, TryAgain
from batchmail.executor.standstill import Standstill
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent


class Health:
    """Tells the limiter what each outcome says of the provider, and the run when it must end."""

    def __init__(
        self, limiter: Limiter, clock: Clock, jitter: Callable[[], float], breaker: Breaker, retries: int | None
    ) -> None:
        """`retries` is how many a run may make besides a tenth of its requests."""
        self._limiter = limiter
        self._clock = clock
        self._outage = Outage(jitter)
        #: The last request that did not reach the provider, while none does.
        self.unreached: Refused | None = None
        self._breaker = breaker
        self._budget = RetryBudget(retries)
        self._standstill = Standstill(retries)

    def heed(self, permit: Permit, outcome: Outcome) -> None:
        """Let the next requests leave as this outcome permits."""
        match outcome:
            case Refused(reason=reason, reached=False):
                self.unreached = outcome
                self._limiter.hold(self._outage.wait_seconds(self._clock.monotonic()), reason)
            case Refused(reason=reason, attempt=False, strained=True):
                self._over()
                self._standstill.begin(self._clock.monotonic())
                if not outcome.crowded:
                    self._limiter.slow_down(outcome.retry_after_seconds, reason)
            case InDoubt() | Closed():
                pass  # neither shows that requests get through
            case _:
                self._over()
                self._standstill.over()
                self._limiter.through()
        match outcome:
            case Sent(allowance=allowance) | Rejected(allowance=allowance) | Refused(allowance=allowance) if allowance:
                self._limiter.heed(permit, allowance)

    def _over(self) -> None:
        self._outage.over()
        self.unreached = None

    def closed_by(self, outcome: Outcome, following: Consequence, requests: int) -> Closed | None:
        """Why the run must end after this outcome, None while it may go on; `requests` is how many it has made."""
        if not isinstance(outcome, Refused):
            return self._breaker.closed_by(outcome)
        now = self._clock.monotonic()
        closed = self._outage.closed_by(outcome, now) or self._standstill.closed_by(outcome, now)
        if closed is None and isinstance(following, TryAgain):
            closed = self._budget.closed_by(outcome, requests)
        return closed
