"""WORKS API 2.0 that does nothing: every POST is a success, and a GET tells what was counted."""

import asyncio
import json
import re
import time
from dataclasses import dataclass, field

from tests.benchmarks.servers.tally import Tally

#: https://developers.worksmobile.com/en/docs/mail-create: 202, without a body.
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
LENGTH_REQUIRED = b"HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#: Larger bodies, which have files, are thrown away as they come.
KEPT_BYTES = 65_536

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)


@dataclass(slots=True)
class Desk:
    """What the connections of one server share: the counts, the last mail, and how long an answer takes."""

    delay_seconds: float = 0.0
    count_recipients: bool = False
    tally: Tally = field(default_factory=Tally)
    last_mail: bytes = b""


class WorksConnection(asyncio.Protocol):
    """One keep-alive connection. Bodies come by Content-Length, as those of every client here do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._head = b""
        self._pending = b""
        self._left = 0
        self._body = bytearray()
        self._keeps = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]  # uvloop's is none of asyncio's classes
        self._desk.tally.connections += 1

    def data_received(self, data: bytes) -> None:
        rest = self._pending + data if self._pending else data
        self._pending = b""
        while rest:
            rest = self._more_body(rest) if self._left else self._next_head(rest)

    def _next_head(self, data: bytes) -> bytes:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._pending = data
            return b""
        self._head = data[: end + 2]
        found = _LENGTH.search(self._head)
        self._left = int(found[1]) if found else 0
        self._keeps = self._left <= KEPT_BYTES
        self._body.clear()
        if self._left == 0:
            self._complete(has_length=found is not None)
        return data[end + 4 :]

    def _more_body(self, data: bytes) -> bytes:
        part = data[: self._left]
        self._left -= len(part)
        self._desk.tally.size += len(part)
        if self._keeps:
            self._body += part
        if self._left == 0:
            self._complete(has_length=True)
        return data[len(part) :]

    def _complete(self, *, has_length: bool) -> None:
        if self._head.startswith(b"POST "):
            if has_length:
                self._take()
            else:
                self._transport.write(LENGTH_REQUIRED)
                self._transport.close()
        else:
            self._tell()

    def _take(self) -> None:
        desk = self._desk
        now = time.time()
        desk.tally.arrived(now)
        if self._keeps:
            desk.last_mail = bytes(self._body)
            if desk.count_recipients:
                desk.tally.recipients += len(json.loads(desk.last_mail)["to"].split(";"))
        if desk.delay_seconds:
            self._loop.call_later(desk.delay_seconds, self._answer, now)
        else:
            self._answer(now)

    def _answer(self, arrived: float) -> None:
        self._transport.write(ACCEPTED)
        self._desk.tally.answered(arrived, time.time())

    def _tell(self) -> None:
        desk = self._desk
        if self._head.startswith(b"GET /last "):
            body = desk.last_mail
        else:
            body = desk.tally.as_json()
            desk.tally.start_anew()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode("ascii") + body)
