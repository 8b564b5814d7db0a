"""Makes steps durable in groups: what waits together goes to the journal in one commit."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, Self

from batchmail.delivery import Transition


class Ledger(Protocol):
    """The part of a journal that an executor writes. `record` is called in one thread, always the same."""

    def record(self, transitions: Sequence[Transition]) -> None:
        """Make steps durable, in one commit."""
        ...

    def requests(self) -> int:
        """How many requests were made, in all runs."""
        ...


class Committer:
    """Hands transitions to a ledger in the order they came, in a thread of its own, inside its context.

    The first failure is the last commit: everybody who waits or comes later gets the same error.
    """

    def __init__(self, ledger: Ledger, failed: Callable[[Exception], None]) -> None:
        self._ledger = ledger
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._pending: list[tuple[Sequence[Transition], asyncio.Future[None] | None]] = []
        self._writing: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Wait until all that was handed in is on the disk."""
        try:
            if self._writing is not None:
                await asyncio.shield(self._writing)
        finally:
            self._thread.shutdown(wait=False)

    async def commit(self, transitions: Sequence[Transition]) -> None:
        """Give back control when these are durable; raises what the ledger raised."""
        durable = self._loop.create_future()
        self._add(transitions, durable)
        await durable

    def hand_in(self, transitions: Sequence[Transition]) -> None:
        """Have these made durable, before all that comes later; without waiting for it."""
        self._add(transitions, None)

    def _add(self, transitions: Sequence[Transition], durable: asyncio.Future[None] | None) -> None:
        if self._error is not None:
            _give_up(durable, self._error)
            return
        self._pending.append((transitions, durable))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._pending:
            group, self._pending = self._pending, []
            steps = [step for transitions, _ in group for step in transitions]
            try:
                await self._loop.run_in_executor(self._thread, self._ledger.record, steps)
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing may be sent after it
                self._fail(error, group)
            else:
                for _, durable in group:
                    if durable is not None and not durable.done():
                        durable.set_result(None)
        self._writing = None

    def _fail(
        self, error: Exception, group: Sequence[tuple[Sequence[Transition], asyncio.Future[None] | None]]
    ) -> None:
        self._error = error
        waiting, self._pending = [*group, *self._pending], []
        for _, durable in waiting:
            _give_up(durable, error)
        self._failed(error)


def _give_up(durable: asyncio.Future[None] | None, error: Exception) -> None:
    if durable is not None and not durable.done():
        durable.set_exception(error)
