"""Whoever stops a run does not wait for servers that have no mail yet."""

import asyncio

import pytest

from batchmail.executor.executor import run
from batchmail.executor.interrupt import Interruption
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec
from batchmail.outcome import Sent
from batchmail.simulation import Answer, Script, ScriptedSender, SimulatedClock, Tape, simulate
from tests.executor.world import envelope


class Silent(ScriptedSender):
    """A connection to a server that does not greet for a minute."""

    async def ready(self) -> None:
        await asyncio.sleep(60)


@pytest.mark.parametrize("interruptions", [1, 2])
def test_a_server_that_says_nothing_is_not_waited_for_before_it_has_a_mail(interruptions: int) -> None:
    tape = Tape()

    async def scenario(clock: SimulatedClock) -> tuple[RunResult, float]:
        script, interruption = Script(clock, lambda _message, _number: Answer(Sent(), 1)), Interruption()
        for _ in range(interruptions):
            asyncio.get_running_loop().call_later(5, interruption.request)
        setup = Setup(tape, lambda: Silent(script), Limiter([], clock), clock, SendSpec(concurrency=3))
        result = await run(map(envelope, range(9)), setup, interruption=interruption)
        assert script.open_now == 0
        return result, clock.monotonic()

    result, ended = simulate(scenario)
    assert result.interrupted
    assert result.requests == 0
    assert tape.steps == []
    assert ended < 6


def test_without_an_interruption_it_is_waited_for() -> None:
    async def scenario(clock: SimulatedClock) -> RunResult:
        script = Script(clock, lambda _message, _number: Answer(Sent(), 1))
        setup = Setup(Tape(), lambda: Silent(script), Limiter([], clock), clock, SendSpec(concurrency=3))
        return await run(map(envelope, range(9)), setup)

    assert simulate(scenario).counts.sent == 9
