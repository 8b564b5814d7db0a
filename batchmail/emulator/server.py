"""The HTTP server of an emulator, on loopback and in a thread of its own. The home of Starlette and uvicorn."""

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Self

import uvicorn
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.exchange import Answer, Endpoint, Incoming, json_answer
from batchmail.emulator.faults import Faults, FaultSource
from batchmail.emulator.responder import CUT, Exchange, Responder, incoming_of
from batchmail.errors import BatchmailError

#: An idle connection closed under a client's hands would be a fault that nobody asked for.
_KEEP_ALIVE_SECONDS = 3600

#: A connection that is just being accepted shows itself a turn or two of the event loop later.
_QUIET_TURNS = 4
_MOST_TURNS = 200

#: What WORKS API 2.0 answers where there is no operation.
NOT_FOUND = json_answer(404, {"code": "NOT_FOUND", "description": "No such operation"})


#: Where an emulator is steered and looked into: a path that no vendor has.
CONTROL_PATH = "/_emulator"

#: What answers there; the number is the port of the server.
ControlSide = Callable[[Incoming, int], Answer]


class PortUnusable(BatchmailError):
    """An emulator cannot listen on a port."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            f"127.0.0.1:{port}: the emulator cannot listen here: {reason}",
            "End the program that uses this port, or choose others with `--port`; `--port 0` takes free ones.",
        )


@dataclass(frozen=True, slots=True)
class Door:
    """How a server is reached: its port, 0 for any free one, and its control side, which no fault ever strikes."""

    port: int = 0
    control: ControlSide | None = None


class EmulatorServer:
    """Endpoints, answered over HTTP on 127.0.0.1 for as long as the context lasts; then nothing listens any more.

    `not_found` answers what is no operation. What an endpoint or a fault's predicate raises is answered with 500, and
    the first of it raised when all is over. Raises PortUnusable on entry.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        faults: FaultSource | None = None,
        clock: Clock | None = None,
        not_found: Answer = NOT_FOUND,
        door: Door | None = None,
    ) -> None:
        self._door = door or Door()
        self._responder = Responder(faults or Faults(), clock or SystemClock(), not_found)
        self._server = _Server(_config(_router(endpoints, self._responder, self._door.control)))
        self._port = 0

    def __enter__(self) -> Self:
        try:
            listener = socket.create_server(("127.0.0.1", self._door.port))
        except OSError as error:
            raise PortUnusable(self._door.port, error.strerror or str(error)) from None
        self._port = int(listener.getsockname()[1])
        self._thread = Thread(target=self._server.run_on, args=(listener,), name="batchmail-emulator", daemon=True)
        self._thread.start()
        self._server.ready.result()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        self._server.stop()
        self._thread.join()
        if kind is None and self._responder.failure is not None:
            raise self._responder.failure

    @property
    def url(self) -> str:
        """The server's address: scheme, host and port."""
        return f"http://127.0.0.1:{self._port}"


def _config(router: Router) -> uvicorn.Config:
    return uvicorn.Config(
        router,
        http=_Protocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )


class _Server(uvicorn.Server):
    """uvicorn's server without its ticks: it begins and ends at once, and ends connections instead of awaiting them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready: Future[None] = Future()

    def run_on(self, listener: socket.socket) -> None:
        """Serve until `stop`."""
        with listener:
            try:
                asyncio.run(self.serve(sockets=[listener]))
            except BaseException as error:
                if self.ready.done():
                    raise
                self.ready.set_exception(error)

    def stop(self) -> None:
        """End, from another thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self.ready.set_result(None)

    async def main_loop(self) -> None:
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        del sockets  # closed with their servers
        await self._finish_accepting()
        for server in self.servers:
            server.close()
        await self._end_connections()
        for server in self.servers:
            await server.wait_closed()

    async def _finish_accepting(self) -> None:
        """Let connections arrive that asyncio is accepting: it forgets to close them once their server is closed.

        Clients that connect again and again cannot keep the server from ending, hence the bound.
        """
        for _ in range(_MOST_TURNS):
            if not asyncio.all_tasks() - self.server_state.tasks - {asyncio.current_task()}:
                return
            await asyncio.sleep(0)

    async def _end_connections(self) -> None:
        quiet_turns = 0
        while quiet_turns < _QUIET_TURNS:
            for connection in tuple(self.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
            busy = self.server_state.connections or asyncio.all_tasks() - {asyncio.current_task()}
            quiet_turns = 0 if busy else quiet_turns + 1


class _Protocol(H11Protocol):
    """uvicorn's protocol; its requests know how to cut their connection, which ASGI has no word for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in H11Protocol
        super().connection_made(transport)
        self.app_state = {**self.app_state, CUT: transport.abort}


def _router(endpoints: Iterable[Endpoint], responder: Responder, control: ControlSide | None) -> Router:
    resources: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        resources.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    routes = [Route(path, _Resource(methods, responder)) for path, methods in resources.items()]
    if control is not None:
        side = _Control(control, responder)
        routes = [Route(CONTROL_PATH, side), Route(f"{CONTROL_PATH}/{{path:path}}", side), *routes]
    return Router(routes, redirect_slashes=False, default=_Resource({}, responder))


class _Resource:
    """A path with its methods, as an ASGI application."""

    def __init__(self, methods: Mapping[str, Endpoint], responder: Responder) -> None:
        self._methods = methods
        self._responder = responder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        endpoint = self._methods.get(scope["method"])
        if endpoint is None:
            await exchange.body()
            await exchange.respond(self._responder.not_found)
        else:
            await self._responder.respond(endpoint, exchange)


class _Control:
    """The control side, as an ASGI application."""

    def __init__(self, control: ControlSide, responder: Responder) -> None:
        self._control = control
        self._responder = responder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        body = await exchange.body()
        if body is None:
            return
        port = int(scope["server"][1])
        incoming = incoming_of("control", 0, scope, body)
        await exchange.respond(self._responder.answer(incoming, lambda asked: self._control(asked, port)))
