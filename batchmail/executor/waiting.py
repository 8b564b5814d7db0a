"""Waiting that can be cut short."""

import asyncio

from batchmail.clock import Clock


async def nap(clock: Clock, seconds: float | None, alarm: asyncio.Event) -> None:
    """Sleep for so long, or until the alarm is set; None for as long as that takes."""
    if seconds is None:
        await alarm.wait()
        return
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    ringing = asyncio.ensure_future(alarm.wait())
    try:
        done, _ = await asyncio.wait((sleeping, ringing), return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            future.result()
    finally:
        sleeping.cancel()
        ringing.cancel()
