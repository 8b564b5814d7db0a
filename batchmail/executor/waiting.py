"""Waiting that can be cut short."""

import asyncio

from batchmail.clock import Clock


async def nap(clock: Clock, seconds: float | None, *alarms: asyncio.Event) -> None:
    """Sleep for so long, or until one of the alarms is set; None for as long as that takes."""
    waiting = [asyncio.ensure_future(alarm.wait()) for alarm in alarms]
    if seconds is not None:
        waiting.append(asyncio.ensure_future(clock.sleep(seconds)))  # type: ignore[arg-type]  # it gives None
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            future.result()
    finally:
        for future in waiting:
            future.cancel()
