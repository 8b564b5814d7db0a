"""HTTP: what every request says of its sender, and how much of an answer is read."""

from collections.abc import Mapping
from contextlib import aclosing
from types import MappingProxyType

import httpx

from batchmail import __version__

#: Of an answer's body no more is read, in bytes: some name every recipient.
LARGEST_ANSWER = 1_048_576

#: Answers come as they are: what is packed could be larger than anybody would read.
OWN_HEADERS: Mapping[str, str] = MappingProxyType(
    {"User-Agent": f"batchmail/{__version__}", "Accept-Encoding": "identity"}
)


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
