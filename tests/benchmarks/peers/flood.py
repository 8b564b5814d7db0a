"""No client at all: bytes made beforehand, sent as soon as an answer is there. Shows what a server can take."""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from tests.benchmarks.peers.payload import payload
from tests.benchmarks.servers.sink import EXTENSIONS, GO_ON, GREETING, OK
from tests.benchmarks.servers.works import ACCEPTED

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Line:
    """What is said, and how many bytes its answer has."""

    said: bytes
    answer: int


class Flood(asyncio.Protocol):
    """A connection that says its lines, each after the answer to the one before."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines = lines
        self._left = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is none of asyncio's classes
        self._go_on()

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left == 0:
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server has hung up"))

    def _go_on(self) -> None:
        line = next(self._lines, None)
        if line is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._left = line.answer
        self._transport.write(line.said)


def over_http(port: int, numbers: Iterator[int]) -> Iterator[Line]:
    """The lines of a connection over HTTP."""
    body = json.dumps(payload(1)).encode("utf-8")
    head = f"POST /users/me/mail HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Length: {len(body)}\r\n\r\n"
    line = Line(head.encode("ascii") + body, len(ACCEPTED))
    return (line for _ in numbers)


def over_smtp(_port: int, numbers: Iterator[int]) -> Iterator[Line]:
    """The lines of a connection over SMTP, with pipelining."""
    yield Line(b"EHLO flood.example.com\r\n", len(GREETING) + len(EXTENSIONS))
    content = str(payload(1)["body"]).replace("\n", "\r\n").encode("utf-8")
    envelope = Line(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n", 2 * len(OK) + len(GO_ON))
    mail = Line(b"Subject: flood\r\n\r\n" + content + b"\r\n.\r\n", len(OK))
    for _ in numbers:
        yield envelope
        yield mail


async def main(arguments: Sequence[str]) -> None:
    """Send so many mails over so many connections."""
    kind, port, mails, connections = arguments[0], *map(int, arguments[1:])
    lines = {"http": over_http, "smtp": over_smtp}[kind]
    numbers = iter(range(mails))  # shared: whichever connection is free takes the next
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(lambda: Flood(lines(port, numbers)), HOST, port) for _ in range(connections)]
    floods = [flood for _, flood in opened]
    await asyncio.gather(*(flood.done for flood in floods))


if __name__ == "__main__":
    run = import_module("uvloop").run if find_spec("uvloop") else asyncio.run
    run(main(sys.argv[1:]))
