"""One handing-over of an envelope, as the journal sees it."""

from dataclasses import dataclass, replace

from batchmail.delivery import Delivery, DeliveryState, Transition
from batchmail.executor.backlog import Entry
from batchmail.executor.retry import Settle


@dataclass(frozen=True, slots=True)
class Attempt:
    """An entry of the backlog on its way; `request` counts from 1 over all runs of the mailing."""

    entry: Entry
    request: int

    @property
    def deliveries(self) -> int:
        """How many deliveries travel together."""
        return len(self.entry.envelope.deliveries)

    def of(self, delivery: Delivery) -> "Attempt":
        """The same attempt, as far as one of its deliveries is concerned."""
        envelope = replace(self.entry.envelope, deliveries=(delivery,))
        return Attempt(replace(self.entry, envelope=envelope), self.request)

    def steps(self, to: Settle, at: str) -> list[Transition]:
        """The step of each delivery: they travel together and share their fate, but each counts its own attempts."""
        first, *others = self.entry.envelope.deliveries
        if to.state is not DeliveryState.SENDING:
            return [self._step(delivery, to, at, 0) for delivery in (first, *others)]
        # The first counts whoever is in cc and bcc.
        recipients = len(self.entry.envelope.message.recipients) - sum(len(delivery.to) for delivery in others)
        steps = [self._step(delivery, to, at, len(delivery.to)) for delivery in others]
        return [self._step(first, to, at, max(len(first.to), recipients)), *steps]

    def _step(self, delivery: Delivery, to: Settle, at: str, recipients: int) -> Transition:
        number = delivery.attempts + self.entry.tries.requests + 1
        told = (to.reason, to.provider_id, to.reached, to.missed)
        return Transition(delivery.id, to.state, number, at, self.request, *told, recipients)
