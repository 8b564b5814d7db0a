"""Connections that are being made ready, and are waited for no longer once a run has been stopped."""

import asyncio

from batchmail.executor.worker import Worker


class Readiness:
    """Has connections made ready, each by its worker, until it is called off: no mail has been given to them yet."""

    def __init__(self) -> None:
        self._getting_ready: set[asyncio.Task[object]] = set()
        self._called_off: set[asyncio.Task[object]] = set()

    async def of(self, worker: Worker) -> bool:
        """Whether a worker's connection is ready for the next mail; not where it was called off before."""
        self._getting_ready.add(worker.task)
        try:
            await worker.connection.ready()
        except asyncio.CancelledError:
            if worker.task not in self._called_off:
                raise
            worker.task.uncancel()
            return False
        finally:
            self._getting_ready.discard(worker.task)
            self._called_off.discard(worker.task)
        return True

    def call_off(self) -> None:
        """Wait for none of them: a server may take a minute to say nothing."""
        for task in self._getting_ready - self._called_off:
            self._called_off.add(task)
            task.cancel()
