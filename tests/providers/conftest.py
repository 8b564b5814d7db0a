"""A server on loopback that answers as told, and messages to send to it."""

import asyncio
import os
import socket
import ssl
import struct
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from batchmail.message import Address, Attachment, Message
from batchmail.outcome import InDoubt, Outcome, Rejected, Sent
from batchmail.providers.base import Call, Files, MailApi, Reply
from batchmail.providers.credential import Access, FixedCredential
from batchmail.providers.files import base64_lines
from batchmail.providers.http import HttpSender, Timeouts

HERE = Path(__file__).parent
TOKEN = "kHx-canary/7"
PATIENT = Timeouts()


class Visit:
    """One connection to the server, in the hands of a behaviour."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, over: asyncio.Event) -> None:
        self._reader = reader
        self._writer = writer
        self._over = over

    async def request(self) -> tuple[str, bytes]:
        """Read a request to its end: its head and its body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("ascii")
        lengths = [line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
        return head, await self._reader.readexactly(int(lengths[0]))

    async def some(self, size: int) -> None:
        """Read the beginning of a request."""
        await self._reader.readexactly(size)

    async def line(self) -> bytes:
        """Read a line; nothing where the client has gone."""
        return await self._reader.readline()

    async def say(self, answer: bytes) -> None:
        self._writer.write(answer)
        await self._writer.drain()

    async def stay_silent(self) -> None:
        """Keep the connection open until the test is over."""
        await self._over.wait()

    def reset(self) -> None:
        """Break the connection so that the other side sees a reset, not an end."""
        linger = struct.pack("ii" if os.name == "posix" else "hh", 1, 0)
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()


Behaviour = Callable[[Visit], Awaitable[None]]


class Server:
    """A server that treats every connection in one way; connections are closed when the behaviour is done with them."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.port = 0
        self._behaviour = behaviour
        self._tls = tls
        self._over = asyncio.Event()
        self._visits: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0, ssl=self._tls)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._over.set()
        self._server.close()
        await asyncio.gather(*self._visits)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._visits.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._behaviour(Visit(reader, writer, self._over))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone; what matters is what it made of it
        finally:
            writer.close()


@dataclass
class Answering:
    """A behaviour that answers every request of a connection alike, and keeps them."""

    answer: bytes
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    async def __call__(self, visit: Visit) -> None:
        while True:
            self.requests.append(await visit.request())
            await visit.say(self.answer)


@dataclass(frozen=True)
class Contents:
    """Attachments' files that exist in memory only."""

    contents: dict[str, bytes]
    encoded: dict[str, bytes] = field(default_factory=dict)

    def content(self, attachment: Attachment) -> bytes:
        return self.contents[attachment.digest]

    def base64(self, attachment: Attachment) -> bytes:
        if attachment.digest not in self.encoded:
            self.encoded[attachment.digest] = b64encode(self.contents[attachment.digest])
        return self.encoded[attachment.digest]

    def base64_lines(self, attachment: Attachment) -> bytes:
        key = f"{attachment.digest} in lines"
        if key not in self.encoded:
            self.encoded[key] = base64_lines(self.contents[attachment.digest])
        return self.encoded[key]

    def attach(self, filename: str, content: bytes, media_type: str = "application/pdf") -> Attachment:
        self.contents[filename] = content
        return Attachment(Path(filename), filename, media_type, len(content), filename)


@dataclass
class Api:
    """A mail API as simple as can be; it remembers the answers it was shown."""

    url: str
    body: tuple[bytes, ...] = (b'{"to":"kim@example.com"}',)
    replies: list[Reply] = field(default_factory=list)

    def call(self, message: Message, files: Files) -> Call:
        del message, files  # this API always sends the same
        return Call("POST", f"{self.url}/mail", {"Content-Type": "application/json"}, self.body)

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        del message
        self.replies.append(reply)
        match reply.status // 100:
            case 2:
                return Sent()
            case 5:
                return InDoubt(str(reply.status))
            case _:
                return Rejected(str(reply.status), reply.body.decode())


@dataclass(frozen=True)
class Outbox:
    """Hands messages to an API, each with one call."""

    message: Message
    files: Files
    tls: ssl.SSLContext | None

    def sender(self, api: MailApi, timeouts: Timeouts = PATIENT, tls: ssl.SSLContext | None = None) -> HttpSender:
        credential = FixedCredential(Access({"Authorization": f"Bearer {TOKEN}"}, (TOKEN,)))
        return HttpSender(api, self.files, credential, tls or self.tls, timeouts)

    async def send(
        self, api: MailApi, timeouts: Timeouts = PATIENT, *, times: int = 1, tls: ssl.SSLContext | None = None
    ) -> list[Outcome]:
        async with self.sender(api, timeouts, tls) as sender:
            return [await sender.prepare(self.message)() for _ in range(times)]


@pytest.fixture(scope="session")
def server() -> type[Server]:
    return Server


@pytest.fixture(scope="session")
def answering() -> Callable[..., Answering]:
    """Makes the behaviour that gives every request one answer."""

    def make(status: int, body: bytes = b"", **headers: str) -> Answering:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return Answering("\r\n".join([*lines, "", ""]).encode("ascii") + body)

    return make


@pytest.fixture
def files() -> Contents:
    return Contents({})


@pytest.fixture(scope="session")
def make_files() -> type[Contents]:
    return Contents


@pytest.fixture(scope="session")
def message() -> Message:
    return Message((Address("kim@example.com"),), "Invoice 7", "<p>Dear Kim</p>")


@pytest.fixture(scope="session")
def certificate() -> Path:
    """A certificate for 127.0.0.1, which nobody trusts, and its key."""
    return HERE / "loopback.pem"


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture(scope="session")
def mail_api() -> type[Api]:
    return Api


@pytest.fixture
def outbox(message: Message, files: Contents, tls: ssl.SSLContext) -> Outbox:
    return Outbox(message, files, tls)
