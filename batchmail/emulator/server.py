"""The HTTP server of an emulator, on loopback and in a thread of its own. The home of Starlette and uvicorn."""

import asyncio
import socket
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from threading import Thread
from typing import Self, assert_never
from urllib.parse import parse_qsl

import uvicorn
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.exchange import Answer, Endpoint, Incoming, json_answer
from batchmail.emulator.faults import Cut, Fault, Faults, HalfAnswer, Silence

#: Where a request's scope has the function that cuts its connection.
_CUT = "batchmail.cut"

#: An idle connection closed under a client's hands would be a fault that nobody asked for.
_KEEP_ALIVE_SECONDS = 3600

#: A connection that is just being accepted shows itself a turn or two of the event loop later.
_QUIET_TURNS = 4
_MOST_TURNS = 200

#: What WORKS API 2.0 answers where there is no operation.
NOT_FOUND = json_answer(404, {"code": "NOT_FOUND", "description": "No such operation"})
_FAILED = json_answer(500, {"code": "INTERNAL_SERVER_ERROR", "description": "The emulator failed"})


class EmulatorServer:
    """Endpoints, answered over HTTP on 127.0.0.1 for as long as the context lasts; then nothing listens any more.

    `not_found` answers what is no operation. What an endpoint or a fault's predicate raises is answered with 500, and
    the first of it raised when all is over.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        faults: Faults | None = None,
        clock: Clock | None = None,
        not_found: Answer = NOT_FOUND,
    ) -> None:
        self._responder = _Responder(faults or Faults(), clock or SystemClock(), not_found)
        self._server = _Server(_config(_router(endpoints, self._responder)))
        self._port = 0

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
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
        self.app_state = {**self.app_state, _CUT: transport.abort}


def _router(endpoints: Iterable[Endpoint], responder: "_Responder") -> Router:
    resources: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        resources.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    routes = [Route(path, _Resource(methods, responder)) for path, methods in resources.items()]
    return Router(routes, redirect_slashes=False, default=_Resource({}, responder))


class _Resource:
    """A path with its methods, as an ASGI application."""

    def __init__(self, methods: Mapping[str, Endpoint], responder: "_Responder") -> None:
        self._methods = methods
        self._responder = responder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(scope, receive, send)
        endpoint = self._methods.get(scope["method"])
        if endpoint is None:
            await exchange.body()
            await exchange.respond(self._responder.not_found)
        else:
            await self._responder.respond(endpoint, exchange)


class _Exchange:
    """A request and the way back to its client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send

    async def body(self) -> bytes | None:
        """The request's body; None where the client went away before its end."""
        pieces: list[bytes] = []
        while True:
            event = await self._receive()
            if event["type"] == "http.disconnect":
                return None
            pieces.append(event["body"])
            if not event["more_body"]:
                return b"".join(pieces)

    async def respond(self, answer: Answer, kept: int | None = None) -> None:
        """Send an answer, or its beginning with the first `kept` bytes of its body."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode("ascii")))
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": answer.body[:kept], "more_body": kept is not None})

    async def cut(self) -> None:
        """Close the connection, whatever it is in the midst of."""
        self.scope["state"][_CUT]()
        await self.departure()

    async def departure(self) -> None:
        """Wait until the connection has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


class _Responder:
    """Answers requests, with the faults that were asked for. `failure` is the first thing that an endpoint raised."""

    def __init__(self, faults: Faults, clock: Clock, not_found: Answer) -> None:
        self.failure: Exception | None = None
        self.not_found = not_found
        self._faults = faults
        self._clock = clock

    async def respond(self, endpoint: Endpoint, exchange: _Exchange) -> None:
        number = endpoint.arrived()
        body = await exchange.body()
        if body is None:
            return
        incoming = _incoming(endpoint, number, exchange.scope, body)
        fault = self._fault(incoming)
        if fault is None:
            await exchange.respond(self._answer(endpoint, incoming))
        else:
            await self._misbehave(fault, endpoint, incoming, exchange)

    def _fault(self, incoming: Incoming) -> Fault | None:
        try:
            return self._faults.of(incoming)
        except Exception as error:  # noqa: BLE001  raised again when the server's context ends
            self.failure = self.failure or error
            return Fault(_FAILED)

    def _answer(self, endpoint: Endpoint, incoming: Incoming) -> Answer:
        try:
            return endpoint.answer(incoming)
        except Exception as error:  # noqa: BLE001  likewise
            self.failure = self.failure or error
            return _FAILED

    async def _misbehave(self, fault: Fault, endpoint: Endpoint, incoming: Incoming, exchange: _Exchange) -> None:
        early = self._answer(endpoint, incoming) if fault.handled else None
        if fault.wait_seconds and await self._departed_within(fault.wait_seconds, exchange):
            return
        match fault.ending:
            case None:
                await exchange.respond(early or self._answer(endpoint, incoming))
            case Answer() as answer:
                await exchange.respond(answer)
            case HalfAnswer(answer, kept):
                await exchange.respond(answer, kept)
                await exchange.cut()
            case Cut():
                await exchange.cut()
            case Silence():
                await exchange.departure()
            case never:
                assert_never(never)

    async def _departed_within(self, seconds: float, exchange: _Exchange) -> bool:
        waiting = asyncio.ensure_future(self._clock.sleep(seconds))
        departure = asyncio.ensure_future(exchange.departure())
        _, late = await asyncio.wait((waiting, departure), return_when=asyncio.FIRST_COMPLETED)
        for each in late:
            each.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return departure not in late


def _incoming(endpoint: Endpoint, number: int, scope: Scope, body: bytes) -> Incoming:
    return Incoming(
        operation=endpoint.operation,
        number=number,
        method=endpoint.method,
        parameters=scope["path_params"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )
