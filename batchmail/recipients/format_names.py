"""The names of months and days, and which language a format code asks for."""

from dataclasses import dataclass

from batchmail.recipients.unsupported_format import UnsupportedFormat


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one language, January and Sunday first, and its words for the halves of a day.

    `short_months` is empty where spreadsheet programs differ in them.
    """

    language: str
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    morning: str
    afternoon: str


@dataclass(frozen=True, slots=True)
class Era:
    """A Japanese era: its letter and name, and the first day of it."""

    letter: str
    name: str
    start: tuple[int, int, int]


def _english(months: tuple[str, ...], days: tuple[str, ...]) -> Names:
    return Names("en", months, tuple(name[:3] for name in months), days, tuple(name[:3] for name in days), "AM", "PM")


def _japanese() -> Names:
    letters = "日月火水木金土"
    months = tuple(f"{number}月" for number in range(1, 13))
    return Names("ja", months, (), tuple(f"{letter}曜日" for letter in letters), tuple(letters), "午前", "午後")


def _korean() -> Names:
    letters = "일월화수목금토"
    months = tuple(f"{number}월" for number in range(1, 13))
    return Names("ko", months, (), tuple(f"{letter}요일" for letter in letters), tuple(letters), "오전", "오후")


ENGLISH = _english(
    (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
)
_NAMES = {
    "en": ENGLISH,
    "ja": _japanese(),
    "ko": _korean(),
}

_ERAS = (
    Era("R", "令和", (2019, 5, 1)),
    Era("H", "平成", (1989, 1, 8)),
    Era("S", "昭和", (1926, 12, 25)),
    Era("T", "大正", (1912, 7, 30)),
    Era("M", "明治", (1868, 1, 25)),
)

#: The end of a language code that asks for 元 instead of the year 1 of an era.
_FIRST_YEAR = "-x-gannen"

#: Languages by the low 10 bits of a Windows language code; the higher ones tell the country.
_WINDOWS_LANGUAGES = {0x09: "en", 0x11: "ja", 0x12: "ko"}
_LANGUAGE_BITS = 0x3FF
_GREGORIAN = (0, 1)
_WESTERN_DIGITS = (0, 1)


def names_of(code: str) -> Names | None:
    """The names for a code such as `ja-JP`, 411 or 1010411, English for none; None for a language that is not known.

    Raises UnsupportedFormat for calendars and digits of other cultures.
    """
    if not code:
        return ENGLISH
    try:
        number = int(code, 16)
    except ValueError:
        language, *further = code.lower().removesuffix(_FIRST_YEAR).split("-")
        if "x" in further:
            raise UnsupportedFormat(f"the calendar of {code} is not supported") from None
        return _NAMES.get(language)
    calendar, numerals = number >> 16 & 0xFF, number >> 24 & 0xFF
    if calendar not in _GREGORIAN or numerals not in _WESTERN_DIGITS:
        raise UnsupportedFormat(f"the calendar or the digits of the language {code} are not supported")
    return _NAMES.get(_WINDOWS_LANGUAGES.get(number & _LANGUAGE_BITS, ""))


def era_of(year: int, month: int, day: int) -> Era:
    """The Japanese era of a day since 1868."""
    return next(era for era in _ERAS if (year, month, day) >= era.start)


def writes_first_year(code: str) -> bool:
    """Whether the code asks for 元年 instead of 1年."""
    return code.lower().endswith(_FIRST_YEAR)
