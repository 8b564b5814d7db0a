"""Dates, times and durations as a spreadsheet shows them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from batchmail.recipients.format_names import ENGLISH, Names, era_of, names_of, writes_first_year
from batchmail.recipients.format_section import Section
from batchmail.recipients.format_tokens import (
    DatePart,
    Elapsed,
    Literal,
    Meridiem,
    Subsecond,
    Token,
)
from batchmail.recipients.serial_date import DAYS_TO_1904, END, SECONDS_PER_DAY, CalendarDay, calendar_day
from batchmail.recipients.unsupported_format import UnsupportedFormat

_SECONDS = {"h": 3600, "m": 60, "s": 1}
_NOON = 12
_MOST_DECIMALS = 3
_SHORT_MONTHS = (DatePart("m", 3), DatePart("m", 5))
#: The languages in which these letters have a meaning.
_LANGUAGES = {"a": ("ja", "ko"), "g": ("ja",), "e": ("ja",)}


@dataclass(frozen=True, slots=True)
class _Time:
    """A day and the seconds in it, rounded to what is shown; `total` is the seconds since zero."""

    day: CalendarDay
    seconds: float
    total: float

    @property
    def hour(self) -> int:
        return int(self.seconds) // 3600

    def of(self, letter: str, *, twelve: bool) -> int:
        """The hour (h), minute (n) or second (s); the hour of a clock with `twelve` hours is never 0."""
        if letter == "h":
            return (self.hour - 1) % _NOON + 1 if twelve else self.hour
        return int(self.seconds) // (60 if letter == "n" else 1) % 60


def date_text(section: Section, serial: float, *, since_1904: bool) -> str:
    """The text of a serial number in a section of kind DATE. Raises UnsupportedFormat where only ##### is shown."""
    tokens = section.tokens
    elapsed_only = not any(isinstance(token, DatePart | Meridiem) for token in tokens)
    offset = DAYS_TO_1904 if since_1904 else 0
    if (serial < 0 and not elapsed_only) or serial + offset >= END:
        raise UnsupportedFormat("the spreadsheet shows ##### for a date outside of its calendar")
    time = _rounded(abs(serial), offset, tokens)
    names = _names(section.language, tokens)
    noon = any(isinstance(token, Meridiem) for token in tokens)
    sign = "-" if serial < 0 else ""
    first = writes_first_year(section.language)
    return sign + "".join(_part(token, time, names, twelve=noon, first_year=first) for token in tokens)


def _rounded(serial: float, offset: int, tokens: Sequence[Token]) -> _Time:
    """Times are rounded to the seconds, or the decimals of a second, that the format shows; dates are cut off."""
    days, fraction = divmod(serial, 1)
    seconds = round(fraction * SECONDS_PER_DAY, 6)
    decimals = max((token.decimals for token in tokens if isinstance(token, Subsecond)), default=0)
    if any(isinstance(token, Elapsed | Subsecond) or _is_time(token) for token in tokens):
        unit = 10**decimals
        seconds = math.floor(seconds * unit + 0.5) / unit
    if seconds >= SECONDS_PER_DAY:
        days, seconds = days + 1, 0.0
    return _Time(calendar_day(int(days) + offset), seconds, days * SECONDS_PER_DAY + seconds)


def _is_time(token: Token) -> bool:
    return isinstance(token, DatePart) and token.letter in ("h", "n", "s")


def _part(token: Token, time: _Time, names: Names, *, twelve: bool, first_year: bool) -> str:
    text = ""
    match token:
        case Literal(literal):
            text = literal
        case Subsecond(decimals):
            text = f"{time.seconds % 1:.{_MOST_DECIMALS}f}"[1 : 2 + decimals]
        case Meridiem(morning, afternoon):
            text = (afternoon or names.afternoon) if time.hour >= _NOON else (morning or names.morning)
        case Elapsed(letter, count):
            text = str(int(time.total) // _SECONDS[letter]).zfill(count)
        case DatePart("h" | "n" | "s" as letter, count):
            text = str(time.of(letter, twelve=twelve)).zfill(min(count, 2))
        case DatePart("y", count):
            text = f"{time.day.year % 100:02}" if count <= len("yy") else f"{time.day.year:04}"
        case DatePart("g" | "e" as letter, count):
            text = _era(letter, count, time.day, first_year=first_year)
        case DatePart("m", count):
            text = _named(time.day.month, count, time.day.month - 1, names.short_months, names.months)
        case DatePart(_, count):
            text = _named(time.day.day, min(count, len("dddd")), time.day.weekday, names.short_days, names.days)
    return text


def _named(number: int, count: int, index: int, short: Sequence[str], long: Sequence[str]) -> str:
    """A month or day: as a number, by its short name, by its name; mmmmm is the name's first letter."""
    if count <= len("mm"):
        return str(number).zfill(count)
    if count == len("mmm"):
        return short[index]
    return long[index][0] if count == len("mmmmm") else long[index]


def _era(letter: str, count: int, day: CalendarDay, *, first_year: bool) -> str:
    """The era (g: R, gg: 令, ggg: 令和), or the year in it."""
    era = era_of(day.year, day.month, day.day)
    if letter == "g":
        return era.letter if count == 1 else era.name[: count - 1]
    year = day.year - era.start[0] + 1
    return "元" if first_year and year == 1 else str(year).zfill(min(count, 2))


def _names(code: str, tokens: Sequence[Token]) -> Names:
    """The names in the code's language. Raises UnsupportedFormat where they are shown and not known."""
    names = names_of(code)
    parts = [token for token in tokens if isinstance(token, DatePart)]
    named = any(part.letter in ("m", "d") and part.count > len("mm") for part in parts)
    if names is None and (named or any(isinstance(token, Meridiem) for token in tokens)):
        raise UnsupportedFormat(f"the names of months and days in the language {code} are not known")
    names = names or ENGLISH
    if not names.short_months and any(part in _SHORT_MONTHS for part in parts):
        raise UnsupportedFormat(f"the short names of months in the language {code} differ between programs")
    for part in parts:
        if names.language not in _LANGUAGES.get(part.letter, names.language):
            raise UnsupportedFormat(f"`{part.letter * part.count}` depends on the language of the spreadsheet program")
    return names
