"""How a run goes: a live bar on a terminal, plain lines where there is none."""

import sys
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console as RichConsole
from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from batchmail.cli.console import Console, is_terminal
from batchmail.cli.words import duration, grouped
from batchmail.executor import Progress as RunProgress

#: Without a terminal, a line is written when so much more of the whole is done.
PLAIN_STEP = 0.1


class Display(Protocol):
    """Shows a run's progress, inside its context."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def watch(self, progress: RunProgress) -> None:
        """The run has come so far."""
        ...


def display_for(console: Console, total: int) -> Display:
    """The display that suits where stderr goes."""
    if console.quiet:
        return PlainDisplay(Console(quiet=True), total)
    return LiveDisplay(total) if is_terminal(sys.stderr) else PlainDisplay(console, total)


class LiveDisplay:
    """A bar with the rate and the time left, and below it the counts by state."""

    def __init__(self, total: int) -> None:
        self._total = total
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
            get_renderable=lambda: Group(self._bar, Text(f"  {self._states}")),
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
        self._states = states_text(progress)
        self._bar.update(self._task, completed=done(progress), speed=speed_text(progress, self._total))


class PlainDisplay:
    """A line for each tenth of the way."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._told = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def watch(self, progress: RunProgress) -> None:
        share = done(progress) / self._total if self._total else 1.0
        if share < min(1.0, self._told + PLAIN_STEP) or share <= self._told:
            return
        self._told = share
        self._console.note(
            f"{share:4.0%}  {grouped(done(progress))}/{grouped(self._total)}  "
            f"{speed_text(progress, self._total)}  {states_text(progress)}"
        )


def done(progress: RunProgress) -> int:
    """How many deliveries have come to an end."""
    counts = progress.counts
    return counts.sent + counts.rejected + counts.failed + counts.in_doubt


def speed_text(progress: RunProgress, total: int) -> str:
    """The rate so far, and the time left at that rate."""
    if not progress.seconds or not done(progress):
        return ""
    rate = done(progress) / progress.seconds
    left = (total - done(progress)) / rate
    return f"{rate:,.1f}/s" + (f"  {duration(left)} left" if left else "")


def states_text(progress: RunProgress) -> str:
    """The counts by state, and the wait for the provider's limit where there is one."""
    counts = progress.counts
    text = f"sent {grouped(counts.sent)} · rejected {grouped(counts.rejected)} · in doubt {grouped(counts.in_doubt)}"
    if counts.failed:
        text += f" · failed {grouped(counts.failed)}"
    if progress.waiting_seconds >= 0.1:  # noqa: PLR2004  shorter waits only flicker
        text += f" · waiting for the provider's limit {progress.waiting_seconds:.1f} s"
    return text
