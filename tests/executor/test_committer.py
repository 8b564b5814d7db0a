"""Group commit: durable before it goes on, in order, and never after a failure."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from batchmail.delivery import DeliveryState, Transition
from batchmail.executor.committer import Committer
from batchmail.simulation import SimulatedClock, Tape, simulate


def intent(delivery: int) -> Transition:
    return Transition(delivery, DeliveryState.SENDING, 1, "2026-10-01T09:00:00+00:00", delivery)


def result(delivery: int) -> Transition:
    return Transition(delivery, DeliveryState.SENT, 1, "2026-10-01T09:00:00+00:00", delivery)


def nothing_failed(error: Exception) -> None:
    pytest.fail(str(error))


def test_control_comes_back_when_the_commit_is_done_and_not_before() -> None:
    tape = Tape()

    async def scenario(clock: SimulatedClock) -> float:
        async with Committer(tape, nothing_failed) as committer:
            waiting = asyncio.create_task(committer.commit([intent(1)]))
            await clock.sleep(0.9)
            assert not waiting.done()
            await waiting
            assert tape.state(1) is DeliveryState.SENDING
        return clock.monotonic()

    assert simulate(scenario, thread_seconds=lambda: 1.0) == 1


def test_what_waits_together_shares_a_commit() -> None:
    tape = Tape()

    async def scenario(_clock: SimulatedClock) -> None:
        async with Committer(tape, nothing_failed) as committer:
            await asyncio.gather(*(committer.commit([intent(number)]) for number in range(50)))

    simulate(scenario)
    assert [len(commit) for commit in tape.commits] == [50]


def test_what_comes_during_a_commit_shares_the_next_one_in_order() -> None:
    tape = Tape()

    async def scenario(clock: SimulatedClock) -> None:
        async with Committer(tape, nothing_failed) as committer:
            await committer.commit([intent(1)])
            first = asyncio.create_task(committer.commit([intent(2)]))
            await clock.sleep(0.5)
            committer.hand_in([result(1)])
            await committer.commit([intent(3)])
            await first

    simulate(scenario, thread_seconds=lambda: 1.0)
    assert tape.commits == [(intent(1),), (intent(2),), (result(1), intent(3))]


def test_leaving_waits_for_what_was_handed_in() -> None:
    tape = Tape()

    async def scenario(_clock: SimulatedClock) -> None:
        async with Committer(tape, nothing_failed) as committer:
            await committer.commit([intent(1)])
            committer.hand_in([result(1)])

    simulate(scenario, thread_seconds=lambda: 1.0)
    assert tape.state(1) is DeliveryState.SENT


def test_a_failure_reaches_everybody_who_waits_and_everybody_who_comes_later() -> None:
    failures: list[Exception] = []
    tape = Tape(fault=lambda commit: OSError("disk full") if commit == 1 else None)

    async def scenario(_clock: SimulatedClock) -> list[object]:
        async with Committer(tape, failures.append) as committer:
            await committer.commit([intent(1)])
            together = [asyncio.create_task(committer.commit([intent(number)])) for number in (2, 3)]
            outcomes: list[object] = [*await asyncio.gather(*together, return_exceptions=True)]
            committer.hand_in([result(1)])
            return [*outcomes, *await asyncio.gather(committer.commit([intent(4)]), return_exceptions=True)]

    outcomes = simulate(scenario)
    assert [str(each) for each in outcomes] == ["disk full"] * 3
    assert [str(each) for each in failures] == ["disk full"]
    assert tape.steps == [intent(1)]


def test_a_waiter_who_is_cancelled_disturbs_nobody() -> None:
    tape = Tape()

    async def scenario(clock: SimulatedClock) -> None:
        async with Committer(tape, nothing_failed) as committer:
            first, second = (asyncio.create_task(committer.commit([intent(number)])) for number in (1, 2))
            await clock.sleep(0.5)
            first.cancel()
            await second

    simulate(scenario, thread_seconds=lambda: 1.0)
    assert tape.steps == [intent(1), intent(2)]


def test_all_commits_are_made_in_one_thread_that_is_not_the_loop_s() -> None:
    threads: set[int] = set()

    class Watched(Tape):
        def record(self, transitions: Sequence[Transition]) -> None:
            threads.add(threading.get_ident())
            super().record(transitions)

    async def scenario() -> None:
        async with Committer(Watched(), nothing_failed) as committer:
            for number in range(20):
                await committer.commit([intent(number)])

    asyncio.run(scenario())
    assert len(threads) == 1
    assert threading.get_ident() not in threads
