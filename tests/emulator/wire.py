"""A client that talks to a running emulator byte by byte, so that nothing is hidden by a library's care."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from batchmail.emulator import RunningWorks
from tests.emulator.bench import LEAST, encoded

TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, read."""
        return dict(json.loads(self.body))


class Client:
    """One keep-alive connection."""

    def __init__(self, works: RunningWorks) -> None:
        url = urlsplit(works.base_url)
        self._connection = HTTPConnection(str(url.hostname), url.port, timeout=TIMEOUT_SECONDS)
        self._prefix = url.path
        self._token = works.access_token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def send(self, body: bytes | None = None, user: str = "me", **fields: object) -> Response:
        """Send a mail; `fields` are added to the least that a mail needs."""
        content = encoded({**LEAST, **fields}) if body is None else body
        return self.request("POST", f"/users/{user}/mail", content)

    def request(self, method: str, path: str, body: bytes | None = None) -> Response:
        """Any request, with the token."""
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(method, self._prefix + path, body, headers)
        answer = self._connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, named, answer.read())


def raw_request(works: RunningWorks, body: bytes | None = None) -> bytes:
    """A request to send a mail, as it goes over the wire."""
    content = encoded(LEAST) if body is None else body
    head = (
        f"POST {urlsplit(works.base_url).path}/users/me/mail HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nAuthorization: Bearer {works.access_token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode("ascii") + content


def connect(works: RunningWorks) -> socket.socket:
    """A bare connection."""
    url = urlsplit(works.base_url)
    return socket.create_connection((str(url.hostname), int(url.port or 0)), TIMEOUT_SECONDS)


def read_to_the_end(connection: socket.socket) -> bytes:
    """All that comes until the other side closes the connection."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received
