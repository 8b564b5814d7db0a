"""Ctrl-C: once to end a run in order, twice to end it at once."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: Signals that ask a program to end, where the system has them. Windows has no SIGHUP, the others no SIGBREAK.
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

#: What `signal.signal` takes and gives.
Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


class Interruption:
    """A person's wish to end one run. All calls belong into the thread of its event loop."""

    def __init__(self) -> None:
        self._requests = 0
        self._drain: Callable[[], None] | None = None
        self._cancel: Callable[[], None] | None = None

    @property
    def requested(self) -> bool:
        """Whether the run was asked to end."""
        return self._requests > 0

    def request(self) -> None:
        """First: begin nothing more, wait for what is in flight. Second: do not wait for that either."""
        self._requests += 1
        if self._requests == 1 and self._drain is not None:
            self._drain()
        if self._requests == 2 and self._cancel is not None:  # noqa: PLR2004 - the second
            self._cancel()

    def attach(self, drain: Callable[[], None], cancel: Callable[[], None]) -> None:
        """What the first and the second request do; at once, where they came before."""
        self._drain, self._cancel = drain, cancel
        if self._requests > 0:
            drain()
        if self._requests > 1:
            cancel()


@contextmanager
def signals_to(interruption: Interruption) -> Iterator[None]:
    """Turn signals into requests, inside a running event loop; the handlers before are put back at the end.

    From the second signal on they serve again, and Ctrl-C is Python's own: a third one ends a program that hangs.
    Signals that were ignored (`nohup`) stay ignored. Outside of the main thread, where signals cannot be handled, it
    does nothing.
    """
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Handler] = {}
    received = 0

    def received_one(_number: int, _frame: FrameType | None) -> None:
        nonlocal received
        received += 1
        if received > 1:
            _give_way(before)
        loop.call_soon_threadsafe(interruption.request)

    for number in _catchable():
        before[number] = signal.signal(number, received_one)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _give_way(before: Mapping[signal.Signals, Handler]) -> None:
    """Let go of signals: the handler of Ctrl-C before may be one that asks in order, and a third is no question."""
    for number, handler in before.items():
        signal.signal(number, signal.default_int_handler if number is signal.SIGINT else handler)


def _catchable() -> list[signal.Signals]:
    if threading.current_thread() is not threading.main_thread():
        return []
    there = [signal.Signals[name] for name in SIGNALS if name in signal.Signals.__members__]
    return [number for number in there if signal.getsignal(number) not in (signal.SIG_IGN, None)]
