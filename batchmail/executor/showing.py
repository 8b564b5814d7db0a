"""Tells a watcher how far a run is, no more often than anybody can see."""

import asyncio
import math
from collections.abc import Callable

from batchmail.clock import Clock
from batchmail.executor.progress import Progress


class Showing:
    """Shows `progress` to a watcher: at once where it must not be missed, otherwise once in so many seconds.

    At 4,000 mails a second, telling each step took a tenth of a mail's time.
    """

    def __init__(
        self,
        watch: Callable[[Progress], None],
        progress: Callable[[], Progress],
        clock: Clock,
        seconds: float,
        failed: Callable[[Exception], None],
    ) -> None:
        """`failed` is told what `watch` raises: a display that fails must not put a mail in doubt."""
        self._watch = watch
        self._progress = progress
        self._clock = clock
        self._seconds = seconds
        self._failed = failed
        self._shown_at = -math.inf
        self._later: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """The run has come further, which is shown at once or soon."""
        if self._later is not None:
            return
        rest = self._shown_at + self._seconds - self._clock.monotonic()
        if rest > 0:
            self._later = asyncio.get_running_loop().call_later(rest, self.now)
        else:
            self.now()

    def now(self) -> None:
        """Show it at once, and nothing later but what changes later."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._shown_at = self._clock.monotonic()
        try:
            self._watch(self._progress())
        except Exception as error:  # noqa: BLE001  whatever a display raises
            self._failed(error)
