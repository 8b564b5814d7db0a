"""A sender around another: what becomes of mails changes on the way, and the connection stays the other's business."""

from dataclasses import dataclass
from typing import Self

from batchmail.providers.base import GetsReady, Sender


@dataclass(frozen=True, slots=True)
class SenderAround:
    """Opens, readies and closes the connection of another sender; `prepare` is for those who extend it."""

    sender: Sender

    async def __aenter__(self) -> Self:
        await self.sender.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.sender.__aexit__(*exc)

    async def ready(self) -> None:
        """Whatever the other wants to do before a mail's intent."""
        if isinstance(self.sender, GetsReady):
            await self.sender.ready()
