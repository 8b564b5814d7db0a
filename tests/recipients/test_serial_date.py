"""Days since 1899 and since 1904."""

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from batchmail.recipients.serial_date import CalendarDay, calendar_day, moment


def test_days_are_those_of_the_calendar() -> None:
    assert calendar_day(46326) == CalendarDay(2026, 10, 31, weekday=6)
    assert calendar_day(61) == CalendarDay(1900, 3, 1, weekday=4)


def test_the_day_that_never_was_and_day_0_are_shown_but_are_no_dates() -> None:
    assert calendar_day(60) == CalendarDay(1900, 2, 29, weekday=3)
    assert calendar_day(0) == CalendarDay(1900, 1, 0, weekday=6)
    assert moment(60.5) is None
    assert moment(-1) is None
    assert moment(2_958_466) is None
    assert moment(-0.5, since_1904=True) == datetime.fromisoformat("1903-12-31T12:00")


def test_a_time_is_rounded_to_milliseconds_and_carried() -> None:
    assert moment(46326.9999999999) == datetime.fromisoformat("2026-11-01")
    assert moment(0.25) == time(6)
    assert moment(0.25, since_1904=True) == time(6)


@pytest.mark.parametrize(("since_1904", "epoch"), [(False, WINDOWS_EPOCH), (True, MAC_EPOCH)])
@given(serial=st.floats(62, 2_950_000) | st.floats(0, 0.999) | st.integers(1, 59))
def test_moments_are_those_of_openpyxl(serial: float, *, since_1904: bool, epoch: datetime) -> None:
    assert moment(serial, since_1904=since_1904) == from_excel(serial, epoch)
