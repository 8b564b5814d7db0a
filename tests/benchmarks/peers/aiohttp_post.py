"""The quick way: one aiohttp session that only posts."""

import asyncio
import sys

import aiohttp

from tests.benchmarks.peers.payload import payload


async def main(url: str, mails: int, connections: int) -> None:
    """Post so many mails, and keep nothing of what came of them."""
    connector = aiohttp.TCPConnector(limit=connections)
    semaphore = asyncio.Semaphore(connections)
    async with aiohttp.ClientSession(connector=connector, headers={"Authorization": "Bearer none"}) as session:

        async def post(number: int) -> None:
            async with semaphore, session.post(url, json=payload(number)) as answer:
                answer.raise_for_status()

        await asyncio.gather(*(post(number) for number in range(1, mails + 1)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
