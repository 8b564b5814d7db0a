"""How far a run is, and how it ended."""

from collections import Counter
from dataclasses import dataclass

from batchmail.delivery import Counts, DeliveryState
from batchmail.errors import BatchmailError
from batchmail.outcome import Closed, Refused


@dataclass(frozen=True, slots=True)
class Progress:
    """A run at one moment.

    `counts` counts this run's deliveries alone: those in flight as `sending`, those settled by their state.
    What is still queued is the journal's to know. `waiting_seconds` is how long nothing may leave yet, and
    `waiting_for` why. `in_flight` counts the requests on their way; once `interrupted`, only they are waited for.
    `postponed` counts the mails that are tried again in some minutes while others go on, `postponed_seconds` is how
    long it is until the next of them. `unreached` is the last request that did not reach the provider, while none does.
    """

    counts: Counts
    requests: int
    waiting_seconds: float
    seconds: float
    waiting_for: str = ""
    in_flight: int = 0
    interrupted: bool = False
    postponed: int = 0
    postponed_seconds: float = 0.0
    unreached: Refused | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """The end of a run.

    `closed` says why the provider takes nothing more, `interrupted` whether a person ended the run, and `error`
    what else stopped it (InputChanged, JournalUnusable and their like). Where none of them is set, everything is
    settled. `counts` is what the provider answered: after an error of the journal, the journal knows less.
    `unreached` as in Progress.
    """

    counts: Counts
    requests: int
    seconds: float
    closed: Closed | None = None
    interrupted: bool = False
    error: BatchmailError | None = None
    unreached: Refused | None = None


class Tally:
    """Counts the deliveries of a run."""

    def __init__(self) -> None:
        self._settled: Counter[DeliveryState] = Counter()
        self._sending = 0
        self._partial = 0
        self.requests = 0

    def begin(self, deliveries: int, requests: int) -> None:
        """So many deliveries leave in so many requests."""
        self._sending += deliveries
        self.requests += requests

    def end(self, deliveries: int, state: DeliveryState, *, partial: bool = False) -> None:
        """It is over; back in the queue they are no longer counted. `partial` tells that somebody does not get it."""
        self._sending -= deliveries
        if partial:
            self._partial += deliveries
        if state is not DeliveryState.QUEUED:
            self._settled[state] += deliveries

    @property
    def sent(self) -> int:
        """How many deliveries are sent by now."""
        return self._settled[DeliveryState.SENT]

    @property
    def counts(self) -> Counts:
        """The counts by now."""
        settled = self._settled
        return Counts(
            sending=self._sending,
            sent=settled[DeliveryState.SENT],
            rejected=settled[DeliveryState.REJECTED],
            failed=settled[DeliveryState.FAILED],
            in_doubt=settled[DeliveryState.IN_DOUBT],
            partial=self._partial,
        )
