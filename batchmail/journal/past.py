"""What a delivery has been through, as far as it may show among the sent mails: folded from its steps, one by one."""

from dataclasses import dataclass, replace
from datetime import datetime

from batchmail.delivery import DeliveryState
from batchmail.journal.transitions import RUN_ENDED
from batchmail.lookup import Handover


@dataclass(frozen=True, slots=True)
class Past:
    """The attempts that were accepted or may have been; `reason` and `looked` as in a Trace."""

    state: DeliveryState | None = None
    handovers: tuple[Handover, ...] = ()
    reason: str = ""
    looked: bool = False

    def after(self, state: DeliveryState, at: str, reason: str) -> "Past":
        """The same after a step. Raises ValueError where `at` is no time."""
        if state is DeliveryState.SENDING:
            return Past(state, (*self.handovers, Handover(_time(at))))
        match self.state, state:
            case DeliveryState.SENDING, DeliveryState.SENT | DeliveryState.IN_DOUBT:
                return Past(state, self._ended(None if reason == RUN_ENDED else _time(at)), reason)
            case DeliveryState.SENDING, _:
                return Past(state, self.handovers[:-1])  # proven not accepted
            case DeliveryState.IN_DOUBT, DeliveryState.IN_DOUBT:
                return replace(self, looked=True)
            case _:
                return Past(state, self.handovers)

    def _ended(self, at: datetime | None) -> tuple[Handover, ...]:
        *before, last = self.handovers
        return (*before, replace(last, ended=at))


def _time(at: str) -> datetime:
    time = datetime.fromisoformat(at)
    if time.tzinfo is None:
        raise ValueError(f"{at} has no offset")
    return time
