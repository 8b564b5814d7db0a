"""Numbers and times as people read them."""

import pytest

from batchmail.cli.words import count, duration, printable, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (2.44, "2.4 s"),
        (59.6, "1 min"),
        (588, "9 min 48 s"),
        (3600, "1 h"),
        (3 * 3600 + 60, "3 h 1 min"),
        (86_400 * 2 + 3600 * 3 + 59, "2 days 3 h"),
        (86_400, "1 day"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_numbers_are_grouped_and_nouns_agree() -> None:
    assert count(1, "row") == "1 row"
    assert count(1204, "row") == "1,204 rows"
    assert count(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1 byte"), (940, "940 bytes"), (12_300, "12 kB"), (3_400_000, "3.4 MB")]
)
def test_sizes_have_the_unit_that_suits_them(number: int, text: str) -> None:
    assert size(number) == text


def test_a_text_from_a_cell_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[31mred\x07\n") == "a\ufffd[31mred\ufffd\n"
