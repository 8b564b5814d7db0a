"""Ctrl-C ends whatever runs in a loop, at any moment, and leaves nothing behind that speaks up."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from batchmail.event_loop import LoopFactory, completed
from batchmail.fastest_loop import fastest_loop


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """Ctrl-C as a terminal has it, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


@pytest.fixture(params=["asyncio", "uvloop"])
def loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> LoopFactory:
    """What makes Python's own loops, and where there are others, those."""
    if request.param == "asyncio":
        return asyncio.new_event_loop
    monkeypatch.delitem(sys.modules, "uvloop")
    if fastest_loop() is asyncio.new_event_loop:
        pytest.skip("there is no uvloop for this system")
    return fastest_loop()


async def forever() -> None:
    await asyncio.Event().wait()


def test_where_uvloop_is_not_installed_python_s_own_loop_serves() -> None:
    assert fastest_loop() is asyncio.new_event_loop


def test_a_coroutine_gives_what_it_gives(loops: LoopFactory) -> None:
    assert completed(lambda: asyncio.sleep(0, "given"), loops) == "given"


def test_its_error_is_raised(loops: LoopFactory) -> None:
    async def fails() -> None:
        raise OSError("no port")

    with pytest.raises(OSError, match="no port"):
        completed(fails, loops)


def test_what_cancels_itself_was_not_interrupted(loops: LoopFactory) -> None:
    async def cancels() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        completed(cancels, loops)


def test_ctrl_c_ends_what_waits_and_lets_it_clear_up(loops: LoopFactory) -> None:
    cleared = []

    async def waits() -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
        try:
            await forever()
        finally:
            cleared.append(True)

    with pytest.raises(KeyboardInterrupt):
        completed(waits, loops)
    assert cleared == [True]


@pytest.mark.parametrize("function", ["__init__", "_make_self_pipe", "_main", "close"])
def test_ctrl_c_at_the_birth_and_death_of_a_loop_leaves_no_trace(
    function: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pressed = False

    def press(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal pressed
        if event == "call" and frame.f_code.co_name == function and "event" in frame.f_code.co_filename and not pressed:
            pressed = True
            signal.raise_signal(signal.SIGINT)

    sys.setprofile(press)
    try:
        with pytest.raises(KeyboardInterrupt):
            completed(lambda: forever() if function != "close" else asyncio.sleep(0))
    finally:
        sys.setprofile(None)
    assert pressed
    assert capsys.readouterr().err == ""


def test_a_thread_beside_the_main_one_has_no_ctrl_c() -> None:
    given: list[str] = []
    thread = threading.Thread(target=lambda: given.append(completed(lambda: asyncio.sleep(0, "given"))))
    thread.start()
    thread.join()
    assert given == ["given"]
