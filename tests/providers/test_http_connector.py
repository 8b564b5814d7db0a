"""When a connection serves for another mail, and what becomes of one that is given up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest

from batchmail.event_loop import LoopFactory
from batchmail.fastest_loop import fastest_loop
from batchmail.outcome import Refused, Sent
from batchmail.providers.http import CHUNK, Timeouts, _OutgoingBody, _Phase

if TYPE_CHECKING:
    from tests.providers.conftest import Api, Outbox, Server, Visit

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
Run = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a scenario in Python's own loop, and in the fastest one where there is another."""
    factory: LoopFactory = asyncio.new_event_loop
    if request.param == "uvloop":
        monkeypatch.delitem(sys.modules, "uvloop")
        factory = fastest_loop()
        if factory is asyncio.new_event_loop:
            pytest.skip("there is no uvloop for this system")

    def completed(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(scenario())

    return completed


def test_a_server_that_speaks_first_is_not_asked_and_not_called_again_at_once(
    run: Run, server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def speak_first(visit: Visit) -> None:
        await visit.say(b"220 mail.example ESMTP\r\n")
        await visit.stay_silent()

    async def scenario() -> None:
        async with server(speak_first) as there:
            [outcome] = await outbox.send(mail_api(there.url), Timeouts(answer=0.2))
            # Python's own loop may see what was said only after the mail was handed over.
            assert isinstance(outcome, Refused) or "handed over" in str(outcome)
            assert there.connections == 1

    run(scenario)


def test_a_connection_that_ends_after_its_answer_is_not_used_for_the_next_mail(
    run: Run, server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    """The server does not say that it closes, and nothing tells the loop between two mails."""

    async def answer_once(visit: Visit) -> None:
        await visit.request()
        await visit.say(ACCEPTED)

    async def scenario() -> None:
        async with server(answer_once) as there:
            assert await outbox.send(mail_api(there.url), times=30) == [Sent()] * 30
            assert there.connections == 30

    run(scenario)


def test_what_is_left_of_a_mail_that_was_given_up_does_not_leave_later(
    run: Run, server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    size = 48_000_000
    given_up, arrived = asyncio.Event(), asyncio.Queue[int]()

    async def read_late(visit: Visit) -> None:
        await visit.some(1_000)
        await given_up.wait()
        got = 1_000
        try:
            while got < size:
                await visit.some(1_000)
                got += 1_000
        finally:
            arrived.put_nowait(got)

    async def scenario() -> None:
        async with (
            server(read_late) as there,
            outbox.sender(mail_api(there.url, (bytes(size),)), Timeouts(write=0.2)) as ours,
        ):
            outcome = await ours.prepare(outbox.message)()
            assert isinstance(outcome, Refused)
            assert outcome.code == "connection-stalled"
            given_up.set()
            assert await asyncio.wait_for(arrived.get(), 20) < size

    run(scenario)


def test_once_there_is_an_answer_no_further_piece_leaves_or_counts() -> None:
    async def scenario() -> None:
        body = _OutgoingBody((bytes(2 * CHUNK),), Timeouts())
        pieces = body.__aiter__()
        async with body.deadline:
            assert len(await anext(pieces)) == CHUNK
        with pytest.raises(RuntimeError):
            await anext(pieces)
        assert body.phase is _Phase.SENDING

    asyncio.run(scenario())
