"""A connection to a mail server keeps what the server was asked for, and little else."""

from __future__ import annotations

import asyncio
from itertools import repeat

import pytest

from batchmail.providers.smtp_wire import SURPLUS, Handover, SmtpTimeouts, Wire

OK = b"250 Ok\r\n"


class Line(asyncio.Transport):
    """A connection in memory, which takes whatever is written."""

    def __init__(self) -> None:
        super().__init__()
        self.over = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Nobody but the test says anything."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """It has arrived."""

    def is_closing(self) -> bool:
        return self.over

    def abort(self) -> None:
        self.over = True


def heard_before_the_end(replies: int, *said: str, reply: bytes = OK) -> int:
    """How many of these replies to these commands are taken in."""

    async def scenario() -> int:
        line = Line()
        wire = Wire(line, SmtpTimeouts(), ())
        if said:
            wire.say(*said)
        for number, data in enumerate(repeat(reply, replies)):
            if line.over:
                return number
            wire.data_received(data)
        return replies

    return asyncio.run(scenario())


@pytest.mark.parametrize("reply", [OK, b"250-a\r\n250 b\r\n", b"what\r\n", b"x" * 40_000])
def test_a_server_that_does_not_stop_talking_is_hung_up_on(reply: bytes) -> None:
    assert heard_before_the_end(300_000, reply=reply) == SURPLUS + 1


def test_whoever_asks_much_is_answered_much() -> None:
    assert heard_before_the_end(5_000, *["RCPT TO:<kim@example.com>"] * 5_000) == 5_000


def test_answers_that_were_heard_are_owed_no_more() -> None:
    async def scenario() -> bool:
        line = Line()
        wire = Wire(line, SmtpTimeouts(), ())
        for _ in range(3 * SURPLUS):
            wire.say("NOOP")
            wire.data_received(OK)
            await wire.hear()
        wire.data_received(OK * SURPLUS)
        kept = wire.alive
        wire.data_received(OK)
        return kept and not wire.alive

    assert asyncio.run(scenario())


def test_the_answer_to_a_mail_counts_even_where_far_too_much_follows() -> None:
    async def scenario() -> tuple[int, bool, bool]:
        line = Line()
        wire = Wire(line, SmtpTimeouts(), ())
        handover = Handover()
        answer = asyncio.ensure_future(wire.content([b"Dear Kim\r\n"], handover))
        await asyncio.sleep(0)
        wire.data_received(b"250 2.0.0 Ok: queued as 4Xyz\r\n" + OK * 2 * SURPLUS)
        return (await answer).code, handover.complete, wire.usable

    assert asyncio.run(scenario()) == (250, True, False)
