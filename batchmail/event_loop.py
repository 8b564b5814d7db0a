"""Event loops that Ctrl-C ends in order, also while they are being made."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, Generic, TypeVar

T = TypeVar("T")


#: Makes an event loop.
LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def completed(begin: Callable[[], Coroutine[Any, Any, T]], loop_factory: LoopFactory = asyncio.new_event_loop) -> T:
    """What a coroutine gives, run in a loop of its own. Ctrl-C cancels it and is raised as KeyboardInterrupt.

    `asyncio.run` minds Ctrl-C only once its loop stands: before that, a half-made loop tells of its end in a traceback.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(begin())
    return _Run(begin, loop_factory).end()


class _Run(Generic[T]):
    """One coroutine in the main thread, with a handler of its own for Ctrl-C."""

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, T]], loop_factory: LoopFactory) -> None:
        self._begin = begin
        self._loop_factory = loop_factory
        self._pressed = False
        self._cancel: Callable[[], object] = lambda: None

    def end(self) -> T:
        before = signal.signal(signal.SIGINT, self._press)
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                given = runner.run(self._main())
                self._cancel = lambda: None
        except asyncio.CancelledError:
            if self._pressed:
                raise KeyboardInterrupt from None
            raise
        finally:
            signal.signal(signal.SIGINT, before)
        if self._pressed:
            raise KeyboardInterrupt
        return given

    async def _main(self) -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        if self._pressed:
            raise asyncio.CancelledError
        return await self._begin()

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        if self._pressed:
            raise KeyboardInterrupt
        self._pressed = True
        self._cancel()
