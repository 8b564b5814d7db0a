"""A clock for whole jobs that have to wait for minutes."""

import asyncio
from datetime import datetime, timedelta


class HurriedClock:
    """A clock whose sleepers wake as late as they wanted to, and at once; who wants to sleep long, after a moment."""

    def __init__(self) -> None:
        self.slept = 0.0
        self.start = datetime.now().astimezone()

    def monotonic(self) -> float:
        return self.slept

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.slept)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.05 if seconds > 1 else 0)
        self.slept += seconds
