"""A provider that couriers can have: it does what a mail's subject says, and tells which process has done so."""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Self

from batchmail.job import TemplateText
from batchmail.message import Message
from batchmail.outcome import Outcome, Sent
from batchmail.providers.base import Capabilities, Files, Sender, Transmission


@dataclass
class Pigeons:
    """A provider without a server. `something` is packed with it."""

    something: object = None
    title: str = "Pigeon Post"
    account: str = "me"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(frozenset()))
    official: bool = False
    record: TemplateText | None = None

    def adapt(self, message: Message) -> Message:
        return message

    def check_credentials(self) -> None:
        return

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        del files, timeout_seconds
        return PigeonSender()

    def at(self, base_url: str, access_token: str) -> "Pigeons":
        del base_url, access_token
        return self


@dataclass(frozen=True)
class PigeonSender:
    """One pigeon."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return

    def prepare(self, message: Message) -> Transmission:
        async def transmit() -> Outcome:
            match message.subject.split():
                case ["wait"]:
                    await asyncio.Event().wait()
                case ["keep", port, path]:
                    await asyncio.to_thread(keep, int(port), Path(path))
            return Sent(str(os.getpid()))

        return transmit


def keep(port: int, path: Path) -> None:
    """Write a file, once somebody on loopback says so."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.recv(1)
    path.write_text("kept", encoding="utf-8")


class OnlyHere:
    """What can be packed, and not be unpacked in another process."""

    def __reduce__(self) -> tuple[Callable[..., NoReturn], tuple[int]]:
        return (_refuse, (os.getpid(),))


def _refuse(packed_in: int) -> NoReturn:
    raise RuntimeError("pigeons fly once" if packed_in != os.getpid() else "it is unpacked where it was packed")
