"""The line between a run and a courier: what is said is heard, once and in order."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from batchmail.couriers.line import Line
from tests.couriers.desk import played

SAID = st.text() | st.binary() | st.integers() | st.lists(st.text(max_size=3), max_size=3)


class Wire(asyncio.Transport):
    """A way over the network that keeps what is put on it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(data))


@dataclass
class End:
    """One end of a line, and what has come of it; `enough` tells that it has heard as much as it waits for."""

    heard: list[object] = field(default_factory=list)
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    losses: int = 0
    unsayable: list[tuple[object, Exception]] = field(default_factory=list)
    expected: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def line(self) -> Line[object, object]:
        return Line(self._hear, self._lose, lambda what, error: self.unsayable.append((what, error)))

    async def at(self, end: socket.socket) -> Line[object, object]:
        line = self.line()
        await asyncio.get_running_loop().connect_accepted_socket(lambda: line, end)
        return line

    def _hear(self, what: object) -> None:
        self.heard.append(what)
        if len(self.heard) == self.expected:
            self.enough.set()

    def _lose(self) -> None:
        self.losses += 1
        self.lost.set()


async def written(turns: Sequence[Sequence[object]]) -> list[bytes]:
    wire, line = Wire(), End().line()
    line.connection_made(wire)
    for turn in turns:
        for each in turn:
            line.say(each)
        await asyncio.sleep(0)
    return wire.pieces


@given(st.lists(st.lists(SAID, max_size=4), max_size=4), st.lists(st.integers(1, 40)))
def test_what_is_said_is_heard_in_order_however_its_bytes_are_cut(turns: list[list[object]], cuts: list[int]) -> None:
    async def scenario() -> list[object]:
        arriving, end = b"".join(await written(turns)), End()
        line = end.line()
        for cut in cuts:
            line.data_received(arriving[:cut])
            arriving = arriving[cut:]
        line.data_received(arriving)
        return end.heard

    assert played(scenario()) == [each for turn in turns for each in turn]


@given(st.lists(st.lists(SAID, min_size=1, max_size=4), max_size=4))
def test_what_is_said_in_one_turn_goes_in_one_piece(turns: list[list[object]]) -> None:
    assert len(played(written(turns))) == len(turns)


def test_all_that_was_said_before_the_end_is_heard_and_nothing_after_it() -> None:
    async def scenario() -> None:
        near, far = socket.socketpair()
        here, there = End(), End()
        line = await here.at(near)
        await there.at(far)
        line.say("before")
        line.hang_up()
        line.say("after")
        await there.lost.wait()
        line.say("long after")
        await asyncio.sleep(0)
        assert there.heard == ["before"]
        assert (here.losses, there.losses) == (1, 1)

    played(scenario())


def test_both_ends_may_say_much_at_a_time() -> None:
    much = ["x" * 1_000_000] * 5

    async def scenario() -> None:
        near, far = socket.socketpair()
        here, there = End(expected=len(much)), End(expected=len(much))
        lines = await here.at(near), await there.at(far)
        for each in much:
            for line in lines:
                line.say(each)
        await asyncio.gather(here.enough.wait(), there.enough.wait())
        lines[0].hang_up()
        await here.lost.wait()
        await there.lost.wait()
        assert here.heard == there.heard == much

    played(scenario())


def test_what_cannot_be_packed_is_given_back_and_the_rest_of_its_turn_is_heard() -> None:
    def local() -> None: ...

    async def scenario() -> None:
        wire, here, there = Wire(), End(), End()
        line = here.line()
        line.connection_made(wire)
        for each in ("one", local, "two"):
            line.say(each)
        await asyncio.sleep(0)
        there.line().data_received(b"".join(wire.pieces))
        assert there.heard == ["one", "two"]
        [(what, error)] = here.unsayable
        assert what is local
        assert "local" in str(error)

    played(scenario())


def test_what_makes_no_sense_ends_the_line_at_both_ends() -> None:
    async def scenario() -> None:
        failures: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["message"]))
        near, far = socket.socketpair()
        here, there = End(), End()
        line = await here.at(near)
        await there.at(far)
        near.send((5).to_bytes(8, "big") + b"hello")
        await there.lost.wait()
        await here.lost.wait()
        line.say("more")
        assert there.heard == []
        assert failures

    played(scenario())
