"""What the contract of the providers needs: a server on loopback that answers as told, and files in memory."""

import asyncio
from base64 import b64encode, encodebytes
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Self

from batchmail.errors import InputChanged
from batchmail.message import Attachment


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived: the head as text, and the body."""

    head: str
    body: bytes


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An answer of HTTP/1.1; `Retry_After` stands for the header Retry-After."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


class AnsweringServer:
    """Gives every request `answer`: empty, it closes the connection; None, it never answers. `requests` has them."""

    def __init__(self) -> None:
        self.answer: bytes | None = b""
        self.requests: list[Request] = []
        self._over = asyncio.Event()
        self._visits: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._over.set()
        self._server.close()
        await asyncio.gather(*self._visits)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._visits.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                self.requests.append(await _request(reader))
                if self.answer is None:
                    await self._over.wait()
                if not self.answer:
                    break
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone; what it made of it is what counts
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    lengths = [line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
    return Request(head, await reader.readexactly(int(lengths[0])))


@dataclass(frozen=True, slots=True)
class MemoryFiles:
    """Attachments' files that exist in memory only, by their digest."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def attach(self, filename: str, content: bytes, media_type: str, cid: str | None = None) -> Attachment:
        """A new file."""
        digest = sha256(content).hexdigest()
        self.contents[digest] = content
        return Attachment(Path(filename), filename, media_type, len(content), digest, cid)

    def content(self, attachment: Attachment) -> bytes:
        """As in Files."""
        return self.contents[attachment.digest]

    def base64(self, attachment: Attachment) -> bytes:
        """As in Files."""
        return b64encode(self.content(attachment))

    def base64_lines(self, attachment: Attachment) -> bytes:
        """As in Files."""
        return encodebytes(self.content(attachment)).rstrip(b"\n").replace(b"\n", b"\r\n")


class ChangedFiles:
    """Attachments' files that are no longer what was planned."""

    def content(self, attachment: Attachment) -> bytes:
        """Raises InputChanged."""
        raise InputChanged(attachment.filename)

    base64 = base64_lines = content
