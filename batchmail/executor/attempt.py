"""One handing-over of an envelope, as the journal sees it."""

from dataclasses import replace
from typing import NamedTuple

from batchmail.delivery import Delivery, DeliveryState, Transition
from batchmail.executor.backlog import Entry
from batchmail.executor.retry import Settle


class Attempt(NamedTuple):
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
        return Attempt(self.entry._replace(envelope=envelope), self.request)

    def intent(self, at: str) -> list[Transition]:
        """The step of each delivery to its way: they travel together, but each counts its own attempts."""
        sending, tries = DeliveryState.SENDING, self.entry.tries.requests + 1
        envelope = self.entry.envelope
        steps = [
            Transition(each.id, sending, each.attempts + tries, at, self.request, recipients=len(each.to))
            for each in envelope.deliveries
        ]
        shared = len(envelope.message.recipients) - sum([step.recipients for step in steps])
        if shared > 0:  # in cc and bcc
            steps[0] = steps[0]._replace(recipients=steps[0].recipients + shared)
        return steps

    def result(self, to: Settle, at: str) -> list[Transition]:
        """The step of each delivery to where its way ends: they share their fate."""
        state, reason, provider_id, reached, missed = to
        tries = self.entry.tries.requests + 1
        return [
            Transition(each.id, state, each.attempts + tries, at, self.request, reason, provider_id, reached, missed)
            for each in self.entry.envelope.deliveries
        ]
