"""A conversation with a do-nothing server, over loopback."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

Talk = Callable[[Callable[[], asyncio.Protocol], Sequence[bytes], bytes], bytes]


async def _talk(protocol: Callable[[], asyncio.Protocol], pieces: Sequence[bytes], until: bytes) -> bytes:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # the server's turn
        heard = await reader.readuntil(until)
        writer.close()
        await writer.wait_closed()
    return heard


@pytest.fixture
def talk() -> Talk:
    """Say pieces to a new server, and hear what it says up to certain last words."""
    return lambda protocol, pieces, until: asyncio.run(_talk(protocol, pieces, until))
