"""Who may not be written to any more gets nothing, however long the mail has waited to leave."""

import threading
from dataclasses import dataclass, field

import pytest

from batchmail.delivery import Counts, DeliveryState, Envelope, Leaving
from batchmail.errors import InputChanged
from batchmail.job import SendSpec
from batchmail.message import Message
from batchmail.outcome import Refused, Sent
from batchmail.rate import Rate
from batchmail.simulation import Answer
from tests.executor.world import World, ending, envelope, states

SKIPPED = DeliveryState.SKIPPED


@dataclass
class List:
    """Whoever stands here may not be written to."""

    named: set[str] = field(default_factory=set)
    looks: list[str] = field(default_factory=list)

    def look(self, waiting: Envelope) -> Leaving:
        self.looks.append(threading.current_thread().name)
        kept = tuple(each for each in waiting.deliveries if self.named.isdisjoint(each.to))
        if kept == waiting.deliveries:
            return Leaving(waiting)
        own = {mailbox for each in kept for mailbox in each.to}
        rest = tuple(to for to in waiting.message.to if to.mailbox in own)
        skipped = tuple((each, "named") for each in waiting.deliveries if each not in kept)
        return Leaving(Envelope(waiting.message.addressed(rest), kept) if kept else None, skipped)


def naming(named: List, *people: str, at: int = 0) -> World:
    """Mails to p0, p10, p20, …, one a minute; some people are named when the mail with this number is handed over."""

    def answer(_message: Message, number: int) -> Answer:
        if number == at:
            named.named.update(f"{each}@example.com" for each in people)
        return Answer(Sent(), 1)

    return World(map(envelope, range(12)), answer, rates=(Rate(1, 60.0),), look=named.look)


def test_who_is_named_while_the_mail_waits_for_the_limiter_gets_nothing() -> None:
    """With two at work, the next but one has been prepared, and waits for its minute."""
    world = naming(List(), "p10", "p20", "p30")
    counts, requests, *_ = ending(world.run())
    assert (counts, requests) == (Counts(sent=9), 9)
    assert world.subjects == ["0", *map(str, range(4, 12))]
    skipped = [step for step in world.tape.steps if step.state is SKIPPED]
    assert {(step.delivery, step.reason, step.attempt) for step in skipped} == {(n, "named", 0) for n in (10, 20, 30)}


def test_those_who_are_kept_back_take_no_time_of_the_others() -> None:
    world = naming(List(), *(f"p{number}0" for number in range(2, 12)))
    _, _, seconds, _ = ending(world.run())
    assert seconds <= 2 * 61


def test_who_is_named_while_a_refused_mail_waits_is_skipped_after_its_attempt() -> None:
    named = List()

    def answer(_message: Message, _number: int) -> Answer:
        named.named.add("p0@example.com")
        return Answer(Refused("451", "later"), 1)

    world = World([envelope(0, attempts=3)], answer, look=named.look)
    world.run()
    sending, queued, skipped = world.tape.steps
    assert [each.state for each in (sending, queued, skipped)] == [DeliveryState.SENDING, DeliveryState.QUEUED, SKIPPED]
    assert sending.attempt == skipped.attempt == 4


def test_of_those_who_travel_together_the_others_get_their_mail() -> None:
    named = List({"p2@example.com"})
    world = World([envelope(0, deliveries=4)], look=named.look)
    assert world.run().counts == Counts(sent=3)
    ((_, message),) = world.script.handed_over
    assert [to.mailbox for to in message.to] == [f"p{n}@example.com" for n in (0, 1, 3)]


def test_a_mail_that_is_another_one_now_stays_queued() -> None:
    world = World(map(envelope, range(2)), look=lambda each: Leaving(each if each.message.subject == "1" else None))
    assert world.run().counts == Counts(sent=1)
    assert {delivery for delivery, _ in states(world)} == {10}


@pytest.mark.parametrize("named", [{0}, {0, 1, 2}, set(range(12))])
def test_a_canary_has_as_many_mails_as_the_job_says(named: set[int]) -> None:
    people = List({f"p{number * 10}@example.com" for number in named})
    world = World(map(envelope, range(12)), spec=SendSpec(concurrency=2, canary=3), look=people.look)
    assert world.run().counts == Counts(sent=12 - len(named))
    canary = [message.subject for at, message in world.script.handed_over if at < 2.5]
    assert canary[:3] == [str(number) for number in range(12) if number not in named][:3]


def test_a_list_that_cannot_be_read_stops_the_run_before_an_intent() -> None:
    def look(_waiting: Envelope) -> Leaving:
        raise InputChanged("list.txt")

    world = World(map(envelope, range(4)), look=look)
    assert isinstance(world.run().error, InputChanged)
    assert world.tape.commits == []


def test_ctrl_c_is_heard_among_many_who_are_skipped() -> None:
    """Each takes a hundredth of a second, to look and to record."""
    world = World(
        map(envelope, range(10_000)),
        look=lambda waiting: Leaving(None, tuple((each, "named") for each in waiting.deliveries)),
        interrupted_at=(1.0,),
    )
    result = world.run()
    assert result.interrupted
    assert result.seconds < 1.1
    assert 0 < len(world.tape.steps) < 1_000


def test_many_who_are_skipped_are_recorded_in_groups_and_nobody_looks_in_the_loop() -> None:
    named = List({f"p{number * 10}@example.com" for number in range(1_000)})
    world = World(map(envelope, range(1_000)), spec=SendSpec(concurrency=16), look=named.look)
    world.run()
    assert len(world.tape.steps) == 1_000
    assert len(world.tape.commits) <= 1_000 / 10
    assert threading.current_thread().name not in named.looks
