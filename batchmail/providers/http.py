"""HTTP: hands one mail over and tells what became of it.

What a failure means follows from how far the mail had come, never from the exception: the same httpx.ReadError comes
out of a connection that was reset before, while and after the server had the mail. A mail has not been taken as long
as its last piece was not handed to the connection, since Content-Length says how much is still to come. From then on
only a status can tell; without one the mail is in doubt.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Self

import httpx

from batchmail.message import Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Sent
from batchmail.providers.answer import status_name
from batchmail.providers.base import Call, Files, MailApi, NotHandedOver, Reply, Transmission
from batchmail.providers.connecting import unconnected
from batchmail.providers.credential import Access, Credential
from batchmail.providers.http_answer import OWN_HEADERS, body_at_hand, headers_of, read_into, server_of
from batchmail.providers.http_transport import AiohttpTransport

#: Bytes handed to the connection at once. Whether the last of them was, is what decides after a failure.
CHUNK = 65_536
#: An idle connection is given up after so many seconds, before most servers do: a mail sent into a connection that is
#: just being closed would be in doubt.
IDLE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a step may take, in seconds.

    `answer` runs from the last piece of the mail to the status, `rest` from there to the end of the answer's body;
    `connect` is for a connection with its name and its TLS, `write` for every piece of the mail.
    """

    answer: float = 120.0
    rest: float = 5.0
    connect: float = 10.0
    write: float = 60.0


class _Phase(Enum):
    CONNECTING = auto()
    SENDING = auto()
    HANDED_OVER = auto()


class _OutgoingBody(httpx.AsyncByteStream):
    """A request's body on its way out; it knows how far it has come. `deadline` runs from its first piece on."""

    def __init__(self, pieces: tuple[bytes, ...], timeouts: Timeouts) -> None:
        self.size = sum(map(len, pieces))
        self.phase = _Phase.CONNECTING
        self.deadline = asyncio.timeout(None)
        self._pieces = pieces
        self._timeouts = timeouts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.size
        for piece in self._pieces:
            for start in range(0, len(piece), CHUNK):
                chunk = piece[start : start + CHUNK]  # the piece itself where it is small
                left -= len(chunk)
                self._pass(_Phase.SENDING if left else _Phase.HANDED_OVER)
                yield chunk

    def _pass(self, phase: _Phase) -> None:
        """The next piece leaves. Raises RuntimeError once there was an answer: from then on nothing does."""
        seconds = self._timeouts.write if phase is _Phase.SENDING else self._timeouts.answer
        self.deadline.reschedule(asyncio.get_running_loop().time() + seconds)
        self.phase = phase


