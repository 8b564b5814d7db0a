"""A connection to a mail server that mails go over: what is said, what is heard, and how far a mail has come."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from batchmail.providers.smtp_answer import SmtpReply
from batchmail.providers.smtp_replies import Replies

#: Bytes handed to the connection at once; the last of them come with the final dot.
CHUNK = 65_536
#: What a farewell may take, in seconds.
FAREWELL_SECONDS = 2.0
#: The replies that are kept of a server beyond those that it was asked for; more of them, and the connection ends.
SURPLUS = 100


@dataclass(frozen=True, slots=True)
class SmtpTimeouts:
    """How long a step may take, in seconds.

    `connect` is for TCP and for TLS each, `command` for the greeting and the answer to every command, `write` for every
    piece of a mail, `answer` runs from its last piece to the reply.
    """

    answer: float = 120.0
    command: float = 60.0
    connect: float = 10.0
    write: float = 60.0


class Broken(Exception):
    """The connection ended, or says what nobody can read."""


class Handover:
    """How far a mail has come: `complete` once its final dot was handed to the connection, and never before."""

    def __init__(self) -> None:
        self.complete = False


class Wire(asyncio.Protocol):
    """A connection in the hands of one task; the server's replies come in the order of what it was told."""

    def __init__(self, transport: asyncio.Transport, timeouts: SmtpTimeouts, secrets: tuple[str, ...]) -> None:
        self._transport = transport
        self._timeouts = timeouts
        self._replies = Replies(secrets)
        self._owed = 0
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Future[None] | None = None
        self._crowded = False
        self._ended = False
        transport.set_protocol(self)

    @property
    def alive(self) -> bool:
        """Whether the server has not ended the connection, as far as it is known."""
        return not self._transport.is_closing()

    @property
    def usable(self) -> bool:
        """Whether another mail may be tried over it, as far as it is known."""
        return self.alive and not self.muddled

    @property
    def muddled(self) -> bool:
        """Whether the server has said what nobody has heard; where it was asked nothing, nobody knows what that is."""
        return self._replies.begun

    def say(self, *lines: str) -> None:
        """Say commands, all of them at once. Raises Broken where the server has ended the connection, or is ahead."""
        if not self.usable:
            raise Broken
        said = "\r\n".join((*lines, ""))
        if said.count("\r") + said.count("\n") != 2 * len(lines):
            raise ValueError("a line break within a command")
        self._owed += len(lines)
        self._transport.write(said.encode("utf-8"))

    async def hear(self) -> SmtpReply:
        """The next reply. Raises Broken and TimeoutError."""
        return await self._heard(self._timeouts.command)

    async def content(self, pieces: Iterable[bytes], handover: Handover) -> SmtpReply:
        """Hand a mail over, once the server has said 354, and hear the answer, which may come before all has left.

        `pieces` are as `mime.Mail` has them. Raises Broken and TimeoutError; `handover` tells what that means.
        """
        if self.muddled:
            raise Broken
        self._owed += 1
        lumps = _lumps(_stuffed(pieces))
        last = next(lumps)
        for lump in lumps:
            await self._write(last)
            if self._replies.begun:
                return await self.hear()
            last = lump
        if not self.alive:
            raise Broken
        handover.complete = True
        self._transport.write(last)
        return await self._heard(self._timeouts.answer)

    async def close(self) -> None:
        """Say goodbye where somebody listens, and end the connection, also for whoever does not wait for the answer."""
        try:
            with suppress(Broken, TimeoutError):
                self.say("QUIT")
                await self._heard(FAREWELL_SECONDS)
        finally:
            await self.abort()

    async def abort(self) -> None:
        """End the connection without a word."""
        self._transport.abort()
        until = self._loop.time() + FAREWELL_SECONDS
        with suppress(TimeoutError):
            while not self._ended:
                await self._something(until)

    def data_received(self, data: bytes) -> None:
        """The server says something. One that does not stop would fill the memory while nobody listens."""
        self._replies.add(data)
        if len(self._replies) > self._owed + SURPLUS:
            self._transport.abort()
        if self._replies:
            self._wake()

    def pause_writing(self) -> None:
        """Enough has been written for now."""
        self._crowded = True

    def resume_writing(self) -> None:
        """There is room for more."""
        self._crowded = False
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """It is over, whoever ended it."""
        del error
        self._ended = True
        self._wake()

    async def _heard(self, seconds: float) -> SmtpReply:
        if not self._replies:
            until = self._loop.time() + seconds
            while not self._replies:
                if self._ended:
                    raise Broken
                await self._something(until)
        self._owed -= 1
        return self._replies.take()

    async def _write(self, lump: bytes) -> None:
        """Write, and wait until there is room for more, or the server has said something."""
        if not self.alive:
            raise Broken
        self._transport.write(lump)
        until = self._loop.time() + self._timeouts.write
        await asyncio.sleep(0)
        while self._crowded and not self._replies:
            if self._ended:
                raise Broken
            await self._something(until)

    async def _something(self, until: float) -> None:
        """Wait for a reply, for room, or for the end. Raises TimeoutError when the loop's clock has come so far."""
        news = self._news = self._loop.create_future()
        timer = self._loop.call_at(until, _expire, news)
        try:
            await news
        finally:
            timer.cancel()
            self._news = None

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


def _expire(news: "asyncio.Future[None]") -> None:
    if not news.done():
        news.set_exception(TimeoutError())


def _stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces with every dot at the beginning of a line doubled (RFC 5321, section 4.5.2); most stay as they are."""
    for piece in pieces:
        stuffed = piece.replace(b"\n.", b"\n..")
        yield b"." + stuffed if stuffed.startswith(b".") else stuffed


def _lumps(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as they are written: small ones together, large ones divided, and the final dot with the last."""
    lump = b""
    for piece in pieces:
        if len(lump) + len(piece) <= CHUNK:
            lump += piece
            continue
        if lump:
            yield lump
        whole = len(piece) - len(piece) % CHUNK
        for start in range(0, whole, CHUNK):
            yield piece[start : start + CHUNK]
        lump = piece[whole:]
    yield lump + b".\r\n"
