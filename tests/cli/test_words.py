"""Numbers and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from batchmail.cli.words import about, count, duration, lasting, moment, printable, size, wrapped


@pytest.mark.parametrize(("seconds", "text"), [(0, ""), (0.9, ""), (1, ", about 1.0 s"), (3600, ", about 1 h")])
def test_a_time_that_is_unknown_or_none_is_left_out(seconds: float, text: str) -> None:
    assert about(seconds) == text


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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3600, "1 h"), (86_400, "1 day, over 2 days"), (86_400 * 2 + 3600 * 3, "2 days 3 h, over 3 days")],
)
def test_what_takes_days_says_over_how_many(seconds: float, text: str) -> None:
    assert lasting(seconds) == text


def test_a_moment_has_its_day_where_it_is_not_today() -> None:
    now = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    assert moment(now + timedelta(seconds=7), now) == "14:00:07"
    assert moment(now + timedelta(hours=20), now) == "Sun 22 Nov 10:00"


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


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two", ["one two"]),
        ("one two three", ["one two", "three"]),
        ("abcdefghijkl mn", ["abcdefgh", "ijkl mn"]),
        ("김민수 이영희 a", ["김민수", "이영희 a"]),
        ("가나다라마", ["가나다라", "마"]),
    ],
)
def test_a_text_is_broken_at_spaces_by_the_columns_of_a_terminal(text: str, lines: list[str]) -> None:
    assert wrapped(text, 8) == lines
