"""One connection to a mail server, command by command (RFC 5321). The only file that knows aiosmtplib.

Its SMTPProtocol reads replies and starts TLS; its client is left aside, since it does not tell how far a mail had come
when the connection broke.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from aiosmtplib.errors import SMTPException, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from batchmail.providers.credential import concealed
from batchmail.providers.smtp_answer import SmtpReply

#: Bytes handed to the connection at once; the last of them come with the final dot.
CHUNK = 65_536
#: What a farewell may take, in seconds.
FAREWELL_SECONDS = 2.0
#: What stands in a reply's place that is none.
NO_CODE = 0


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


class Wire:
    """A connection, used for one command at a time. `secrets` are taken out of all replies."""

    def __init__(self, protocol: "_Protocol", timeouts: SmtpTimeouts) -> None:
        self._protocol = protocol
        self._timeouts = timeouts
        self.secrets: tuple[str, ...] = ()

    @classmethod
    async def open(cls, host: str, port: int, tls: ssl.SSLContext | None, timeouts: SmtpTimeouts) -> Self:
        """A connection, inside TLS where there is a context. Raises OSError (ssl.SSLError, TimeoutError among them)."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeouts.connect if tls is None else 2 * timeouts.connect):
            _, protocol = await loop.create_connection(
                _Protocol, host, port, ssl=tls, server_hostname=host if tls else None
            )
        return cls(protocol, timeouts)

    @property
    def alive(self) -> bool:
        """Whether the server has not ended the connection, as far as it is known."""
        return self._protocol.is_connected

    @property
    def own_address(self) -> str:
        """The address of this end, as EHLO wants it (RFC 5321, section 4.1.3)."""
        transport = self._protocol.transport
        name = transport.get_extra_info("sockname") if transport else None
        address = str(name[0]).partition("%")[0] if isinstance(name, tuple) else "127.0.0.1"
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    async def greeting(self) -> SmtpReply:
        """What the server says first. Raises Broken and TimeoutError."""
        return await self._reply(self._protocol.read_response(self._timeouts.command))

    async def command(self, line: str) -> SmtpReply:
        """Say something and hear the answer. Raises Broken and TimeoutError."""
        self._check_clear()
        return await self._reply(self._protocol.execute_command(line.encode("utf-8"), timeout=self._timeouts.command))

    async def start_tls(self, tls: ssl.SSLContext, host: str) -> SmtpReply:
        """STARTTLS, and TLS where the server is ready for it. Raises Broken and OSError."""
        try:
            response = await self._protocol.start_tls(tls, host, timeout=self._timeouts.connect)
        except SMTPResponseException as error:
            return self._understood(error.code, error.message)
        return self._understood(response.code, response.message)

    async def content(self, pieces: Iterable[bytes], handover: Handover) -> SmtpReply:
        """Hand a mail over, once the server has said 354, and hear the answer, which may come before all has left.

        `pieces` are as `mime.Mail` has them. Raises Broken and TimeoutError; `handover` tells what that means.
        """
        self._check_clear()
        return await self._reply(self._content(_lumps(_stuffed(pieces)), handover))

    async def close(self) -> None:
        """Say goodbye where somebody listens, and end the connection."""
        with suppress(Broken, TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.command("QUIT")
        await self.abort()

    async def abort(self) -> None:
        """End the connection without a word."""
        if self._protocol.transport is not None:
            transport = self._protocol.transport
            assert isinstance(transport, asyncio.WriteTransport)
            transport.abort()
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._protocol.lost.wait()

    async def _content(self, lumps: Iterator[bytes], handover: Handover) -> SMTPResponse:
        reading = asyncio.ensure_future(self._protocol.read_response())
        try:
            await asyncio.sleep(0)  # it listens from now on
            last = next(lumps)
            for lump in lumps:
                await self._written(last, reading)
                if reading.done():
                    return await reading
                last = lump
            if not self.alive:
                raise Broken
            handover.complete = True
            self._protocol.write(last)
            async with asyncio.timeout(self._timeouts.answer):
                return await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _written(self, lump: bytes, reading: "asyncio.Future[SMTPResponse]") -> None:
        """Write, and wait until there is room for more, or the server has said something."""
        self._protocol.write(lump)
        if self._protocol.writable.is_set():
            await asyncio.sleep(0)
            return
        room = asyncio.ensure_future(self._protocol.writable.wait())
        try:
            async with asyncio.timeout(self._timeouts.write):
                await asyncio.wait((room, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            room.cancel()

    async def _reply(self, response: Awaitable[SMTPResponse]) -> SmtpReply:
        try:
            given = await response
        except SMTPResponseException as error:
            return self._understood(NO_CODE, error.message)
        except TimeoutError:
            raise
        except (SMTPException, ConnectionError, OSError) as error:
            raise Broken from error
        return self._understood(given.code, given.message)

    def _check_clear(self) -> None:
        """Raises Broken where the next reply could be one to something else."""
        if self.muddled:
            raise Broken

    def _understood(self, code: int, text: str) -> SmtpReply:
        shown = concealed(text.encode("utf-8", "surrogateescape"), self.secrets)
        return SmtpReply(code, shown.decode("utf-8", "replace"))

    @property
    def muddled(self) -> bool:
        """Whether the server has said more than it was asked for: nobody can tell what its next reply answers."""
        return self._protocol.surplus


class _Protocol(SMTPProtocol):
    """aiosmtplib's protocol, which also tells when there is room to write and when the connection has ended."""

    def __init__(self) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self.writable = asyncio.Event()
        self.writable.set()
        self.lost = asyncio.Event()

    @property
    def surplus(self) -> bool:
        return bool(self._buffer)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.writable.clear()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.writable.set()
        self.lost.set()


def _stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces with every dot at the beginning of a line doubled (RFC 5321, section 4.5.2); most stay as they are."""
    for piece in pieces:
        stuffed = piece.replace(b"\n.", b"\n..") if b"\n." in piece else piece
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
