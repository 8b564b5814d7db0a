"""Keeps back whom a suppression list names since the plan was made, until a mail leaves."""

from batchmail.delivery import Delivery, Envelope, Leaving
from batchmail.planning.suppression import Suppression, SuppressionList, spare, suppressed_by


class Withholding:
    """Looks at envelopes that are about to leave; from any thread."""

    def __init__(self, suppression: Suppression) -> None:
        self._suppression = suppression

    def look(self, envelope: Envelope) -> Leaving:
        """The envelope without those who are suppressed by now. Raises InputChanged where a list cannot be read.

        A delivery with nobody left is skipped. One to several people, of whom some may not be written to, is not, and
        does not leave: it is another mail than the planned one, and the next plan makes it.
        """
        listed = self._suppression.current()
        if listed is self._suppression.planned:
            return Leaving(envelope)
        places = {delivery: _places(delivery, listed) for delivery in envelope.deliveries}
        kept = tuple(delivery for delivery in envelope.deliveries if not places[delivery])
        skipped = tuple(
            (delivery, f"{suppressed_by(named)}, since the plan was made")
            for delivery, named in places.items()
            if named and len(named) == len(delivery.to)
        )
        return Leaving(_with_only(kept, envelope, listed) if kept else None, skipped)


def _places(delivery: Delivery, listed: SuppressionList) -> tuple[str, ...]:
    """The places that name those whom a delivery goes to."""
    return tuple(filter(None, map(listed.named_at, delivery.to)))


def _with_only(kept: tuple[Delivery, ...], envelope: Envelope, listed: SuppressionList) -> Envelope:
    """The envelope with only these deliveries, and without copies to whom a list names; itself where that is all."""
    message = spare(envelope.message, listed).message
    if len(kept) < len(envelope.deliveries):
        own = {mailbox for delivery in kept for mailbox in delivery.to}
        message = message.addressed(tuple(address for address in message.to if address.mailbox in own))
    return envelope if message is envelope.message else Envelope(message, kept)
