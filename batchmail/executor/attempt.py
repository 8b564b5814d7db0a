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
        envelope, number = self.entry.envelope, self.entry.tries.requests + 1
        return [
            Transition(
                delivery.id,
                to.state,
                delivery.attempts + number,
                at,
                self.request,
                to.reason,
                to.provider_id,
                to.reached,
                to.missed,
                recipients,
            )
            for delivery, recipients in zip(envelope.deliveries, self._recipients(to), strict=True)
        ]

    def _recipients(self, to: Settle) -> list[int]:
        """To how many each delivery goes; the first counts whoever is in cc and bcc."""
        envelope = self.entry.envelope
        if to.state is not DeliveryState.SENDING:
            return [0] * len(envelope.deliveries)
        own = [len(delivery.to) for delivery in envelope.deliveries]
        return [max(own[0], len(envelope.message.recipients) - sum(own[1:])), *own[1:]]
