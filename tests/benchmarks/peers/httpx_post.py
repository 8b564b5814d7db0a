"""What many write first: one shared httpx client, a semaphore, and a gather over all mails."""

import asyncio
import sys

import httpx

from tests.benchmarks.peers.payload import payload


async def main(url: str, mails: int, connections: int) -> None:
    """Post so many mails, and keep nothing of what came of them."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    semaphore = asyncio.Semaphore(connections)
    async with httpx.AsyncClient(limits=limits, headers={"Authorization": "Bearer none"}) as client:

        async def post(number: int) -> None:
            async with semaphore:
                (await client.post(url, json=payload(number))).raise_for_status()

        await asyncio.gather(*(post(number) for number in range(1, mails + 1)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
