"""How one request is answered, with the faults that were asked for."""

import asyncio
from collections.abc import Callable
from typing import assert_never
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from batchmail.clock import Clock
from batchmail.emulator.exchange import Answer, Endpoint, Incoming, json_answer
from batchmail.emulator.faults import Cut, Fault, FaultSource, HalfAnswer, Silence

#: Where a request's scope has the function that cuts its connection.
CUT = "batchmail.cut"

_FAILED = json_answer(500, {"code": "INTERNAL_SERVER_ERROR", "description": "The emulator failed"})


class Exchange:
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
        self.scope["state"][CUT]()
        await self.departure()

    async def departure(self) -> None:
        """Wait until the connection has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


class Responder:
    """Answers requests, with the faults that were asked for. `failure` is the first thing that an endpoint raised."""

    def __init__(self, faults: FaultSource, clock: Clock, not_found: Answer) -> None:
        self.failure: Exception | None = None
        self.not_found = not_found
        self._faults = faults
        self._clock = clock

    async def respond(self, endpoint: Endpoint, exchange: Exchange) -> None:
        """Answer a request to an endpoint, or let it go wrong."""
        number = endpoint.arrived()
        body = await exchange.body()
        if body is None:
            return
        incoming = incoming_of(endpoint.operation, number, exchange.scope, body)
        fault = self._fault(incoming)
        if fault is None:
            await exchange.respond(self.answer(incoming, endpoint.answer))
        else:
            await self._misbehave(fault, endpoint, incoming, exchange)

    def _fault(self, incoming: Incoming) -> Fault | None:
        try:
            return self._faults.of(incoming)
        except Exception as error:  # noqa: BLE001  raised again when the server's context ends
            self.failure = self.failure or error
            return Fault(_FAILED)

    def answer(self, incoming: Incoming, answer: Callable[[Incoming], Answer]) -> Answer:
        """What an endpoint answers."""
        try:
            return answer(incoming)
        except Exception as error:  # noqa: BLE001  likewise
            self.failure = self.failure or error
            return _FAILED

    async def _misbehave(self, fault: Fault, endpoint: Endpoint, incoming: Incoming, exchange: Exchange) -> None:
        early = self.answer(incoming, endpoint.answer) if fault.handled else None
        if fault.wait_seconds and await self._departed_within(fault.wait_seconds, exchange):
            return
        match fault.ending:
            case None:
                await exchange.respond(early or self.answer(incoming, endpoint.answer))
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

    async def _departed_within(self, seconds: float, exchange: Exchange) -> bool:
        waiting = asyncio.ensure_future(self._clock.sleep(seconds))
        departure = asyncio.ensure_future(exchange.departure())
        _, late = await asyncio.wait((waiting, departure), return_when=asyncio.FIRST_COMPLETED)
        for each in late:
            each.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return departure not in late


def incoming_of(operation: str, number: int, scope: Scope, body: bytes) -> Incoming:
    """A request, read to its end."""
    return Incoming(
        operation=operation,
        number=number,
        method=scope["method"],
        parameters=scope["path_params"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )
