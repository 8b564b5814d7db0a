"""Faults on demand do what they say, seen from the other end of the wire."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from batchmail.emulator import Answer, Cut, Fault, Faults, HalfAnswer, RunningWorks, Silence, works_emulator
from tests.emulator.bench import ManualClock
from tests.emulator.wire import Client, connect, raw_request, read_to_the_end

BUSY = Answer(503, b"<html>busy</html>", (("Content-Type", "text/html"), ("Retry-After", "7")))


class Gate(ManualClock):
    """A clock on which sleepers sleep until the test lets them go."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = threading.Event()
        self.slept = 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept = seconds
        self._loop = asyncio.get_running_loop()
        self._open = asyncio.Event()
        self.asleep.set()
        await self._open.wait()

    def open(self) -> None:
        self._loop.call_soon_threadsafe(self._open.set)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def works(faults: Faults, gate: Gate) -> Iterator[RunningWorks]:
    with works_emulator(faults=faults, clock=gate) as running:
        yield running


def answered(works: RunningWorks) -> bytes:
    """All that comes back before the connection is closed."""
    with connect(works) as connection:
        connection.sendall(raw_request(works))
        return read_to_the_end(connection)


def test_an_answer_can_replace_the_emulators_own(works: RunningWorks, faults: Faults) -> None:
    faults.at(Fault(BUSY), 1)
    with Client(works) as client:
        answer = client.send()
        assert (answer.status, answer.body) == (503, b"<html>busy</html>")
        assert (answer.headers["retry-after"], answer.headers["content-type"]) == ("7", "text/html")
        assert works.inbox.accepted == 0
        assert client.send().status == 202


def test_a_mail_can_be_accepted_and_answered_with_an_error(works: RunningWorks, faults: Faults) -> None:
    faults.at(Fault(Answer(500), handled=True), 1)
    with Client(works) as client:
        answer = client.send()
    assert (answer.status, answer.body) == (500, b"")
    assert works.inbox.accepted == 1


@pytest.mark.parametrize(("handled", "accepted"), [(False, 0), (True, 1)])
def test_a_cut_connection_is_closed_without_one_byte(
    works: RunningWorks, faults: Faults, *, handled: bool, accepted: int
) -> None:
    faults.at(Fault(Cut(), handled=handled), 1)
    assert answered(works) == b""
    assert (works.inbox.requests, works.inbox.accepted) == (1, accepted)


def test_an_answer_can_break_off_in_the_middle(works: RunningWorks, faults: Faults) -> None:
    faults.at(Fault(HalfAnswer(BUSY, kept=6), handled=True), 1)
    head, _, body = answered(works).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"content-length: 17" in head
    assert body == b"<html>"


def test_silence_lasts_until_the_client_gives_up(works: RunningWorks, faults: Faults) -> None:
    faults.at(Fault(Silence(), handled=True), 1)
    with connect(works) as connection:
        connection.sendall(raw_request(works))
        while not works.inbox.accepted:
            pass
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


def test_the_emulator_can_end_while_it_is_silent(faults: Faults) -> None:
    with works_emulator(faults=faults.at(Fault(Silence(), handled=True), 1)) as works, connect(works) as connection:
        connection.sendall(raw_request(works))
        while not works.inbox.accepted:
            pass


def test_an_answer_can_be_late(works: RunningWorks, faults: Faults, gate: Gate) -> None:
    faults.at(Fault(wait_seconds=30), 1)
    with connect(works) as connection:
        connection.sendall(raw_request(works))
        assert gate.asleep.wait(10)
        assert (gate.slept, works.inbox.accepted) == (30, 0)
        gate.open()
        assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")
    assert works.inbox.accepted == 1


def test_a_mail_can_be_accepted_at_once_and_answered_late(works: RunningWorks, faults: Faults, gate: Gate) -> None:
    faults.at(Fault(handled=True, wait_seconds=30), 1)
    with connect(works) as connection:
        connection.sendall(raw_request(works))
        assert gate.asleep.wait(10)
        assert works.inbox.accepted == 1
        gate.open()
        assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")
    assert works.inbox.accepted == 1


def test_a_client_that_leaves_while_it_waits_has_sent_nothing(faults: Faults, gate: Gate) -> None:
    faults.at(Fault(wait_seconds=30), 1)
    with works_emulator(faults=faults, clock=gate) as works:
        with connect(works) as connection:
            connection.sendall(raw_request(works))
            assert gate.asleep.wait(10)
        with Client(works) as client:
            assert client.send().status == 202
    assert (works.inbox.requests, works.inbox.accepted) == (2, 1)


def test_the_emulator_can_end_while_somebody_waits(faults: Faults, gate: Gate) -> None:
    with works_emulator(faults=faults.at(Fault(wait_seconds=30), 1), clock=gate) as works:
        connection = connect(works)
        connection.sendall(raw_request(works))
        assert gate.asleep.wait(10)
    with connection:
        assert reset_or_end(connection) == b""
    assert works.inbox.accepted == 0


def reset_or_end(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def test_faults_strike_the_requests_with_their_numbers(works: RunningWorks, faults: Faults) -> None:
    faults.at(Fault(Answer(500)), 2, 4)
    with Client(works) as client:
        client.request("GET", "/users/me/mail/mailfolders")
        assert [client.send().status for _ in range(5)] == [202, 500, 202, 500, 202]


def test_faults_strike_what_a_predicate_says(works: RunningWorks, faults: Faults) -> None:
    faults.when(Fault(Answer(500)), lambda incoming: b"kim@x.example" in incoming.body)
    faults.when(Fault(Answer(503)), lambda incoming: incoming.method == "GET")
    with Client(works) as client:
        assert [client.send(to=to).status for to in ("kim@x.example", "lee@x.example")] == [500, 202]
        assert client.request("GET", "/users/me/mail/mailfolders").status == 503


def test_the_first_fault_counts_and_all_can_be_cleared(works: RunningWorks, faults: Faults) -> None:
    faults.at(Fault(Answer(500)), 1, 2, 3).at(Fault(Answer(503)), 1)
    with Client(works) as client:
        assert client.send().status == 500
        faults.clear()
        assert client.send().status == 202


def test_the_connection_serves_on_after_a_refusal_but_not_after_a_cut(works: RunningWorks, faults: Faults) -> None:
    faults.at(Fault(Answer(500)), 1).at(Fault(Cut()), 3)
    with connect(works) as connection:
        for expected in (b"HTTP/1.1 500 ", b"HTTP/1.1 202 "):
            connection.sendall(raw_request(works))
            assert connection.recv(65536).startswith(expected)
        connection.sendall(raw_request(works))
        assert read_to_the_end(connection) == b""


def test_a_predicate_that_fails_is_heard_of(faults: Faults) -> None:
    faults.when(Fault(), lambda incoming: incoming.headers["absent"] == "")
    with pytest.raises(KeyError, match="absent"), works_emulator(faults=faults) as works, Client(works) as client:
        assert client.send().status == 500
