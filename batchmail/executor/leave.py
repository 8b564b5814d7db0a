"""Permission to send, taken and given back by one worker."""

import asyncio
from dataclasses import dataclass

from batchmail.executor.pacing import Limiter, Permit


@dataclass(slots=True)
class Leave:
    """What a worker has of the limiter: one permit at most, and none while it waits, as others want to send.

    `stop` ends the wait for one.
    """

    limiter: Limiter
    stop: asyncio.Event
    permit: Permit | None = None

    async def take(self, recipients: int) -> bool:
        """Wait until a request to so many may leave; False where the run was stopped before."""
        self.permit = await self.limiter.acquire(recipients, self.stop)
        return self.permit is not None

    def give_back(self) -> None:
        """Let others send, where there is a permit."""
        if self.permit is not None:
            self.permit = None
            self.limiter.done()
