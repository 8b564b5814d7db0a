"""The backlog: read ahead but not far, refused envelopes in due time."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from batchmail.delivery import Delivery, Envelope
from batchmail.executor.backlog import MOST_POSTPONED, Backlog, Entry
from batchmail.message import Address, Message
from batchmail.simulation import SimulatedClock, simulate


def envelope(number: int) -> Envelope:
    to = f"p{number}@example.com"
    return Envelope(Message((Address(to),), "Hello", "…"), (Delivery(number, to, number, (to,), b""),))


def number_of(entry: Entry | None) -> int | None:
    return None if entry is None else entry.envelope.deliveries[0].id


async def take_all(backlog: Backlog) -> list[int | None]:
    taken = []
    while (entry := await backlog.take()) is not None:
        taken.append(number_of(entry))
    return taken


def test_everything_comes_once_and_in_order() -> None:
    async def scenario(clock: SimulatedClock) -> list[int | None]:
        async with Backlog(map(envelope, range(50)), 4, clock) as backlog:
            return await take_all(backlog)

    assert simulate(scenario) == list(range(50))


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 8])
def test_any_length_of_the_feed_comes_to_an_end(length: int) -> None:
    async def scenario(clock: SimulatedClock) -> list[int | None]:
        async with Backlog(map(envelope, range(length)), 4, clock) as backlog:
            return await take_all(backlog)

    assert simulate(scenario) == list(range(length))


def test_it_reads_ahead_but_not_far() -> None:
    read: list[int] = []

    def feed() -> Iterator[Envelope]:
        for number in range(1_000):
            read.append(number)
            yield envelope(number)

    async def scenario(clock: SimulatedClock) -> None:
        async with Backlog(feed(), 8, clock) as backlog:
            for taken in range(1, 100):
                await backlog.take()
                await clock.sleep(1)
                assert taken + 7 <= len(read) <= taken + 16

    simulate(scenario)


def test_the_feed_is_read_and_closed_in_one_thread_that_is_not_the_loop_s() -> None:
    threads: list[int] = []

    def feed() -> Iterator[Envelope]:
        try:
            for number in range(1_000):
                threads.append(threading.get_ident())
                yield envelope(number)
        finally:
            threads.append(threading.get_ident())
            threads.append(-1)

    async def scenario(clock: SimulatedClock) -> None:
        async with Backlog(feed(), 3, clock) as backlog:
            await backlog.take()

    simulate(scenario)
    assert threads.pop() == -1
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads


def test_a_slow_feed_holds_up_nothing_else() -> None:
    async def scenario(clock: SimulatedClock) -> tuple[int | None, float]:
        async with Backlog(map(envelope, range(5)), 1, clock) as backlog:
            await backlog.take()
            backlog.put_back(Entry(envelope(99)), 0.5)
            return number_of(await backlog.take()), clock.monotonic()

    assert simulate(scenario, thread_seconds=lambda: 10.0) == (99, 10.5)


def test_what_was_put_back_comes_when_it_is_due_and_before_fresh_ones() -> None:
    async def scenario(clock: SimulatedClock) -> list[int | None]:
        async with Backlog(map(envelope, range(4)), 2, clock) as backlog:
            backlog.put_back(Entry(envelope(101)), 20)
            backlog.put_back(Entry(envelope(100)), 10)
            taken = [number_of(await backlog.take())]
            await clock.sleep(10)
            return [*taken, *await take_all(backlog)]

    assert simulate(scenario) == [0, 100, 1, 2, 3, 101]


def test_while_many_refused_ones_wait_no_fresh_one_is_begun() -> None:
    async def scenario(clock: SimulatedClock) -> tuple[int | None, float]:
        async with Backlog(map(envelope, range(1_000)), 2, clock) as backlog:
            for _ in range(4):
                entry = await backlog.take()
                assert entry is not None
                backlog.put_back(entry, 30)
            return number_of(await backlog.take()), clock.monotonic()

    assert simulate(scenario) == (0, 30)


def test_those_that_take_minutes_let_others_go_on_until_they_are_many() -> None:
    async def scenario(clock: SimulatedClock) -> list[tuple[int | None, float]]:
        async with Backlog(map(envelope, range(1_000)), 2, clock) as backlog:
            for number in range(MOST_POSTPONED):
                entry = await backlog.take()
                assert number_of(entry) == number
                assert entry is not None
                backlog.put_back(entry, 60 + number, postponed=True)
            return [(number_of(await backlog.take()), clock.monotonic()) for _ in range(2)]

    assert simulate(scenario) == [(0, 60), (MOST_POSTPONED, 60)]


def test_one_that_is_put_back_wakes_whoever_waits_for_a_later_one() -> None:
    async def scenario(clock: SimulatedClock) -> tuple[int | None, float]:
        async with Backlog(iter(()), 2, clock) as backlog:
            backlog.put_back(Entry(envelope(1)), 100)
            waiting = asyncio.create_task(backlog.take())
            await clock.sleep(1)
            backlog.put_back(Entry(envelope(2)), 5)
            return number_of(await waiting), clock.monotonic()

    assert simulate(scenario) == (2, 6)


def test_closing_sends_everybody_home_at_once() -> None:
    async def scenario(clock: SimulatedClock) -> tuple[list[Entry | None], float]:
        async with Backlog(map(envelope, range(1)), 2, clock) as backlog:
            backlog.put_back(Entry(envelope(9)), 1_000)
            await backlog.take()
            waiting = [asyncio.create_task(backlog.take()) for _ in range(3)]
            await clock.sleep(1)
            backlog.close()
            return [await each for each in waiting], clock.monotonic()

    assert simulate(scenario) == ([None] * 3, 1)


def test_closing_ends_a_reading_at_the_next_envelope() -> None:
    read: list[int] = []

    def feed(close: Callable[[], None]) -> Iterator[Envelope]:
        for number in range(1_000):
            read.append(number)
            if number == 3:
                close()
            yield envelope(number)

    async def scenario(clock: SimulatedClock) -> Entry | None:
        async with Backlog(feed(lambda: backlog.close()), 500, clock) as backlog:  # noqa: PLW0108 - bound one line on
            return await backlog.take()

    assert simulate(scenario) is None
    assert read == [0, 1, 2, 3]


def test_what_reading_raises_reaches_everybody() -> None:
    def feed() -> Iterator[Envelope]:
        yield envelope(0)
        raise OSError("the sheet is gone")

    async def scenario(clock: SimulatedClock) -> list[object]:
        async with Backlog(feed(), 1, clock) as backlog:
            assert number_of(await backlog.take()) == 0
            return [*await asyncio.gather(backlog.take(), backlog.take(), return_exceptions=True)]

    assert [str(each) for each in simulate(scenario)] == ["the sheet is gone"] * 2
