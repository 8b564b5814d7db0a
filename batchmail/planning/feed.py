"""What the journal has queued, put into envelopes: each message merged again, and held against the plan."""

from collections.abc import Callable, Iterator, Sequence

from batchmail.clock import Clock, Recently
from batchmail.delivery import Delivery, Envelope, Mailing
from batchmail.errors import InputChanged
from batchmail.journal.base import Batch
from batchmail.merge import Merger
from batchmail.message import Address, Message
from batchmail.planning.suppression import SuppressionList, spare
from batchmail.recipients.base import Sheet, SheetBroken
from batchmail.row import ReadRow, Row


class Stamp:
    """Gives messages their identity and date."""

    def __init__(self, mailing: Mailing, clock: Clock) -> None:
        self._mailing = mailing
        self._date = Recently(clock, lambda each: each.now())

    def on(self, message: Message, deliveries: Sequence[Delivery]) -> Message:
        """The message of these deliveries, ready to be sent."""
        return message.stamped(self._mailing.identity([each.key for each in deliveries]), self._date.now())


class Feed:
    """Walks the sheet and the journal's batches side by side, both in the order of the rows.

    Messages are not kept between plan and send: that would be a second copy of everybody's mail. They are merged
    again, and what differs from the plan is not sent. The identity of a message comes from its keys, its date from the
    clock: a mail that is refused and tried again later in the run keeps both.
    """

    def __init__(
        self,
        sheet: Sheet,
        read: Callable[[Row], ReadRow],
        merger: Merger,
        stamp: Stamp,
        listed: SuppressionList | None = None,
    ) -> None:
        """`listed` is what the plan has left out of the messages."""
        self._sheet = sheet
        self._listed = listed or SuppressionList()
        self._read = read
        self._merger = merger
        self._stamp = stamp

    def envelopes(self, batches: Iterator[Batch]) -> Iterator[Envelope]:
        """One envelope a batch. Raises InputChanged at the first that is no longer as it was planned."""
        try:
            yield from self._envelopes(batches)
        except SheetBroken as broken:
            raise InputChanged(f"{self._sheet.path.as_posix()} ({broken.finding.message})") from None

    def _envelopes(self, batches: Iterator[Batch]) -> Iterator[Envelope]:
        rows = self._sheet.rows()
        message: Message | None = None
        for batch in batches:
            if message is None or not batch.continued:
                message = self._message(rows, batch)
            yield Envelope(self._stamp.on(_addressed(message, batch), batch.deliveries), batch.deliveries)

    def _message(self, rows: Iterator[Row], batch: Batch) -> Message:
        """The message of a batch's first row."""
        first = batch.deliveries[0]
        row = _at(first.position, rows)
        message = self._merger.merge(self._read(row)) if row else None
        if message and self._listed:
            message = spare(message, self._listed).message
        if message is None or message.content_digest() != batch.content or _mailboxes(message) != first.to:
            where = self._sheet.place(row) if row else self._sheet.path.as_posix()
            raise InputChanged(f"{where}: the mail of `{first.key}`")
        return message


def _at(position: int, rows: Iterator[Row]) -> Row | None:
    """The next of the rows that has a position."""
    for row in rows:
        if row.position == position:
            return row
    return None


def _mailboxes(message: Message) -> tuple[str, ...]:
    return tuple([address.mailbox for address in message.to])


def _addressed(message: Message, batch: Batch) -> Message:
    """The message to everybody of the batch; alone, a row keeps the names beside its addresses."""
    to = tuple([mailbox for delivery in batch.deliveries for mailbox in delivery.to])
    return message if to == _mailboxes(message) else message.addressed(tuple(map(Address, to)))
