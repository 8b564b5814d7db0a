"""Deliveries put together into batches, the same for every kind of journal."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter

from batchmail.delivery import Delivery
from batchmail.journal.base import Batch


def in_batches(deliveries: Iterable[tuple[int, Delivery]], combine: int) -> Iterator[Batch]:
    """Batches of at most `combine`. Each delivery comes with its group's number; groups are whole and in order."""
    for _, group in groupby(deliveries, key=itemgetter(0)):
        members = (delivery for _, delivery in group)
        continued = False
        while chunk := tuple(islice(members, combine)):
            yield Batch(chunk[0].content, chunk, continued)
            continued = True
