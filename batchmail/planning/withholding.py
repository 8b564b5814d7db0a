"""Keeps back whom a suppression list names since the plan was made, until a mail is made ready to leave."""

from collections.abc import Callable, Iterator

from batchmail.delivery import Delivery, Envelope
from batchmail.planning.suppression import Suppression, SuppressionList, spare, suppressed_by


class Withholding:
    """Looks at envelopes on their way to the executor."""

    def __init__(self, suppression: Suppression, settle: Callable[[Delivery, str], None]) -> None:
        """`settle` records that a delivery is skipped, and why."""
        self._suppression = suppression
        self._settle = settle

    def envelopes(self, envelopes: Iterator[Envelope]) -> Iterator[Envelope]:
        """The envelopes without those who are suppressed by now. Raises InputChanged where a list cannot be read.

        A delivery with nobody left is settled as skipped. One to several people, of whom some may not be written to,
        stays queued: it is another mail than the planned one, and the next plan makes it.
        """
        for envelope in envelopes:
            listed = self._suppression.current()
            rest = envelope if listed is self._suppression.planned else self._rest(envelope, listed)
            if rest is not None:
                yield rest

    def _rest(self, envelope: Envelope, listed: SuppressionList) -> Envelope | None:
        kept = tuple(delivery for delivery in envelope.deliveries if self._may_leave(delivery, listed))
        spared = spare(envelope.message, listed)
        if not kept:
            return None
        return Envelope(spared.message, kept) if spared.message is not envelope.message else envelope

    def _may_leave(self, delivery: Delivery, listed: SuppressionList) -> bool:
        places = tuple(filter(None, map(listed.named_at, delivery.to)))
        if places and len(places) == len(delivery.to):
            self._settle(delivery, f"{suppressed_by(places)}, since the plan was made")
        return not places
