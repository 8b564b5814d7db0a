"""The beginning of a connection to a mail server: greeting, EHLO, STARTTLS, login. The only file that knows aiosmtplib.

Its SMTPProtocol reads a reply at a time and starts TLS. Once the server knows who it is, the connection goes over to a
`Wire`, which hears several replies in a row; aiosmtplib's client is left aside, since it does not tell how far a mail
had come when the connection broke.
"""

import asyncio
import ssl
from collections.abc import Awaitable
from contextlib import suppress
from typing import Self, cast

from aiosmtplib.errors import SMTPException, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from batchmail.providers.credential import Access
from batchmail.providers.smtp_answer import SmtpReply
from batchmail.providers.smtp_replies import NO_CODE, shown
from batchmail.providers.smtp_wire import FAREWELL_SECONDS, Broken, SmtpTimeouts, Wire


class Opening:
    """A connection, used for one command at a time. `secrets` are taken out of all replies."""

    def __init__(self, protocol: "_Protocol", timeouts: SmtpTimeouts) -> None:
        self._protocol = protocol
        self._timeouts = timeouts
        self.secrets: tuple[str, ...] = ()

    @classmethod
    async def connect(cls, host: str, port: int, tls: ssl.SSLContext | None, timeouts: SmtpTimeouts) -> Self:
        """A connection, inside TLS where there is a context. Raises OSError (ssl.SSLError, TimeoutError among them)."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeouts.connect if tls is None else 2 * timeouts.connect):
            _, protocol = await loop.create_connection(
                _Protocol, host, port, ssl=tls, server_hostname=host if tls else None
            )
        return cls(protocol, timeouts)

    @property
    def own_address(self) -> str:
        """The address of this end, as EHLO wants it (RFC 5321, section 4.1.3)."""
        transport = self._protocol.transport
        name = transport.get_extra_info("sockname") if transport else None
        address = str(name[0]).partition("%")[0] if isinstance(name, tuple) else "127.0.0.1"
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    @property
    def muddled(self) -> bool:
        """Whether the server has said more than it was asked for: nobody can tell what its next reply answers."""
        return self._protocol.surplus

    async def greeting(self) -> SmtpReply:
        """What the server says first. Raises Broken and TimeoutError."""
        return await self._reply(self._protocol.read_response(self._timeouts.command))

    async def command(self, line: str) -> SmtpReply:
        """Say something and hear the answer. Raises Broken and TimeoutError."""
        if self.muddled:
            raise Broken
        return await self._reply(self._protocol.execute_command(line.encode("utf-8"), timeout=self._timeouts.command))

    async def start_tls(self, tls: ssl.SSLContext, host: str) -> SmtpReply:
        """STARTTLS, and TLS where the server is ready for it. Raises Broken and OSError."""
        try:
            response = await self._protocol.start_tls(tls, host, timeout=self._timeouts.connect)
        except SMTPResponseException as error:
            return self._understood(error.code, error.message)
        return self._understood(response.code, response.message)

    def wire(self) -> Wire:
        """The same connection, for mails; this one is over. Raises Broken where it has ended, or is `muddled`."""
        transport = self._protocol.whole_transport
        if transport is None or transport.is_closing() or self.muddled:
            raise Broken
        return Wire(transport, self._timeouts, self.secrets)

    async def abort(self) -> None:
        """End the connection without a word."""
        transport = self._protocol.whole_transport
        if transport is not None:
            transport.abort()
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._protocol.lost.wait()

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

    def _understood(self, code: int, text: str) -> SmtpReply:
        return SmtpReply(code, shown(text.encode("utf-8", "surrogateescape"), Access({}, self.secrets)))


class _Protocol(SMTPProtocol):
    """aiosmtplib's protocol, which also tells when the connection has ended."""

    def __init__(self) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self.lost = asyncio.Event()

    @property
    def whole_transport(self) -> asyncio.Transport | None:
        """What aiosmtplib keeps as a mere BaseTransport; those of uvloop are none of asyncio's classes."""
        return cast("asyncio.Transport | None", self.transport)

    @property
    def surplus(self) -> bool:
        return bool(self._buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.lost.set()
