"""One connection to a server, and when it may be used again. With `http_transport.py` the home of aiohttp."""

import asyncio
import select
import ssl
import sys

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace


class OneConnection(aiohttp.TCPConnector):
    """Keeps at most one connection, and gives it out only as long as nothing has come that nobody had asked for.

    That would be taken for the next mail's answer; and where it is the connection's end, the mail would be in doubt.
    aiohttp itself learns of either with the event loop's next look at the socket.
    """

    def __init__(self, tls: ssl.SSLContext | None, idle_seconds: float) -> None:
        # The resolver is the system's own also where another is installed, which could not be used on Windows.
        super().__init__(ssl=tls or True, limit=1, keepalive_timeout=idle_seconds, resolver=aiohttp.ThreadedResolver())
        self._known: ResponseHandler | None = None
        self._wire: asyncio.Transport | None = None

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  aiohttp's own
    ) -> Connection:
        """A connection on which nothing was said. Raises ClientConnectionError for a new one on which something was."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol, wire = connection.protocol, connection.transport
            assert protocol is not None
            is_new = protocol is not self._known
            self._known, self._wire = protocol, wire
            if wire is not None and not protocol.should_close and (is_new or not _has_news(wire)):
                return connection
            connection.close()
            if is_new:
                raise aiohttp.ClientConnectionError("the server spoke before it was asked")

    def abort(self) -> None:
        """Drop the connection with all that waits in it: closed, it would be sent as soon as the server reads again."""
        if self._wire is not None:
            self._wire.abort()


def _has_news(wire: asyncio.Transport) -> bool:
    """Whether something lies in the socket that was not read yet: bytes, or the end."""
    there = wire.get_extra_info("socket")
    if sys.platform == "win32":
        return bool(select.select([there], [], [], 0)[0])
    poll = select.poll()
    poll.register(there.fileno(), select.POLLIN)
    return bool(poll.poll(0))
