"""The line between a run and a courier.

It is a pair of sockets that nobody else can reach, and at both ends stands the same program of the same person: that is
why pickles may go over it. What is said in one turn of the event loop goes out in one piece.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast

from batchmail.couriers.packing import packed, unpacked

Said = TypeVar("Said")
Heard = TypeVar("Heard")

#: Before each piece stands how long it is, in so many bytes.
_LENGTH = 8


class Line(asyncio.Protocol, Generic[Said, Heard]):
    """One end. `hear` gets what the other says, in its order; `lost` is called once, when the line is no more.

    `unsayable` gets what cannot be packed, and why: the other end hears nothing of it.
    """

    def __init__(
        self,
        hear: Callable[[Heard], None],
        lost: Callable[[], None],
        unsayable: Callable[[Said, Exception], None],
    ) -> None:
        self._hear = hear
        self._lost = lost
        self._unsayable = unsayable
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.WriteTransport | None = None
        self._unsaid: list[Said] = []
        self._arrived = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio has it."""
        self._transport = cast(asyncio.WriteTransport, transport)

    def say(self, what: Said) -> None:
        """Say it, soon. What is said on a line that is no more is not heard."""
        if not self._unsaid:
            self._loop.call_soon(self._write)
        self._unsaid.append(what)

    def hang_up(self) -> None:
        """End the line, once all is said."""
        self._write()
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """As asyncio has it."""
        self._arrived += data
        while (end := _first_end(self._arrived)) <= len(self._arrived):
            said: Sequence[Heard] = unpacked(memoryview(self._arrived)[_LENGTH:end])
            del self._arrived[:end]
            for each in said:
                self._hear(each)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's own signature
        """As asyncio has it."""
        self._transport = None
        self._lost()

    def _write(self) -> None:
        unsaid, self._unsaid = self._unsaid, []
        if unsaid and self._transport is not None:
            piece = self._packed(unsaid)
            self._transport.write(len(piece).to_bytes(_LENGTH, "big") + piece)

    def _packed(self, unsaid: Sequence[Said]) -> bytes:
        try:
            return packed(unsaid)
        except Exception:  # noqa: BLE001  whatever a plug-in has in its outcomes, the others must be heard
            return packed([each for each in unsaid if self._can_be_packed(each)])

    def _can_be_packed(self, what: Said) -> bool:
        try:
            packed([what])
        except Exception as error:  # noqa: BLE001  as above
            self._unsayable(what, error)
            return False
        return True


def _first_end(arrived: bytearray) -> int:
    """Where the first piece ends, counted from its beginning; beyond what has arrived where that cannot be told yet."""
    return _LENGTH + (int.from_bytes(arrived[:_LENGTH], "big") if len(arrived) >= _LENGTH else 0)
