"""The mail server of the emulator, on loopback and in a thread of its own."""

import asyncio
import socket
from concurrent.futures import Future
from threading import Thread
from typing import Self

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.faults import Faults, FaultSource
from batchmail.emulator.server import PortUnusable
from batchmail.emulator.smtp import MailSystem
from batchmail.emulator.smtp_connection import Connection, Premises, Tls


class SmtpServer:
    """A mail server on 127.0.0.1 for as long as the context lasts; then nothing listens any more.

    The first thing that a fault's predicate or the mail system raises is raised when all is over. Raises PortUnusable
    on entry. `connections` counts those that were made.
    """

    def __init__(
        self,
        system: MailSystem,
        faults: FaultSource | None = None,
        clock: Clock | None = None,
        tls: Tls | None = None,
        port: int = 0,
    ) -> None:
        self.port = port
        self.connections = 0
        self._premises = Premises(system, faults or Faults(), clock or SystemClock(), tls)
        self._ready: Future[None] = Future()

    def __enter__(self) -> Self:
        try:
            listener = socket.create_server(("127.0.0.1", self.port))
        except OSError as error:
            raise PortUnusable(self.port, error.strerror or str(error)) from None
        self.port = int(listener.getsockname()[1])
        self._thread = Thread(target=self._run_on, args=(listener,), name="batchmail-smtp", daemon=True)
        self._thread.start()
        self._ready.result()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        if kind is None and self._premises.failure is not None:
            raise self._premises.failure

    @property
    def url(self) -> str:
        """The server's address: scheme, host and port."""
        return f"smtp://127.0.0.1:{self.port}"

    def _run_on(self, listener: socket.socket) -> None:
        with listener:
            asyncio.run(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        tls = self._premises.tls
        implicit = tls.context if tls and tls.implicit else None
        server = await self._loop.create_server(self._connected, sock=listener, ssl=implicit)
        self._ready.set_result(None)
        await self._stopping.wait()
        server.close()
        while self._premises.open:
            for connection in tuple(self._premises.open):
                connection.cut()
            await asyncio.sleep(0)
        await server.wait_closed()

    def _connected(self) -> Connection:
        self.connections += 1
        return Connection(self._premises, self.connections)
