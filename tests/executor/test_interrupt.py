"""Ctrl-C, once, twice and a third time."""

import asyncio
import signal
import threading

import pytest

from batchmail.event_loop import completed
from batchmail.executor.interrupt import Interruption, signals_to


def attached(interruption: Interruption) -> list[str]:
    calls: list[str] = []
    interruption.attach(lambda: calls.append("drain"), lambda: calls.append("cancel"))
    return calls


def test_the_first_request_drains_the_second_cancels_and_more_do_nothing() -> None:
    interruption = Interruption()
    calls = attached(interruption)
    interruption.request()
    assert calls == ["drain"]
    interruption.request()
    interruption.request()
    assert calls == ["drain", "cancel"]


@pytest.mark.parametrize("requests", [0, 1, 2])
def test_it_remembers_whether_it_was_requested(requests: int) -> None:
    interruption = Interruption()
    for _ in range(requests):
        interruption.request()
    assert interruption.requested is (requests > 0)


@pytest.mark.parametrize(("requests", "calls"), [(0, []), (1, ["drain"]), (2, ["drain", "cancel"])])
def test_requests_before_the_run_are_not_forgotten(requests: int, calls: list[str]) -> None:
    interruption = Interruption()
    for _ in range(requests):
        interruption.request()
    assert attached(interruption) == calls


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_is_a_request_and_the_handlers_before_are_put_back(name: str) -> None:
    number = signal.Signals[name]
    before = signal.getsignal(number)
    interruption = Interruption()
    calls = attached(interruption)

    async def main() -> None:
        with signals_to(interruption):
            signal.raise_signal(number)
            await asyncio.sleep(0)
            assert calls == ["drain"]
            signal.raise_signal(number)
            await asyncio.sleep(0)
            assert calls == ["drain", "cancel"]

    asyncio.run(main())
    assert signal.getsignal(number) is before


def test_a_third_signal_is_for_the_handler_before() -> None:
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: received.append(number))
    try:

        async def main() -> None:
            with signals_to(Interruption()):
                for _ in range(3):
                    signal.raise_signal(signal.SIGTERM)

        asyncio.run(main())
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == [signal.SIGTERM]


def test_a_third_ctrl_c_ends_a_program_that_waits_for_nobody_any_more() -> None:
    """Also where the loop has a handler of its own for Ctrl-C, which would ask once more."""
    reached: list[int] = []

    async def hangs() -> None:
        with signals_to(Interruption()):
            for number in (1, 2, 3, 4):
                reached.append(number)
                signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            completed(hangs)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert reached == [1, 2, 3]


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:

        async def main() -> None:
            with signals_to(Interruption()):
                assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN

        asyncio.run(main())
    finally:
        signal.signal(signal.SIGTERM, before)


def test_outside_of_the_main_thread_it_leaves_signals_alone() -> None:
    handlers: list[object] = []

    async def main() -> None:
        with signals_to(Interruption()):
            handlers.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()
    assert handlers == [before]
