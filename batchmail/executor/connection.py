"""One worker's connection to a provider."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from batchmail.message import Message
from batchmail.providers.base import GetsReady, Sender, Transmission


async def _is_ready() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Connection:
    """An open sender, and what it wants to do before an intent: asked once, as each time would take 10 µs."""

    prepare: Callable[[Message], Transmission]
    ready: Callable[[], Awaitable[None]]

    @staticmethod
    def of(sender: Sender) -> "Connection":
        """The connection of a sender."""
        return Connection(sender.prepare, sender.ready if isinstance(sender, GetsReady) else _is_ready)
