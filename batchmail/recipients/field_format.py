"""The `format` of a declared column: compiled once, for numbers, dates and truths."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from string import Formatter

from batchmail.recipients.format_names import ENGLISH

#: Python's format specification, without the types for characters and locales, and with sizes of two digits.
_SPECIFICATION = re.compile(r"(?:.?[<>=^])?[+\- ]?z?#?0?\d{0,2}[,_]?(?:\.\d{1,2})?(?P<type>[bdeEfFgGoxX%]?)", re.DOTALL)
_OF_INTEGERS = ("", "b", "d", "o", "x", "X")
_DIRECTIVE = re.compile(r"%(-?.?)", re.DOTALL)
_NOON = 12

_DATE_PARTS: dict[str, Callable[[datetime], str]] = {
    "%": lambda _: "%",
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "-m": lambda moment: str(moment.month),
    "B": lambda moment: ENGLISH.months[moment.month - 1],
    "b": lambda moment: ENGLISH.short_months[moment.month - 1],
    "d": lambda moment: f"{moment.day:02}",
    "-d": lambda moment: str(moment.day),
    "A": lambda moment: ENGLISH.days[moment.isoweekday() % 7],
    "a": lambda moment: ENGLISH.short_days[moment.isoweekday() % 7],
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
}
_TIME_PARTS: dict[str, Callable[[datetime], str]] = {
    "H": lambda moment: f"{moment.hour:02}",
    "-H": lambda moment: str(moment.hour),
    "I": lambda moment: f"{(moment.hour - 1) % _NOON + 1:02}",
    "-I": lambda moment: str((moment.hour - 1) % _NOON + 1),
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "p": lambda moment: ENGLISH.morning if moment.hour < _NOON else ENGLISH.afternoon,
}


class BadFormat(ValueError):
    """A format, or what another key says of a column, that its type cannot have: why, and what to write instead."""

    def __init__(self, message: str, hint: str, key: str = "format") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.key = key


def number_printer(written: str, *, whole: bool) -> Callable[[Decimal | int], str]:
    """Prints numbers in a Python format such as {:,.2f}, halves rounded up. Raises BadFormat."""
    hint = "Write it as {:,} or {:,.2f}; other text may stand around it."
    try:
        fields = [field for field in Formatter().parse(written) if field[1] is not None]
    except ValueError:
        raise BadFormat("its braces do not match", hint) from None
    if len(fields) != 1:
        raise BadFormat("it has no place for the number" if not fields else "it has several places", hint)
    _, name, specification, conversion = fields[0]
    found = _SPECIFICATION.fullmatch(specification or "")
    if name or conversion or found is None:
        raise BadFormat("it is no format of a number", hint)
    exact = whole and found["type"] in _OF_INTEGERS

    def show(value: Decimal | int) -> str:
        with localcontext(rounding=ROUND_HALF_UP):
            return written.format(int(value) if exact else Decimal(value))

    try:
        show(1234)
    except ValueError:
        raise BadFormat(f"it is no format of {'an integer' if whole else 'a decimal number'}", hint) from None
    return show


def date_printer(written: str, *, timed: bool) -> Callable[[datetime], str]:
    """Prints dates in a format such as %Y-%m-%d, in the same words on every system. Raises BadFormat.

    The directives are those of strftime that all systems have, with English names; a hyphen leaves out the zero in
    front (%-d).
    """
    known = _DATE_PARTS | _TIME_PARTS if timed else _DATE_PARTS
    directives = [found[1] for found in _DIRECTIVE.finditer(written)]
    hint = f"Known are {', '.join(f'%{each}' for each in known)}."
    for directive in directives:
        if directive not in known:
            what = "a datetime" if timed else "a date"
            raise BadFormat(f"%{directive} is no part of {what}", hint)
    if not set(directives) - {"%"}:
        raise BadFormat("it has no place for a date", "Write it as %Y-%m-%d.")
    return lambda moment: _DIRECTIVE.sub(lambda found: known[found[1]](moment), written)


def truth_printer(written: str) -> Callable[[bool], str]:
    """Prints truths in words such as Yes/No. Raises BadFormat."""
    words = written.split("/")
    if len(words) != 2 or words[0] == words[1]:  # noqa: PLR2004  one for true, one for false
        raise BadFormat("it has not two words", "Write the word for true and the word for false: Yes/No.")
    return lambda value: words[0] if value else words[1]
