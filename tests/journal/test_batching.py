"""Which deliveries travel together: those of one group, as many as may, in their order."""

from collections.abc import Iterator
from itertools import count, groupby

from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import Delivery
from batchmail.journal.batching import in_batches

GROUPS = st.lists(st.integers(1, 4), max_size=6)


@given(sizes=GROUPS, combine=st.integers(1, 5))
def test_batches_are_whole_groups_cut_where_they_are_too_long(sizes: list[int], combine: int) -> None:
    ids = count(1)
    groups = [[Delivery(next(ids), "", 0, (), bytes([group])) for _ in range(size)] for group, size in enumerate(sizes)]
    batches = list(in_batches(((number, each) for number, group in enumerate(groups) for each in group), combine))
    assert [each for batch in batches for each in batch.deliveries] == [each for group in groups for each in group]
    for (content, continued), parts in groupby(batches, key=lambda batch: (batch.content, batch.continued)):
        lengths = [len(part.deliveries) for part in parts]
        size = sizes[content[0]] - combine if continued else min(sizes[content[0]], combine)
        assert sum(lengths) == size
        assert max(lengths) <= combine
        assert all(length == combine for length in lengths[:-1])
    assert all(batch.content == each.content for batch in batches for each in batch.deliveries)


def test_a_full_batch_is_given_before_anything_is_read_behind_it() -> None:
    read: list[int] = []

    def reading() -> Iterator[tuple[int, Delivery]]:
        for number in range(1, 5):
            read.append(number)
            yield 1, Delivery(number, "", number, (), b"")

    next(in_batches(reading(), 2))
    assert read == [1, 2]