class HttpSender:
    """One connection to a mail API."""

    def __init__(
        self, api: MailApi, files: Files, credential: Credential, tls: ssl.SSLContext | None, timeouts: Timeouts
    ) -> None:
        self._api = api
        self._files = files
        self._credential = credential
        self._timeouts = timeouts
        self._next_access: Access | Refused | Closed | None = None
        self._transport = AiohttpTransport(tls, connect_seconds=timeouts.connect, idle_seconds=IDLE_SECONDS)

    async def __aenter__(self) -> Self:
        # A token that must first be got is got before the first permit to send, so that mails leave evenly after it.
        await self._credential.access()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._transport.aclose()

    async def ready(self) -> None:
        """Have the access of the next mail, renewed where it is about to end; why there is none, that mail is told."""
        self._next_access = await self._credential.access()

    def prepare(self, message: Message) -> Transmission:
        """Make a message ready, without a byte leaving. Raises InputChanged like the files."""
        return partial(self._transmit, message, self._api.call(message, self._files))

    async def _transmit(self, message: Message, call: Call) -> Outcome:
        access = await self._access()
        if not isinstance(access, Access):
            return access
        handover = _OutgoingBody(call.body, self._timeouts)
        try:
            async with handover.deadline:
                response = await self._transport.handle_async_request(self._request(call, access, handover))
        except Exception as error:  # noqa: BLE001  whatever it is, the phase tells what it means
            return self._unanswered(call, handover.phase, error)
        phase = handover.phase
        async with aclosing(response):
            outcome = self._api.outcome(await self._reply(response, access), message)
        if phase is not _Phase.HANDED_OVER:
            outcome = _answered_early(outcome, response.status_code)
        return await self._judged(access, response.status_code, outcome)

    async def _access(self) -> Access | Refused | Closed:
        access, self._next_access = self._next_access, None
        try:
            return access or await self._credential.access()
        except Exception as error:
            raise NotHandedOver(error) from error

    async def _judged(self, access: Access, status: int, outcome: Outcome) -> Outcome:
        """The same outcome, unless a new token may help. What it says of the mail stands: it was not taken."""
        if status == HTTPStatus.UNAUTHORIZED and isinstance(outcome, Closed):
            return await self._credential.refused(access, outcome)
        if status // 100 in (2, 4):
            self._credential.accepted(access)
        return outcome

    def _request(self, call: Call, access: Access, body: _OutgoingBody) -> httpx.Request:
        assert call.method in {"POST", "PATCH"}, f"a {call.method} may be repeated, as HTTP has it, and aiohttp does so"
        headers: dict[str, str] = {
            **OWN_HEADERS,
            **call.headers,
            **access.headers,
            "Content-Length": str(body.size),
        }
        return httpx.Request(call.method, _parsed(call.url), headers=headers, stream=body)

    async def _reply(self, response: httpx.Response, access: Access) -> Reply:
        """The answer. Its status stands, whatever becomes of the body."""
        body, complete = body_at_hand(response), True
        if body is None:
            body, complete = await self._rest(response)
        headers = headers_of(response, access.conceal)
        return Reply(response.status_code, headers, access.conceal(body), complete)

    async def _rest(self, response: httpx.Response) -> tuple[bytes, bool]:
        """What comes of a body in time, and whether that is all of it."""
        body = bytearray()
        complete = False
        with suppress(Exception):
            async with asyncio.timeout(self._timeouts.rest):
                complete = await read_into(body, response)
        return bytes(body), complete

    def _unanswered(self, call: Call, phase: _Phase, error: Exception) -> Outcome:
        server = server_of(call.url)
        match phase:
            case _Phase.CONNECTING:
                return unreached(server, self._timeouts, error, "provider.baseUrl")
            case _Phase.SENDING if isinstance(error, TimeoutError):
                reason = f"{server} took no more of the mail for {self._timeouts.write:g} s"
                return Refused("connection-stalled", reason)
            case _Phase.SENDING:
                return Refused("connection-broken", f"{server} broke the connection before it had the whole mail")
            case _Phase.HANDED_OVER if isinstance(error, TimeoutError):
                return InDoubt(f"no answer within {self._timeouts.answer:g} s")
            case _Phase.HANDED_OVER if isinstance(error, httpx.RemoteProtocolError):
                return InDoubt("no readable answer after the mail was handed over")
            case _Phase.HANDED_OVER:
                return InDoubt("the connection broke after the mail was handed over")


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    """An address, nearly always the same one. Raises InvalidURL."""
    return httpx.URL(url)


def unreached(server: str, timeouts: Timeouts, error: Exception, setting: str) -> Refused | Closed:
    """Why a request to a server has not left, and which setting of the manifest has its address."""
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return Closed("bad-address", f"no request can be made to {server}", f"Check `{setting}`.")
    return unconnected(server, timeouts.connect, error, setting)


def _answered_early(outcome: Outcome, status: int) -> Outcome:
    """What an answer means that came before the server had the whole mail, and so cannot have taken it."""
    reason = f"the server answered {status_name(status)} before it had the whole mail"
    match outcome:
        case Sent() | Divided():
            return InDoubt(reason)
        case InDoubt() if status // 100 == 2:  # noqa: PLR2004  the class of successes
            return InDoubt(reason)
        case InDoubt():
            return Refused(f"HTTP {status}", reason)
        case _:
            return outcome
