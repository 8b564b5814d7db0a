"""The last look at an envelope before it leaves: it may have waited for hours since it was read."""

import asyncio
from collections.abc import Callable

from batchmail.clock import Recently
from batchmail.delivery import Delivery, DeliveryState, Envelope, Leaving, Transition
from batchmail.executor.backlog import Backlog, Entry
from batchmail.executor.committer import Committer


class LastLook:
    """Keeps back whom `look` does not let leave any more, and has the journal told. Without a `look`, nobody."""

    def __init__(
        self, look: Callable[[Envelope], Leaving] | None, committer: Committer, backlog: Backlog, stamps: Recently[str]
    ) -> None:
        """`look` is called in threads, by several at a time; it may read files."""
        self._look = look
        self._committer = committer
        self._backlog = backlog
        self._stamps = stamps

    async def at(self, entry: Entry) -> Entry | None:
        """What of an entry may leave by now: itself, where all of it may, and None where nobody is left.

        Raises what `look` raises.
        """
        if self._look is None:
            return entry
        leaving = await asyncio.to_thread(self._look, entry.envelope)
        if leaving.envelope is entry.envelope:
            return entry
        if leaving.skipped:
            self._committer.hand_in([self._skip(entry, *each) for each in leaving.skipped])
        kept = len(leaving.envelope.deliveries) if leaving.envelope else 0
        self._backlog.make_up_for(len(entry.envelope.deliveries) - kept)
        return Entry(leaving.envelope, entry.tries) if leaving.envelope else None

    def _skip(self, entry: Entry, delivery: Delivery, reason: str) -> Transition:
        attempts = delivery.attempts + entry.tries.requests
        return Transition(delivery.id, DeliveryState.SKIPPED, attempts, self._stamps.now(), reason=reason)
