"""HTTP: what every request says of its sender, and how much of an answer is read."""

from collections.abc import Callable, Mapping
from contextlib import aclosing
from types import MappingProxyType

import httpx

from batchmail import __version__
from batchmail.providers.answer import one_line

#: Of an answer's body no more is read, in bytes: some name every recipient.
LARGEST_ANSWER = 1_048_576

#: Answers come as they are: what is packed could be larger than anybody would read.
OWN_HEADERS: Mapping[str, str] = MappingProxyType(
    {"User-Agent": f"batchmail/{__version__}", "Accept-Encoding": "identity"}
)


def server_of(url: str) -> str:
    """The server that an address names, safe to show."""
    return one_line(url.partition("://")[2].partition("/")[0])


def headers_of(response: httpx.Response, conceal: Callable[[bytes], bytes]) -> dict[str, str]:
    """An answer's headers, names in lower case, without what must not be shown. It reads httpx's raw ones.

    httpx would guess one encoding for all of them, which takes longer than all else that is done to an answer.
    """
    found: dict[str, str] = {}
    for raw, value in response.headers.raw:
        name, text = raw.decode("latin-1").lower(), _decoded(conceal(value))
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def body_at_hand(response: httpx.Response) -> bytes | None:
    """An answer's body where it came together with the head, which nearly all do; None where it must be read."""
    return b"".join(response.stream) if isinstance(response.stream, httpx.ByteStream) else None


async def read_into(body: bytearray, response: httpx.Response, most: int = LARGEST_ANSWER) -> bool:
    """Add an answer's body, up to so many bytes; whether that was all of it. The answer is closed then.

    Raises what the connection raises; what had come until then is in `body`.
    """
    async with aclosing(response):
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > most:
                del body[most:]
                return False
    return True
