"""The simulated world keeps its promises, or the tests that stand on it prove nothing."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

import pytest

from batchmail.delivery import DeliveryState, Transition
from batchmail.message import Address, Message
from batchmail.outcome import Rejected, Sent
from batchmail.simulation import Answer, Script, SimulatedClock, Stuck, Tape, simulate

MESSAGE = Message((Address("kim@example.com"),), "Hello", "…")


def step(state: DeliveryState, attempt: int = 1, request: int = 1) -> Transition:
    return Transition(7, state, attempt, "2026-10-01T09:00:00+00:00", request)


def test_a_day_passes_in_no_time() -> None:
    async def scenario(clock: SimulatedClock) -> tuple[float, int]:
        before = clock.now()
        await clock.sleep(86_400)
        return clock.monotonic(), (clock.now() - before).days

    assert simulate(scenario) == (86_400, 1)


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    woken: list[int] = []

    async def sleeper(clock: SimulatedClock, seconds: int) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async def scenario(clock: SimulatedClock) -> None:
        await asyncio.gather(*(sleeper(clock, seconds) for seconds in (3, 1, 2)))

    simulate(scenario)
    assert woken == [1, 2, 3]


def test_waiting_for_what_cannot_happen_is_an_error() -> None:
    async def scenario(_clock: SimulatedClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck):
        simulate(scenario)


def test_waiting_for_months_is_an_error() -> None:
    async def scenario(clock: SimulatedClock) -> None:
        while True:
            await clock.sleep(86_400)

    with pytest.raises(Stuck):
        simulate(scenario)


def test_a_thread_does_its_work_after_the_time_that_it_takes_and_in_a_real_thread() -> None:
    began: list[float] = []

    async def scenario(clock: SimulatedClock) -> tuple[float, str]:
        def work() -> str:
            began.append(clock.monotonic())
            return threading.current_thread().name

        with ThreadPoolExecutor(1, thread_name_prefix="worker") as threads:
            name = await asyncio.get_running_loop().run_in_executor(threads, work)
        return clock.monotonic(), name

    assert simulate(scenario, thread_seconds=lambda: 0.5) == (0.5, "worker_0")
    assert began == [0.5]


def test_what_a_thread_raises_reaches_whoever_waits_for_it() -> None:
    async def scenario(_clock: SimulatedClock) -> None:
        await asyncio.to_thread(int, "x")

    with pytest.raises(ValueError, match="invalid literal"):
        simulate(scenario)


def test_a_scripted_provider_answers_as_told_and_remembers_what_it_got() -> None:
    async def scenario(clock: SimulatedClock) -> tuple[list[object], list[tuple[float, Message]]]:
        script = Script.of(clock, [Answer(Sent("a"), 2), Answer(Rejected("C", "no"))])
        async with script.open() as sender:
            outcomes: list[object] = [await sender.prepare(MESSAGE)(), await sender.prepare(MESSAGE)()]
            assert script.open_now == 1
        assert (script.opened, script.open_now) == (1, 0)
        return outcomes, script.handed_over

    outcomes, handed_over = simulate(scenario)
    assert outcomes == [Sent("a"), Rejected("C", "no")]
    assert handed_over == [(0, MESSAGE), (2, MESSAGE)]


def test_a_scripted_provider_raises_exceptions_of_its_script() -> None:
    async def scenario(clock: SimulatedClock) -> None:
        async with Script.of(clock, [Answer(KeyError("bug"))]).open() as sender:
            await sender.prepare(MESSAGE)()

    with pytest.raises(KeyError):
        simulate(scenario)


class End(Exception):
    pass


def steps_until(end: int) -> int:
    """How many steps are taken when a simulation ends before the turn with this number."""
    turns = count(1)
    done = []

    def turn() -> None:
        if next(turns) == end:
            raise End

    async def scenario(_clock: SimulatedClock) -> None:
        for number in range(3):
            await asyncio.sleep(number)
            done.append(number)

    with suppress(End):
        simulate(scenario, turn=turn)
    return len(done)


def test_a_simulation_can_be_ended_between_any_two_steps() -> None:
    steps = [steps_until(end) for end in range(1, 10)]
    assert steps == sorted(steps)
    assert set(steps) == {0, 1, 2, 3}


def test_without_threads_everything_runs_in_the_loop_s_own() -> None:
    async def scenario(_clock: SimulatedClock) -> int:
        with ThreadPoolExecutor() as pool:
            return await asyncio.get_running_loop().run_in_executor(pool, threading.get_ident)

    assert simulate(scenario, threads=False) == threading.get_ident()
    assert simulate(scenario) != threading.get_ident()


def test_a_sender_is_used_inside_its_context_only() -> None:
    async def scenario(clock: SimulatedClock) -> None:
        Script.of(clock, []).open().prepare(MESSAGE)

    with pytest.raises(RuntimeError, match="context"):
        simulate(scenario)


def test_a_tape_keeps_commits_and_the_last_state() -> None:
    tape = Tape(requests=4)
    assert tape.state(7) is DeliveryState.QUEUED
    tape.record([step(DeliveryState.SENDING, request=5), step(DeliveryState.SENT, request=5)])
    assert tape.state(7) is DeliveryState.SENT
    assert tape.requests() == 5
    assert [len(commit) for commit in tape.commits] == [2]


@pytest.mark.parametrize(
    "steps",
    [
        [step(DeliveryState.SENT)],
        [step(DeliveryState.SENDING), step(DeliveryState.SENDING, 2, 2)],
        [step(DeliveryState.SENDING), step(DeliveryState.SENT, 2)],
        [step(DeliveryState.SENDING), step(DeliveryState.SENT, 1, 2)],
        [step(DeliveryState.SENDING), step(DeliveryState.IN_DOUBT), step(DeliveryState.SENDING, 2, 2)],
        [step(DeliveryState.SENDING), step(DeliveryState.QUEUED), step(DeliveryState.SENDING, 1, 2)],
    ],
    ids=["result without intent", "two intents", "other attempt", "other request", "out of doubt", "attempt twice"],
)
def test_a_tape_takes_no_illegal_step(steps: list[Transition]) -> None:
    with pytest.raises(ValueError, match="delivery 7"):
        Tape().record(steps)


def test_a_tape_fails_where_it_is_told_to() -> None:
    tape = Tape(fault=lambda commit: OSError("disk full") if commit == 1 else None)
    tape.record([step(DeliveryState.SENDING)])
    with pytest.raises(OSError, match="disk full"):
        tape.record([step(DeliveryState.SENT)])
    assert tape.state(7) is DeliveryState.SENDING
