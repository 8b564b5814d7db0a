"""How a run goes, on a terminal: a bar that moves."""

from types import TracebackType
from typing import Self

from rich.console import Console as RichConsole
from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from batchmail.cli.progress import (
    LONG_WAIT_SECONDS,
    Notices,
    done,
    postponed_text,
    speed_text,
    states_text,
    wait_text,
)
from batchmail.clock import Clock
from batchmail.executor import Progress as RunProgress


class LiveDisplay:
    """A bar with the rate and the time left, and below it the counts by state."""

    def __init__(self, total: int, clock: Clock) -> None:
        self._total = total
        self._clock = clock
        self._notices = Notices(clock)
        self._bar = Progress(
            TextColumn(" "),
            BarColumn(bar_width=40),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
        )
        self._task = self._bar.add_task("sending", total=total, speed="")
        self._states = ""
        self._live = Live(
            console=RichConsole(stderr=True),
            get_renderable=lambda: Group(self._bar, Text(self._states)),
            refresh_per_second=8,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def watch(self, progress: RunProgress) -> None:
        self._states = f"  {states_text(progress)}"
        if progress.waiting_seconds >= LONG_WAIT_SECONDS:
            self._states += f"\n  waiting {wait_text(progress, self._clock.now())}"
        if progress.postponed:
            self._states += f"\n  {postponed_text(progress)}"
        for notice in (self._notices.unreached(progress), self._notices.draining(progress)):
            if notice:
                self._live.console.print(notice, highlight=False, markup=False)
        self._bar.update(self._task, completed=done(progress), speed=speed_text(progress, self._total))
