"""Dates as workbooks store them: days since the end of 1899, or since 1904, with the time as a fraction."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

SECONDS_PER_DAY = 86_400

#: The first serial number after 9999-12-31.
END = 2_958_466

#: Day 0 of the years since 1904, counted in the days since 1899.
DAYS_TO_1904 = 1_462

#: The 29th of February 1900, which never was; spreadsheets keep it for the sake of Lotus 1-2-3.
_FALSE_LEAP_DAY = 60
_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day as a spreadsheet shows it, day 0 of January 1900 included; weekday 0 is Sunday."""

    year: int
    month: int
    day: int
    weekday: int


def calendar_day(serial: int) -> CalendarDay:
    """The day of a serial number of the 1900 system, from 0 up to END."""
    weekday = (serial + 6) % 7
    if serial == 0:
        return CalendarDay(1900, 1, 0, weekday)
    if serial == _FALSE_LEAP_DAY:
        return CalendarDay(1900, 2, 29, weekday)
    found = _EPOCH + timedelta(days=serial + (1 if serial < _FALSE_LEAP_DAY else 0))
    return CalendarDay(found.year, found.month, found.day, weekday)


def moment(serial: float, *, since_1904: bool = False) -> datetime | time | None:
    """The date and time of a serial number, to the millisecond; a time alone below 1; None where there is no such."""
    whole, fraction = divmod(serial, 1)
    milliseconds = timedelta(milliseconds=round(fraction * SECONDS_PER_DAY * 1000))
    days = int(whole) + milliseconds.days + (DAYS_TO_1904 if since_1904 else 0)
    if not 0 <= days < END or days == _FALSE_LEAP_DAY:
        return None
    minutes, seconds = divmod(milliseconds.seconds, 60)
    clock = time(minutes // 60, minutes % 60, seconds, milliseconds.microseconds)
    if 0 <= serial < 1 and not milliseconds.days:
        return clock
    if days == 0:
        return None
    found = calendar_day(days)
    return datetime.combine(date(found.year, found.month, found.day), clock)
