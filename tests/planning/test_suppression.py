"""A list finds exactly whom it names, in little memory, and takes them out of messages."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import Delivery, Envelope, Leaving
from batchmail.message import Address, Message
from batchmail.planning.suppression import SuppressionList, spare
from batchmail.planning.withholding import Withholding

MAILBOXES = st.builds("{}@{}.example".format, st.sampled_from("abcdef"), st.sampled_from("xyz"))


def listing(*entries: str) -> SuppressionList:
    listed = SuppressionList()
    listed.begin("list.txt")
    for line, entry in enumerate(entries, 1):
        listed.add(entry, line)
    return listed


def message(*to: str, cc: tuple[str, ...] = (), bcc: tuple[str, ...] = ()) -> Message:
    people = (tuple(map(Address, each)) for each in (to, cc, bcc))
    return Message(next(people), "Hello", "Hello", cc=next(people), bcc=next(people))


class Lists:
    """Lists that change when told to."""

    def __init__(self, *planned: str) -> None:
        self.planned = listing(*planned)
        self.now = self.planned

    def current(self) -> SuppressionList:
        return self.now


@given(st.lists(MAILBOXES), MAILBOXES)
def test_a_mailbox_is_found_where_it_stands_first_and_nowhere_else(entries: list[str], mailbox: str) -> None:
    expected = f"list.txt:{entries.index(mailbox) + 1}" if mailbox in entries else ""
    assert listing(*entries).named_at(mailbox.upper()) == expected


@given(st.lists(MAILBOXES), st.sets(st.sampled_from(["@x.example", "@y.example"])), st.lists(MAILBOXES, min_size=1))
def test_nobody_of_a_list_is_left_in_a_message_and_everybody_else_is(
    entries: list[str], domains: set[str], to: list[str]
) -> None:
    listed = listing(*entries, *domains)
    spared = spare(message(*to, cc=tuple(to), bcc=tuple(to)), listed)
    kept = [each for each in to if each not in entries and f"@{each.rpartition('@')[2]}" not in domains]
    for people in (spared.message.to, spared.message.cc, spared.message.bcc):
        assert [address.mailbox for address in people] == kept
    assert [mailbox for mailbox, _ in spared.to] == [each for each in to if each not in kept]


def test_places_name_the_file_they_stand_in() -> None:
    listed = listing("a@x.example")
    listed.begin("other.xlsx")
    listed.add("b@x.example", 7)
    assert [listed.named_at(f"{name}@x.example") for name in "abc"] == ["list.txt:1", "other.xlsx:7", ""]


def test_a_list_takes_some_twenty_bytes_an_address() -> None:
    tracemalloc.start()
    try:
        listed = listing(*(f"person{number}@example.com" for number in range(50_000)))
        assert listed.named_at("person49999@example.com") == "list.txt:50000"
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 50_000 * 20 + 4_096 * 600


def delivery(number: int, *to: str) -> Delivery:
    return Delivery(number, f"k{number}", number, to, b"")


def test_whoever_is_named_since_the_plan_is_skipped_and_the_others_leave() -> None:
    lists = Lists()
    look = Withholding(lists).look
    people = [f"p{number}@x.example" for number in (1, 2, 3)]
    together = Envelope(message(*people), tuple(delivery(number, to) for number, to in enumerate(people, 1)))
    assert look(together).envelope is together
    lists.now = listing("else@x.example")
    assert look(together).envelope is together
    lists.now = listing("P2@x.example")
    leaving = look(together)
    assert leaving.envelope is not None
    assert [each.key for each in leaving.envelope.deliveries] == ["k1", "k3"]
    assert [to.mailbox for to in leaving.envelope.message.to] == ["p1@x.example", "p3@x.example"]
    assert leaving.skipped == ((together.deliveries[1], "suppressed by list.txt:1, since the plan was made"),)
    lists.now = listing("@x.example")
    nobody = look(together)
    assert (nobody.envelope, len(nobody.skipped)) == (None, 3)


def test_a_mail_to_several_of_whom_some_are_named_neither_leaves_nor_is_settled() -> None:
    lists = Lists()
    both = Envelope(message("a@x.example", "b@x.example"), (delivery(1, "a@x.example", "b@x.example"),))
    lists.now = listing("b@x.example")
    assert Withholding(lists).look(both) == Leaving(None)


def test_with_whom_they_travel_nobody_of_it_gets_it_either() -> None:
    lists = Lists()
    three = ("a@x.example", "b@x.example", "c@x.example")
    together = Envelope(message(*three), (delivery(1, *three[:2]), delivery(2, three[2])))
    lists.now = listing("b@x.example")
    leaving = Withholding(lists).look(together)
    assert leaving.envelope is not None
    assert leaving.envelope.deliveries == (together.deliveries[1],)
    assert [to.mailbox for to in leaving.envelope.message.recipients] == ["c@x.example"]
    assert leaving.skipped == ()


def test_a_copy_is_left_out_and_the_mail_leaves() -> None:
    lists = Lists()
    mail = Envelope(message("a@x.example", cc=("boss@x.example",)), (delivery(1, "a@x.example"),))
    lists.now = listing("boss@x.example")
    leaving = Withholding(lists).look(mail)
    assert leaving.envelope is not None
    assert (leaving.envelope.message.cc, leaving.envelope.deliveries) == ((), mail.deliveries)
