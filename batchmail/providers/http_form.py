"""HTTP: sends a form and brings the answer. For tokens, where a request that is made once more does no harm."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import aclosing
from urllib.parse import urlencode

import httpx

from batchmail.outcome import Closed, Refused
from batchmail.providers.base import Reply
from batchmail.providers.credential import Access
from batchmail.providers.http import Timeouts, unreached
from batchmail.providers.http_answer import OWN_HEADERS, headers_of, read_into, server_of
from batchmail.providers.http_transport import AiohttpTransport
from batchmail.providers.tls import tls_for

#: From the first byte to the last, in seconds.
WHOLE_SECONDS = 30.0
#: What an answer's headers must not repeat; its body may, where a token stays the same.
_SECRET = frozenset({"client_secret", "refresh_token", "code"})


def post_form(url: str, fields: Mapping[str, str], *, seconds: float = WHOLE_SECONDS) -> Reply | Refused | Closed:
    """The answer to a form; blocks for so long at most. Refused where there was none, so that it may come later.

    It runs in a thread of its own, where nothing cancels it: an answer that the provider has given is read to its end.
    """
    return asyncio.run(_posted(url, fields, tls_for(url), seconds))


async def _posted(
    url: str, fields: Mapping[str, str], tls: ssl.SSLContext | None, seconds: float
) -> Reply | Refused | Closed:
    server = server_of(url)
    try:
        async with (
            asyncio.timeout(seconds),
            AiohttpTransport(tls, connect_seconds=Timeouts().connect) as transport,
            aclosing(await transport.handle_async_request(_request(url, fields))) as response,
        ):
            body = bytearray()
            await read_into(body, response)
            headers = headers_of(response, Access({}, _secrets(fields)).conceal)
            return Reply(response.status_code, headers, bytes(body))
    except TimeoutError:
        return Refused("no-answer", f"no answer from {server} within {seconds:g} s", reached=False)
    except Exception as error:  # noqa: BLE001  the TLS library's errors come through
        return unreached(server, Timeouts(), error, "provider.authUrl")


def _secrets(fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(value for name, value in fields.items() if name in _SECRET)


def _request(url: str, fields: Mapping[str, str]) -> httpx.Request:
    headers = {
        **OWN_HEADERS,
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode(fields).encode("ascii")
    return httpx.Request("POST", url, headers=headers, content=body)
