"""Deliveries put together into batches, the same for every kind of journal."""

from collections.abc import Iterable, Iterator, Sequence

from batchmail.delivery import Delivery
from batchmail.journal.base import Batch


def in_batches(deliveries: Iterable[tuple[int, Delivery]], combine: int) -> Iterator[Batch]:
    """Batches of at most `combine`. Each delivery comes with its group's number; groups are whole and in order."""
    members: list[Delivery] = []
    number, continued = None, False
    for group, delivery in deliveries:
        if group != number:
            if members:
                yield _batch(members, continued=continued)
            members, number, continued = [], group, False
        members.append(delivery)
        if len(members) == combine:
            yield _batch(members, continued=continued)
            members, continued = [], True
    if members:
        yield _batch(members, continued=continued)


def _batch(members: Sequence[Delivery], *, continued: bool) -> Batch:
    return Batch(members[0].content, tuple(members), continued)
