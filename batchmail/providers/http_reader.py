"""HTTP: asks a provider, and brings the answer. A question that is asked once more does no harm."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Self, TypeVar

import httpx

from batchmail.outcome import Closed, Refused
from batchmail.providers.base import Reply
from batchmail.providers.credential import Access, Credential
from batchmail.providers.http import Timeouts, unreached
from batchmail.providers.http_answer import OWN_HEADERS, headers_of, read_into, server_of
from batchmail.providers.http_transport import AiohttpTransport

T = TypeVar("T")

#: From the first byte to the last, in seconds.
WHOLE_SECONDS = 60.0
#: An answer may have so many bytes: a page of mails that each went to hundreds of people.
LARGEST_PAGE = 32 * 2**20


class HttpReader:
    """One connection to an API that is only read."""

    def __init__(
        self, credential: Credential, tls: ssl.SSLContext | None, whole_seconds: float = WHOLE_SECONDS
    ) -> None:
        self._credential = credential
        self._whole_seconds = whole_seconds
        self._transport = AiohttpTransport(tls, connect_seconds=Timeouts().connect)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._transport.aclose()

    async def get(self, url: str, understand: Callable[[Reply], T | Refused | Closed]) -> T | Refused | Closed:
        """The answer, understood. A token that has expired is renewed where it can be, and the answer is Refused."""
        access = await self._credential.access()
        if not isinstance(access, Access):
            return access
        reply = await self._reply(url, access)
        if not isinstance(reply, Reply):
            return reply
        answer = understand(reply)
        if reply.status == HTTPStatus.UNAUTHORIZED and isinstance(answer, Closed):
            return await self._credential.refused(access, answer)
        if reply.status // 100 in (2, 4):
            self._credential.accepted(access)
        return answer

    async def _reply(self, url: str, access: Access) -> Reply | Refused | Closed:
        server = server_of(url)
        try:
            async with (
                asyncio.timeout(self._whole_seconds),
                aclosing(await self._transport.handle_async_request(_request(url, access))) as response,
            ):
                body = bytearray()
                if not await read_into(body, response, LARGEST_PAGE):
                    return Closed("too-large", f"the answer of {server} does not end", "Check `provider.baseUrl`.")
                return Reply(response.status_code, headers_of(response, access.conceal), access.conceal(bytes(body)))
        except TimeoutError:
            return Refused("no-answer", f"no answer from {server} within {self._whole_seconds:g} s")
        except (httpx.ReadError, httpx.RemoteProtocolError):
            return Refused("connection-broken", f"{server} broke the connection")
        except Exception as error:  # noqa: BLE001  the TLS library's errors come through
            return unreached(server, Timeouts(), error, "provider.baseUrl")


def _request(url: str, access: Access) -> httpx.Request:
    headers = {
        **OWN_HEADERS,
        "Accept": "application/json",
        **access.headers,
    }
    return httpx.Request("GET", url, headers=headers)
