"""Few have an intent and have not begun: a crash puts those in doubt for nothing."""

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

from batchmail.clock import SystemClock
from batchmail.delivery import DeliveryState
from batchmail.executor.doorway import Doorway, width
from batchmail.executor.executor import run
from batchmail.executor.pacing import Limiter
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec
from batchmail.message import Message
from batchmail.outcome import Outcome, Sent
from batchmail.providers.base import Transmission
from batchmail.simulation import Answer, Script, ScriptedSender, SimulatedClock, Tape, simulate
from tests.executor.world import envelope


async def turns(gate: asyncio.Event) -> str:
    """Lets others have their turn, then waits."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await gate.wait()
    return "given"


def ended_after(number: int) -> bool:
    """Whether the next can enter a doorway for one when a transmission had so many turns of the loop."""

    async def scenario() -> bool:
        doorway, gate = Doorway(1, SystemClock()), asyncio.Event()

        async def send() -> str:
            with await doorway.enter() as passage:
                return await passage.to(lambda: turns(gate))()

        sending = asyncio.create_task(send())
        for _ in range(number):
            await asyncio.sleep(0)
        entered = asyncio.create_task(enter(doorway))
        await asyncio.sleep(0)
        found = entered.done()
        gate.set()
        assert await sending == "given"
        await entered
        return found

    return asyncio.run(scenario())


async def enter(doorway: Doorway) -> None:
    with await doorway.enter():
        pass


@pytest.mark.parametrize(("number", "ended"), [(0, False), (1, False), (3, True)])
def test_a_passage_ends_with_the_first_wait_and_not_with_a_turn_of_the_loop(number: int, *, ended: bool) -> None:
    assert ended_after(number) is ended


def test_what_is_raised_and_what_is_cancelled_goes_through_it() -> None:
    async def scenario() -> list[str]:
        doorway, seen = Doorway(1, SystemClock()), list[str]()

        async def fails() -> None:
            await asyncio.sleep(0.001)
            raise OSError("broken")

        async def waits() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        async def send(transmission: Callable[[], Awaitable[None]]) -> None:
            with await doorway.enter() as passage:
                await passage.to(transmission)()

        with pytest.raises(OSError, match="broken"):
            await send(fails)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(waits), 0.001)
        await enter(doorway)
        return seen

    assert asyncio.run(scenario()) == ["cancelled"]


def test_a_passage_ends_after_a_task_that_does_the_writing_has_written() -> None:
    async def scenario() -> list[str]:
        doorway, seen, answered = Doorway(1, SystemClock()), list[str](), asyncio.Event()

        async def writes() -> None:
            seen.append("written")
            answered.set()

        async def transmit() -> None:
            writing = asyncio.create_task(writes())
            await answered.wait()
            await writing

        async def follows() -> None:
            with await doorway.enter():
                seen.append("the next one")

        with await doorway.enter() as passage:
            following = asyncio.create_task(follows())
            await asyncio.sleep(0)
            await passage.to(transmit)()
        await following
        return seen

    assert asyncio.run(scenario()) == ["written", "the next one"]


@pytest.mark.parametrize("concurrency", [2, 16, 64])
def test_while_mails_are_put_together_few_have_an_intent(concurrency: int) -> None:
    """Each takes a turn of the loop before its first byte, as with a busy processor."""
    begun: set[str] = set()
    most = 0

    class Slow(ScriptedSender):
        def prepare(self, message: Message) -> Transmission:
            transmission = super().prepare(message)

            async def transmit() -> Outcome:
                nonlocal most
                intents = {step.delivery for step in tape.steps if step.state is DeliveryState.SENDING}
                most = max(most, len(intents) - len(begun))
                for _ in range(5):
                    await asyncio.sleep(0)
                begun.add(message.subject)
                return await transmission()

            return transmit

    async def scenario(clock: SimulatedClock) -> None:
        script = Script(clock, lambda _message, _number: Answer(Sent(), 1))
        setup = Setup(tape, lambda: Slow(script), Limiter([], clock), clock, SendSpec(concurrency=concurrency))
        await run(map(envelope, range(100)), setup)

    tape = Tape()
    simulate(scenario)
    assert len(begun) == 100
    assert most == width(concurrency, 0.0, 1.0)


@pytest.mark.parametrize(
    ("connections", "inside", "outside", "places"),
    [
        (1, 0.004, 0.001, 1),
        (4, 0.004, 0.001, 4),
        (64, 0.0, math.inf, 16),  # before the first answer
        (64, 0.0, 0.0, 16),
        (64, 0.004, 0.05, 16),
        (64, 0.004, 0.012, 24),
        (64, 0.004, 0.004, 48),
        (64, 0.004, 0.001, 64),
        (16, 0.004, 0.05, 8),
        (16, 0.004, 0.004, 12),
    ],
)
def test_the_doorway_is_wide_where_the_disk_takes_long_beside_the_provider(
    connections: int, inside: float, outside: float, places: int
) -> None:
    assert width(connections, inside, outside) == places


def most_inside(answer_seconds: float) -> int:
    """How many intents were on their way to the disk at a time, of 64 mails in flight, with a slow disk."""

    async def scenario(clock: SimulatedClock) -> None:
        script = Script(clock, lambda _message, _number: Answer(Sent(), answer_seconds))
        await run(map(envelope, range(2000)), Setup(tape, script.open, Limiter([], clock), clock, spec))

    tape, spec = Tape(), SendSpec(concurrency=64)
    simulate(scenario, thread_seconds=lambda: 0.004)
    return max(sum(step.state is DeliveryState.SENDING for step in commit) for commit in tape.commits)


def test_a_slow_disk_serves_many_at_a_time_where_the_provider_is_quick() -> None:
    assert most_inside(0.5) <= 16
    assert most_inside(0.002) > 48


def test_who_is_cancelled_while_waiting_for_a_place_takes_none() -> None:
    async def scenario() -> None:
        doorway = Doorway(1, SystemClock())
        with await doorway.enter():
            waiting = [asyncio.create_task(enter(doorway)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            await asyncio.sleep(0)
        waiting[1].cancel()  # it has a place by now, and has not had its turn
        await asyncio.wait_for(waiting[2], 5)
        assert [each.cancelled() for each in waiting] == [True, True, False]
        await asyncio.wait_for(enter(doorway), 5)

    asyncio.run(scenario())
