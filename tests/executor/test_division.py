"""An answer that differs by recipient settles each delivery in its own way."""

import re
from collections.abc import Callable
from dataclasses import replace

from batchmail.delivery import Counts, Delivery, DeliveryState
from batchmail.executor.reasons import LONGEST_LIST
from batchmail.executor.retry import Settle, SettleEach
from batchmail.job import SendSpec
from batchmail.message import Address, Message
from batchmail.outcome import Divided, InDoubt, Rejected, Sent
from batchmail.simulation import Answer
from tests.executor.world import World, answers, ending, envelope, states

WRONG = Rejected("wrongAddrList", "not an address")
UNSAID = InDoubt("nothing is said of it")
MESSAGE = Message((Address("a@x.jp"), Address("b@x.jp")), "Hello", "", cc=(Address("boss@x.jp"),))


def delivery(*to: str) -> Delivery:
    return Delivery(1, "1", 1, to, b"")


def test_whose_addresses_are_all_taken_is_sent() -> None:
    assert SettleEach({}).share(delivery("a@x.jp"), MESSAGE) == Settle(DeliveryState.SENT)
    assert SettleEach({"c@x.jp": WRONG}).share(delivery("a@x.jp"), MESSAGE) == Settle(DeliveryState.SENT)


def test_whose_every_address_is_refused_is_rejected() -> None:
    alone = replace(MESSAGE, cc=())
    settled = SettleEach({"A@x.jp": WRONG}).share(delivery("a@X.jp"), alone)
    assert settled == Settle(DeliveryState.REJECTED, "wrongAddrList: not an address")
    both = SettleEach({"a@x.jp": WRONG, "b@x.jp": WRONG}).share(delivery("a@x.jp", "b@x.jp"), alone)
    assert both == Settle(DeliveryState.REJECTED, "a@x.jp, b@x.jp: wrongAddrList: not an address")


def test_whose_copy_alone_is_taken_is_rejected_and_who_has_it_is_named() -> None:
    settled = SettleEach({"a@x.jp": WRONG}).share(delivery("a@x.jp"), MESSAGE)
    assert settled == Settle(DeliveryState.REJECTED, "a@x.jp: wrongAddrList: not an address; boss@x.jp got it")


def test_who_is_reached_in_part_is_sent_and_the_others_are_named() -> None:
    refused = {"b@x.jp": WRONG, "boss@x.jp": WRONG}
    settled = SettleEach(refused, provider_id="id-1").share(delivery("a@x.jp", "b@x.jp"), MESSAGE)
    reason = "not sent to b@x.jp, boss@x.jp: wrongAddrList: not an address"
    assert settled == Settle(DeliveryState.SENT, reason, "id-1", missed=True)
    assert settled.partial


def test_names_are_never_cut_and_counted_only_beyond_thousands_of_characters() -> None:
    people = tuple(f"person{number:04}@example.com" for number in range(1_000))
    few, many = people[:100], people
    for missing in (few, many):
        refused = {each: Rejected(f"{number % 2}", "unknown") for number, each in enumerate(missing)}
        message = Message(tuple(map(Address, ("a@x.jp", *missing))), "Hello", "")
        reason = SettleEach(refused).share(delivery("a@x.jp", *missing), message).reason
        named = sum(each in reason for each in missing)
        counted = sum(int(number.replace(",", "")) for number in re.findall(r" and ([\d,]+) more", reason))
        assert named + counted == len(missing)
        assert (counted > 0) == (missing is many)
        assert len(reason) < LONGEST_LIST + 200


def test_whose_address_is_in_doubt_is_in_doubt() -> None:
    doubtful = {"A@x.jp": UNSAID}
    alone = replace(MESSAGE, cc=())
    unknown = Settle(DeliveryState.IN_DOUBT, "nothing is said of it")
    assert SettleEach({}, doubtful).share(delivery("a@x.jp"), alone) == unknown
    settled = SettleEach({"b@x.jp": WRONG}, doubtful).share(delivery("b@x.jp", "a@x.jp"), alone)
    told = "in doubt: a@x.jp: nothing is said of it; not sent to b@x.jp: wrongAddrList: not an address"
    assert settled == Settle(DeliveryState.IN_DOUBT, told, missed=True)
    assert SettleEach({}, doubtful).share(delivery("c@x.jp"), MESSAGE) == Settle(DeliveryState.SENT)


def test_a_doubt_about_one_of_several_is_a_doubt_that_knows_who_has_it() -> None:
    settled = SettleEach({"boss@x.jp": WRONG}, {"b@x.jp": UNSAID}).share(delivery("a@x.jp", "b@x.jp"), MESSAGE)
    assert settled == Settle(
        DeliveryState.IN_DOUBT,
        "in doubt: b@x.jp: nothing is said of it; not sent to boss@x.jp: wrongAddrList: not an address; a@x.jp got it",
        reached=True,
        missed=True,
    )


def test_deliveries_that_travel_together_end_each_in_its_own_way() -> None:
    together = envelope(1, deliveries=3)
    world = World([together], answers(Divided({"p11@example.com": WRONG})))
    assert ending(world.run()) == (Counts(sent=2, rejected=1), 1, 1, False)
    sending, sent = DeliveryState.SENDING, DeliveryState.SENT
    assert states(world) == [
        (10, sending),
        (11, sending),
        (12, sending),
        (10, sent),
        (11, DeliveryState.REJECTED),
        (12, sent),
    ]
    assert {step.request for step in world.tape.steps} == {1}


def refusing(*people: str) -> Callable[[Message, int], Answer]:
    """Rejects every request with one of these people in it."""

    def answer(message: Message, _number: int) -> Answer:
        spoilt = any(address.mailbox in people for address in message.to)
        return Answer(Rejected("INVALID_PARAMETER", "not an address") if spoilt else Sent(), 1)

    return answer


def test_one_refused_address_does_not_cost_the_others_their_mail() -> None:
    world = World([envelope(1, deliveries=10)], refusing("p13@example.com"))
    result = world.run()
    assert result.counts == Counts(sent=9, rejected=1)
    final = dict(states(world))
    assert [delivery for delivery, state in final.items() if state is DeliveryState.REJECTED] == [13]
    assert result.requests <= 1 + 2 * 4


def test_a_text_that_is_never_taken_is_not_tried_with_everybody_alone() -> None:
    world = World(
        [envelope(number, deliveries=10) for number in range(100)],
        lambda _message, _number: Answer(Rejected("INVALID_PARAMETER", "the subject"), 1),
    )
    result = world.run()
    assert result.counts == Counts(rejected=1000)
    assert result.requests <= 100 + 2 * 20


def test_a_canary_that_reached_some_people_only_is_not_all_sent() -> None:
    divided = Divided({"p11@example.com": Rejected("550", "unknown")})
    first = envelope(1, deliveries=1)
    both = replace(first, message=first.message.addressed((Address("p10@example.com"), Address("p11@example.com"))))
    row = replace(both, deliveries=(replace(first.deliveries[0], to=("p10@example.com", "p11@example.com")),))
    world = World([row, envelope(2)], answers(divided), spec=SendSpec(concurrency=1, canary=1))
    result = world.run()
    assert result.counts == Counts(sent=1, partial=1)
    assert result.closed is not None
    assert "1 sent (1 of them in part)" in result.closed.reason
