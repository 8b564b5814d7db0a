"""Copies that were refused for now are tried again by themselves, and greylisted mails in their own time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from batchmail.delivery import Counts, DeliveryState
from batchmail.executor.executor import COPIES_PATIENCE_SECONDS
from batchmail.job import SendSpec
from batchmail.message import Message
from batchmail.outcome import Divided, Outcome, Refused, Rejected, Rest, Sent
from batchmail.rate import Rate
from batchmail.simulation import Answer
from tests.executor.world import World, envelope, states

MISSED = Rejected("451", "greylisted (tried again)")
GREYLISTED = Refused("451", "greylisted", strained=False, patient=True)
REFUSED = Refused("451", "not now")
LIMITED = Refused("429", "too many", 30.0, attempt=False)


@dataclass
class Copies:
    """The rest of a mail that the second of its people has not got yet: it is refused as told, then taken."""

    refusals: Sequence[Refused]
    times: list[float] = field(default_factory=list)

    def outcome(self, number: int = 0) -> Outcome:
        if number == len(self.refusals):
            return Sent("id")

        async def transmit() -> Outcome:
            self.times.append(asyncio.get_running_loop().time())
            return self.outcome(number + 1)

        return Divided({"p11@example.com": MISSED}, {}, "id", Rest(1, self.refusals[number], transmit))


def world_of(copies: Copies, **more: object) -> World:
    """A run of one mail to two people, then of nine to one each."""

    def answer(message: Message, _number: int) -> Answer:
        return Answer(copies.outcome() if message.subject == "1" else Sent(), 1)

    people = [envelope(1, deliveries=2), *(envelope(number) for number in range(2, 11))]
    return World(people, answer, **more)  # type: ignore[arg-type]  # whatever a World takes


def test_a_copy_is_tried_again_with_the_backoff_of_a_mail_while_others_go_on() -> None:
    copies = Copies([REFUSED, REFUSED])
    world = world_of(copies)
    result = world.run()
    assert result.counts == Counts(sent=11)
    assert result.requests == 12
    assert [round(time) for time in copies.times] == [2, 4]


def test_a_greylisted_copy_is_waited_for_and_nobody_else_is() -> None:
    copies = Copies([GREYLISTED, GREYLISTED, GREYLISTED])
    world = world_of(copies)
    result = world.run()
    assert result.counts == Counts(sent=11)
    assert copies.times[-1] > 7 * 60
    assert max(world.times) < 60
    waiting = [progress for progress in world.progress if progress.postponed]
    assert waiting
    assert max(progress.postponed for progress in waiting) == 1
    assert 60 < max(progress.postponed_seconds for progress in waiting) < 300


def test_a_copy_that_is_refused_to_the_last_is_told_as_missed_and_the_mail_is_sent_in_part() -> None:
    copies = Copies([REFUSED] * 9)
    world = world_of(copies, spec=SendSpec(concurrency=2, attempts=3))
    result = world.run()
    assert result.counts == Counts(sent=10, rejected=1)
    assert len(copies.times) == 2


def test_the_wait_for_copies_is_bounded() -> None:
    copies = Copies([GREYLISTED] * 99)
    world = world_of(copies, spec=SendSpec(concurrency=2, attempts=99))
    world.run()
    assert copies.times[-1] < COPIES_PATIENCE_SECONDS + 60


def test_an_interruption_ends_the_wait_for_a_copy_at_once_and_it_is_told_as_missed() -> None:
    copies = Copies([GREYLISTED] * 9)
    world = world_of(copies, interrupted_at=(20.0,))
    result = world.run()
    assert result.interrupted
    assert result.seconds < 25
    assert dict(states(world))[11] is DeliveryState.REJECTED
    assert dict(states(world))[10] is DeliveryState.SENT
    assert copies.times == []


def test_a_rate_limit_met_by_a_copy_makes_the_whole_run_wait() -> None:
    copies = Copies([LIMITED])
    world = world_of(copies, rates=(Rate(100, 1.0),))
    assert world.run().counts == Counts(sent=11)
    assert copies.times[0] >= 30
    assert len([time for time in world.times if time < 30]) <= 4


def test_every_copy_waits_for_the_rate() -> None:
    copies = Copies([REFUSED])
    world = world_of(copies, rates=(Rate(1, 10.0),))
    world.run()
    moments = sorted([*world.times, *copies.times])
    assert all(later - earlier >= 9.9 for earlier, later in pairwise(moments))


def test_a_greylisted_mail_waits_by_itself_and_the_others_are_sent_meanwhile() -> None:
    met: set[str] = set()

    def answer(message: Message, number: int) -> Answer:
        del number
        new = message.subject not in met
        met.add(message.subject)
        return Answer(GREYLISTED if new and int(message.subject) <= 40 else Sent(), 1)

    world = World([envelope(number) for number in range(1, 101)], answer, retries=0)
    result = world.run()
    assert result.closed is None
    assert result.counts == Counts(sent=100)
    first = [time for time, subject in zip(world.times, world.subjects, strict=True) if int(subject) > 40]
    assert max(first) < 60
    assert max(world.times) < 120
    assert max(progress.postponed for progress in world.progress) == 40
