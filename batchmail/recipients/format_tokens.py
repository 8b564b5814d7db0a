"""The symbols of a spreadsheet's number format code (ECMA-376 part 1, 18.8.31), one after another."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from batchmail.recipients.unsupported_format import UnsupportedFormat


class Mark(Enum):
    """A symbol that stands for itself alone."""

    POINT = "."
    COMMA = ","
    PERCENT = "%"
    SLASH = "/"
    GENERAL = "General"
    TEXT = "@"
    NEXT_SECTION = ";"
    EXPONENT = "E-"
    SIGNED_EXPONENT = "E+"


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that is shown as it is; `bare` where it is a digit without quotes."""

    text: str
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit's place; where the number has none, it shows `absent`: 0, a space, or nothing."""

    absent: str


@dataclass(frozen=True, slots=True)
class DatePart:
    """A part of a date or time: how often its letter stands.

    The letters are y, m (month), d, h, n (minute), s, and those of East Asia: a (weekday), g (era), e (its year).
    """

    letter: str
    count: int


@dataclass(frozen=True, slots=True)
class Elapsed:
    """All hours, minutes or seconds since zero: [h], [m] or [s], with at least `count` digits."""

    letter: str
    count: int


@dataclass(frozen=True, slots=True)
class Subsecond:
    """The point and the decimals of the seconds."""

    decimals: int


@dataclass(frozen=True, slots=True)
class Meridiem:
    """The word for the morning, and for the afternoon; empty where the language decides."""

    morning: str = ""
    afternoon: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Which numbers a section is for: [>=100]."""

    operator: str
    limit: float


@dataclass(frozen=True, slots=True)
class Language:
    """The language of names ([$-412]), as the code names it: the low digits of a Windows code, or `ko-KR`."""

    code: str


Token = Mark | Literal | Digit | DatePart | Elapsed | Subsecond | Meridiem | Condition | Language

_SYMBOL = re.compile(
    r"""
      "(?P<quoted>[^"]*)"
    | \\(?P<escaped>.)
    | _(?P<padding>\\.|.)
    | \*(?P<fill>\\.|.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General)
    | (?P<meridiem>AM/PM|A/P)
    | (?P<exponent>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|g+|e+|a{3,})
    | (?P<foreign>b+|上午/下午|午前/午後|오전/오후)
    | (?P<digit>[0\#?])
    | (?P<mark>[.,%/@;])
    | (?P<broken>["\\_*\[])
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ABSENT = {"0": "0", "?": " ", "#": ""}
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color\s*\d+", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?)", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)


def tokens(code: str) -> Iterator[Token]:
    """The symbols of a format code. Raises UnsupportedFormat at the first that cannot be shown faithfully."""
    for found in _SYMBOL.finditer(code):
        kind = str(found.lastgroup)
        if kind == "bracket":
            yield from _bracket(found[kind])
        elif kind != "fill":  # a character repeated to the width of the cell
            yield _MAKERS[kind](found[kind])


def _meridiem(text: str) -> Meridiem:
    return Meridiem() if len(text) > len("A/P") else Meridiem(text[0], text[-1])


def _foreign(text: str) -> NoReturn:
    raise UnsupportedFormat(f"`{text}` depends on the language of the spreadsheet program")


def _broken(text: str) -> NoReturn:
    raise UnsupportedFormat(f"`{text}` is not closed")


_MAKERS: dict[str, Callable[[str], Token]] = {
    "quoted": Literal,
    "escaped": Literal,
    "padding": lambda _: Literal(" "),
    "general": lambda _: Mark.GENERAL,
    "meridiem": _meridiem,
    "exponent": lambda text: Mark(text.upper()),
    "date": lambda text: DatePart(text[0].lower(), len(text)),
    "foreign": _foreign,
    "digit": lambda text: Digit(_ABSENT[text]),
    "mark": Mark,
    "broken": _broken,
    "other": lambda text: Literal(text, bare=text.isdigit()),
}


def _bracket(text: str) -> Iterator[Token]:
    if condition := _CONDITION.fullmatch(text):
        yield Condition(condition[1], float(condition[2]))
    elif _ELAPSED.fullmatch(text):
        yield Elapsed(text[0].lower(), len(text))
    elif text.startswith("$"):
        symbol, _, language = text[1:].partition("-")
        if symbol:
            yield Literal(symbol)
        if language:
            yield Language(language)
    elif not _COLOUR.fullmatch(text):
        raise UnsupportedFormat(f"`[{text}]` is not known")
