"""How a run goes: a live bar on a terminal (`live_progress`), plain lines where there is none."""

import sys
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from batchmail.cli.console import Console, is_terminal
from batchmail.cli.words import count, duration, grouped, moment, printable
from batchmail.clock import Clock
from batchmail.executor import Progress
from batchmail.outcome import Refused

#: Without a terminal, a line is written when so much more of the whole is done.
PLAIN_STEP = 0.1
#: Waits from here on are told with their end; from the second on, each time.
LONG_WAIT_SECONDS = 10.0
VERY_LONG_WAIT_SECONDS = 600.0
#: The same with `--quiet`: whoever looks at a silent run after a minute takes it for dead.
QUIET_LONG_WAIT_SECONDS = 60.0
QUIET_VERY_LONG_WAIT_SECONDS = 4 * 3600.0


class Display(Protocol):
    """Shows a run's progress, inside its context."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def watch(self, progress: Progress) -> None:
        """The run has come so far."""
        ...


def display_for(console: Console, total: int, clock: Clock) -> Display:
    """The display that suits where stderr goes."""
    if total and is_terminal(sys.stderr) and not console.quiet:
        from batchmail.cli.live_progress import LiveDisplay  # noqa: PLC0415  rich, which only a terminal needs

        return LiveDisplay(total, clock)
    return PlainDisplay(console, total, clock)


class Notices:
    """What is told once: that requests in flight are waited for, and why nothing leaves for a while."""

    def __init__(self, clock: Clock, *, quiet: bool = False) -> None:
        self._clock = clock
        self._long = QUIET_LONG_WAIT_SECONDS if quiet else LONG_WAIT_SECONDS
        self._very_long = QUIET_VERY_LONG_WAIT_SECONDS if quiet else VERY_LONG_WAIT_SECONDS
        self._still = (-1, 0.0)
        self._draining = False
        self._postponed = (0, False)
        self._told = ("", 0.0)
        self._unreached = False

    def unreached(self, progress: Progress) -> str:
        """The line when the provider is not reached for the first time; empty at all other times."""
        if self._unreached or progress.unreached is None or progress.interrupted:
            return ""
        self._unreached = True
        return f"{unreached_text(progress.unreached)} It is tried again; Ctrl-C ends the run."

    def draining(self, progress: Progress) -> str:
        """The line at the first interruption; empty at all other times."""
        if self._draining or not progress.interrupted:
            return ""
        self._draining = True
        if not progress.in_flight:
            return ""
        flight = count(progress.in_flight, "request")
        return f"Waiting for {flight} in flight (Ctrl-C again stops now and leaves what is in flight in doubt)."

    def postponed(self, progress: Progress) -> str:
        """The line when mails begin to be postponed, and when nothing else is left to do; empty at other times."""
        number, idle = progress.postponed, not progress.in_flight
        told, told_idle = self._postponed
        if not number or progress.interrupted:
            self._postponed = (0, False)
            return ""
        if told and (not idle or (told_idle and told == number)):
            return ""
        self._postponed = (number, idle)
        return f"{postponed_text(progress)}. Ctrl-C ends the run; the same command goes on."

    def waiting(self, progress: Progress) -> str:
        """The line at the start of a long wait; empty where there is none, or it was told."""
        why, seconds = progress.waiting_for, self._held_up_seconds(progress)
        if seconds < self._long or progress.interrupted:
            return ""
        if why == self._told[0] and seconds < min(self._very_long, 2 * self._told[1]):
            return ""
        self._told = (why, seconds)
        return f"Waiting {wait_text(progress, self._clock.now())}. Ctrl-C ends the run; the same command goes on."

    def _held_up_seconds(self, progress: Progress) -> float:
        """How long this wait is; with those before it, where nothing came to an end between them or is on its way."""
        now = self._clock.monotonic()
        if done(progress) != self._still[0]:
            self._still = (done(progress), now)
        if not progress.waiting_seconds or progress.in_flight:
            return progress.waiting_seconds
        return progress.waiting_seconds + now - self._still[1]


class PlainDisplay:
    """A line for each tenth of the way, and at the start of each long wait; with `--quiet` of very long ones alone."""

    def __init__(self, console: Console, total: int, clock: Clock) -> None:
        self._console = console
        self._total = total
        self._clock = clock
        self._notices = Notices(clock, quiet=console.quiet)
        self._told = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def watch(self, progress: Progress) -> None:
        if notice := self._notices.unreached(progress):
            self._console.note(notice)
        if notice := self._notices.draining(progress):
            self._console.note(notice)
        if notice := self._notices.waiting(progress):
            self._console.error(notice)
        if notice := self._notices.postponed(progress):
            self._console.note(notice)
        if not self._total:
            return
        share = done(progress) / self._total
        if share < min(1.0, self._told + PLAIN_STEP) or share <= self._told:
            return
        self._told = share
        self._console.note(
            f"{share:4.0%}  {grouped(done(progress))}/{grouped(self._total)}  "
            f"{speed_text(progress, self._total)}  {states_text(progress)}"
        )


def done(progress: Progress) -> int:
    """How many deliveries have come to an end."""
    counts = progress.counts
    return counts.sent + counts.rejected + counts.failed + counts.in_doubt


def speed_text(progress: Progress, total: int) -> str:
    """The rate so far, and the time left at that rate where nothing holds it up."""
    if not progress.seconds or not done(progress):
        return ""
    rate = done(progress) / progress.seconds
    left = (total - done(progress)) / rate if progress.waiting_seconds < LONG_WAIT_SECONDS else 0.0
    return f"{rate:,.1f}/s" + (f"  {duration(left)} left" if left else "")


def wait_text(progress: Progress, now: datetime) -> str:
    """Until when nothing leaves, for how long, and why."""
    until = moment(now + timedelta(seconds=progress.waiting_seconds), now)
    return f"until {until} ({duration(progress.waiting_seconds)}): {printable(progress.waiting_for)}"


def unreached_text(refused: Refused) -> str:
    """Why nothing gets through, and what to look at."""
    return " ".join(filter(None, (f"Nothing gets through: {printable(refused.reason)}.", refused.hint)))


def postponed_text(progress: Progress) -> str:
    """How many mails wait for their recipients' servers, and how long the next of them does."""
    mails = count(progress.postponed, "mail")
    verb = "waits" if progress.postponed == 1 else "wait"
    seconds = duration(progress.postponed_seconds)
    return f"{mails} {verb} for another try, as the server takes them later; the next in {seconds}"


def states_text(progress: Progress) -> str:
    """The counts by state, and the wait for the provider's limit where there is a short one."""
    counts = progress.counts
    in_part = f" ({grouped(counts.partial)} in part)" if counts.partial else ""
    text = f"sent {grouped(counts.sent)}{in_part} · rejected {grouped(counts.rejected)}"
    text += f" · in doubt {grouped(counts.in_doubt)}"
    if counts.failed:
        text += f" · failed {grouped(counts.failed)}"
    if 0.1 <= progress.waiting_seconds < LONG_WAIT_SECONDS:  # noqa: PLR2004  shorter waits only flicker
        text += f" · waiting for the provider's limit {progress.waiting_seconds:.1f} s"
    return text
