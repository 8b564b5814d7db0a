"""The positions of rows, as a set has them, in little room."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from batchmail.planning.positions import Positions

SOME = st.lists(st.integers(0, 50))


@given(SOME, SOME, SOME)
def test_positions_are_a_set_in_order(first: list[int], gone: list[int], more: list[int]) -> None:
    positions = Positions(first)
    positions.discard(gone)
    positions.update(more)
    expected = sorted(set(first) - set(gone) | set(more))
    assert list(positions) == expected
    assert len(positions) == len(expected)
    assert bool(positions) == bool(expected)


def test_a_position_takes_a_byte_or_two() -> None:
    rows = 20_000
    tracemalloc.start()
    try:
        positions = Positions(range(1, rows + 1))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(positions) == rows
    assert peak < 3 * rows
