"""What is sent is merged again, and no more than that: counted in rows, as times would tell little."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from batchmail.clock import FRESH_SECONDS
from batchmail.delivery import Delivery, DeliveryState, Mailing, Transition
from batchmail.finding import Findings
from batchmail.merge import make_merger
from batchmail.message import Address, Message
from batchmail.planning import Feed, Stamp
from batchmail.row import ReadRow, Row
from batchmail.simulation import SimulatedClock
from tests.planning.test_planner import COLUMNS, NOW, Desk, ListSheet, read

ROWS = 400


class CountedSheet(ListSheet):
    """A sheet that knows how far it was read."""

    taken = 0

    def rows(self) -> Iterator[Row]:
        for row in super().rows():
            self.taken = row.position
            yield row


def fed(desk: Desk, sheet: CountedSheet, combine: int) -> tuple[list[list[str]], list[int]]:
    """The keys of each envelope, and the positions of the rows that were read for them."""
    positions: list[int] = []

    def counted(row: Row) -> ReadRow:
        positions.append(row.position)
        return read(row)

    merger = make_merger(desk.job, COLUMNS, sheet.place, Findings())
    feed = Feed(sheet, counted, merger, Stamp(desk.job.mailing, SimulatedClock()))
    envelopes = list(feed.envelopes(desk.journal.batches(combine)))
    return [[delivery.key for delivery in each.deliveries] for each in envelopes], positions


def test_of_a_job_that_goes_on_only_the_rows_that_are_left_are_read() -> None:
    people = [(str(number), f"p{number}@example.com", f"text {number}") for number in range(1, ROWS + 1)]
    left = [str(number) for number in range(35, 36 + 9 * 30, 30)]
    desk = Desk(*people)
    desk.plan().enrol(NOW)
    known = desk.journal.deliveries([number for number, _, _ in people if number not in left])
    for state in (DeliveryState.SENDING, DeliveryState.SENT):
        desk.journal.record([Transition(each.id, state, 1, NOW, each.id) for each in known.values()])
    desk.plan().enrol(NOW)
    sheet = CountedSheet(*people)
    keys, positions = fed(desk, sheet, 1)
    assert keys == [[key] for key in left]
    assert positions == [int(key) for key in left]
    assert sheet.taken == positions[-1]


def test_of_mails_that_are_all_the_same_one_row_is_read() -> None:
    people = [(str(number), f"p{number}@example.com", "the same") for number in range(1, ROWS + 1)]
    desk = Desk(*people)
    desk.plan().enrol(NOW)
    keys, positions = fed(desk, CountedSheet(*people), 100)
    assert [len(each) for each in keys] == [100] * 4
    assert positions == [1]


@given(texts=st.lists(st.sampled_from("abc"), min_size=1, max_size=12), combine=st.integers(1, 4))
def test_every_text_goes_to_the_people_of_its_own_rows(texts: list[str], combine: int) -> None:
    desk = Desk(*((str(number), f"p{number}@example.com", text) for number, text in enumerate(texts)))
    desk.plan().enrol(NOW)
    reached: list[str] = []
    for envelope in desk.envelopes(combine):
        rows = [int(delivery.key) for delivery in envelope.deliveries]
        assert {texts[number] for number in rows} == {envelope.message.body}
        assert [address.mailbox for address in envelope.message.to] == [f"p{number}@example.com" for number in rows]
        reached += [delivery.key for delivery in envelope.deliveries]
    assert sorted(reached, key=int) == [str(number) for number in range(len(texts))]


def test_a_date_is_late_by_a_twentieth_of_a_second_at_most() -> None:
    clock = SimulatedClock()
    stamp = Stamp(Mailing("invoices"), clock)
    message = Message((Address("kim@example.com"),), "Hello", "")
    for _ in range(5):
        stamped = stamp.on(message, [Delivery(1, "1", 1, ("kim@example.com",), b"")])
        assert stamped.date is not None
        assert 0 <= (clock.now() - stamped.date).total_seconds() < FRESH_SECONDS
        clock.advance(FRESH_SECONDS * 0.6)
