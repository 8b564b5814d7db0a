"""What a cell of a declared type may say."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.recipients.field_values import BadCell, day, decimal, integer, moment, truth
from batchmail.row import StoredValue

DAY = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        (" 1,234.50 ", "1234.50"),
        ("1,234,567", "1234567"),
        ("-1,234", "-1234"),
        ("+7", "7"),
        ("\N{MINUS SIGN}7", "-7"),
        (".5", "0.5"),
        ("0", "0"),
        ("₩1,234", "1234"),
        ("¥ 1,234", "1234"),
        ("$-5.00", "-5.00"),
        ("-$5.00", "-5.00"),
        ("€12", "12"),
        ("1,234원", "1234"),
        ("1,234 円", "1234"),
        ("￥１，２３４．５", "1234.5"),
        ("\u3000￦５", "5"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: str) -> None:
    assert decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["a lot", "1234,50", "1.234,50", "1,23", "12,34,567", "1 234", "1e5", "--1", "+-1", "-$-1", "12%", "(5)"],
)
def test_what_could_be_another_number_is_none(text: str) -> None:
    with pytest.raises(BadCell, match="no number"):
        decimal(text)


@pytest.mark.parametrize("text", ["5²", "½", "", "-", "₩", "٣", "9" * 41, "1.", "0x10", "1_000"])
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    with pytest.raises(BadCell, match="no number"):
        decimal(text)


@pytest.mark.parametrize(
    ("stored", "value"), [(42, "42"), (0.1, "0.1"), (1e20, "1E+20"), ("1,234.5", "1234.5"), (-0.0, "-0.0")]
)
def test_a_workbooks_own_number_is_taken_as_it_is(stored: StoredValue, value: str) -> None:
    assert decimal("shown otherwise", stored) == Decimal(value)


@pytest.mark.parametrize("stored", [True, datetime.combine(DAY, time()), time(9), timedelta(1)])
def test_a_workbooks_other_values_are_no_numbers(stored: StoredValue) -> None:
    with pytest.raises(BadCell, match="the workbook stores no number"):
        decimal("1", stored)


def test_whole_numbers_have_no_decimals() -> None:
    assert integer("1,234") == 1234
    assert integer("shown", 12.0) == 12
    for text, stored in (("12.0", None), ("12.5", None), ("x", 12.5), ("１２．０", None)):
        with pytest.raises(BadCell, match="no whole number"):
            integer(text, stored)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-31",
        "2026/10/31",
        "2026.10.31",
        "2026. 10. 31.",
        "2026年10月31日",
        "2026년 10월 31일",
        " 2026-10-31 00:00:00 ",
        "２０２６－１０－３１",
    ],
)
def test_dates_are_read_year_first(text: str) -> None:
    assert day(text) == DAY


@pytest.mark.parametrize("text", ["10/31/2026", "31.10.2026", "03/04/2026", "3-4-26", "03/04/2026 09:00"])
def test_a_date_that_can_be_read_in_several_ways_is_none(text: str) -> None:
    with pytest.raises(BadCell, match="several ways") as caught:
        day(text)
    assert "YYYY-MM-DD" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soon", "no date"),
        ("2026-10/31", "no date"),
        ("20261031", "no date"),
        ("2026-10-31T09:00+09:00", "no date"),
        ("2026-02-30", "no such day"),
        ("2026-13-01", "no such day"),
        ("2026-10-31 25:00", "no such day or time"),
        ("2026-10-31 09:00", "time of day"),
        ("46326", "no date"),
    ],
)
def test_what_is_no_date_is_told(text: str, message: str) -> None:
    with pytest.raises(BadCell, match=message):
        day(text)


def test_a_workbooks_own_date_is_taken_as_it_is() -> None:
    assert day("31-Oct", datetime.combine(DAY, time())) == DAY
    assert day("31-Oct", DAY) == DAY
    with pytest.raises(BadCell, match="time of day"):
        day("31-Oct", datetime.combine(DAY, time(9)))
    for stored in (46326, time(9), timedelta(1)):
        with pytest.raises(BadCell, match="the workbook stores no date"):
            day("2026-10-31", stored)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-10-31", "2026-10-31T00:00"),
        ("2026-10-31 9:05", "2026-10-31T09:05"),
        ("2026/10/31T09:05:07.25", "2026-10-31T09:05:07.250"),
        ("2026年10月31日 09:05", "2026-10-31T09:05"),
        ("2026. 10. 31. 13:05:00", "2026-10-31T13:05"),
    ],
)
def test_a_moment_may_have_a_time(text: str, value: str) -> None:
    assert moment(text) == datetime.fromisoformat(value)


@pytest.mark.parametrize("text", ["true", "YES", "y", "1", "on", "○", "はい", "예", " True ", "Ｙ"])
def test_words_for_true(text: str) -> None:
    assert truth(text) is True


@pytest.mark.parametrize("text", ["false", "No", "n", "0", "off", "×", "いいえ", "아니요"])
def test_words_for_false(text: str) -> None:
    assert truth(text) is False


def test_other_words_are_neither_true_nor_false() -> None:
    for text, stored in (("maybe", None), ("x", None), ("2", 2), ("", None)):
        with pytest.raises(BadCell, match="neither yes nor no"):
            truth(text, stored)
    assert truth("shown", True) is True
    assert truth("1.00", 1) is True


@given(st.decimals(-(10**12), 10**12, places=3))
def test_a_number_that_is_printed_with_commas_is_read_again(number: Decimal) -> None:
    assert decimal(f"{number:,}") == number


@given(st.dates())
def test_a_date_that_is_printed_in_iso_8601_is_read_again(value: date) -> None:
    assert day(value.isoformat()) == value


@given(st.text(max_size=50))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for read in (decimal, integer, day, moment, truth):
        try:
            read(text)
        except BadCell as bad:
            assert bad.hint  # noqa: PT017  being refused is allowed here, not asked for
