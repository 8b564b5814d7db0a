"""One of those who send."""

import asyncio
from dataclasses import dataclass

from batchmail.executor.leave import Leave
from batchmail.providers.base import Connection, Sender


@dataclass(frozen=True, slots=True)
class Worker:
    """A task that sends one mail after another: its connection, and its permission to send the one that it is at."""

    task: asyncio.Task[object]
    connection: Connection
    leave: Leave

    @staticmethod
    def here(sender: Sender, leave: Leave) -> "Worker":
        """The task that asks. It is asked for once, as is what the sender can do: each time takes a microsecond."""
        task = asyncio.current_task()
        assert task is not None
        return Worker(task, Connection.of(sender), leave)
