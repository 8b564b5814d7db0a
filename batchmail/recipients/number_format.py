"""Number formats: the text of a cell as its user sees it in the spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from batchmail.recipients.format_dates import date_text
from batchmail.recipients.format_digits import digits, rounds_to_zero
from batchmail.recipients.format_general import general
from batchmail.recipients.format_section import GENERAL, Kind, Section, section
from batchmail.recipients.format_tokens import (
    Condition,
    Elapsed,
    Literal,
    Mark,
    Token,
    tokens,
)
from batchmail.recipients.plain_places import PlainPlaces, plain_places
from batchmail.recipients.unsupported_format import UnsupportedFormat

_MOST_SECTIONS = 4
_MOST_CONDITIONS = 2
_LONGEST_CODE = 1_000  # spreadsheets stop at 255

#: Language codes that ask for the machine's own long date and time, which nobody else can know: shown as ISO 8601.
_SYSTEM_FORMATS = {"F800": "yyyy-mm-dd", "F400": "hh:mm:ss", "x-sysdate": "yyyy-mm-dd", "x-systime": "hh:mm:ss"}


@dataclass(frozen=True, slots=True)
class _Choice:
    """A section for numbers; `signed` puts a minus before negative ones. `plain` are its places, where it is plain."""

    section: Section
    condition: Condition | None
    signed: bool
    plain: PlainPlaces | None = None


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A compiled format code; `dated` where a number in it is a date or time, `elapsed` where it is a duration."""

    numbers: tuple[_Choice, ...]
    text: Section | None
    dated: bool
    elapsed: bool

    def show(self, value: float | str, *, since_1904: bool = False) -> str:
        """The value's text as the spreadsheet shows it in a cell that is wide enough.

        Raises UnsupportedFormat where the text cannot be known.
        """
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, str):
            return value if self.text is None else _filled(self.text, value)
        for choice in self.numbers:
            if choice.condition is None or _holds(choice.condition, value):
                return _shown(choice, value, since_1904=since_1904)
        raise UnsupportedFormat("the spreadsheet shows ##### for a number that no section is for")


@lru_cache(maxsize=1024)
def number_format(code: str) -> NumberFormat:
    """Compile a format code (ECMA-376 part 1, 18.8.31). Raises UnsupportedFormat where its text cannot be known.

    Months, days and AM/PM are English unless the code names Japanese or Korean ([$-411], [$-ko-KR]).
    """
    if len(code) > _LONGEST_CODE:
        raise UnsupportedFormat("it is too long")
    sections = [section(_system_format(part)) for part in _parts(code)]
    if len(sections) > _MOST_SECTIONS:
        raise UnsupportedFormat("it has more than four sections")
    text = sections.pop() if len(sections) == _MOST_SECTIONS or sections[-1].kind is Kind.TEXT else None
    if any(part.kind is Kind.TEXT for part in sections):
        raise UnsupportedFormat("its text section is not the last")
    numbers = tuple(replace(choice, plain=plain_places(choice.section)) for choice in _choices(sections or [GENERAL]))
    return NumberFormat(
        numbers,
        text if text is None or text.kind in (Kind.TEXT, Kind.LITERAL) else None,
        dated=any(choice.section.kind is Kind.DATE for choice in numbers),
        elapsed=any(isinstance(token, Elapsed) for choice in numbers for token in choice.section.tokens),
    )


def _parts(code: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens(code):
        if token is Mark.NEXT_SECTION:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _system_format(part: list[Token]) -> list[Token]:
    for token in part:
        code = getattr(token, "code", "")
        if code in _SYSTEM_FORMATS:
            return list(tokens(_SYSTEM_FORMATS[code]))
    return part


def _choices(sections: list[Section]) -> tuple[_Choice, ...]:
    conditions = [part.condition for part in sections]
    if len(conditions) - conditions.count(None) > _MOST_CONDITIONS:
        raise UnsupportedFormat("it has more than two conditions")
    if any(conditions):
        return tuple(_conditional(sections))
    positive = sections[0]
    if len(sections) == 1:
        return (_Choice(positive, None, signed=True),)
    zero = sections[2] if len(sections) > 2 else positive  # noqa: PLR2004  positive; negative; zero
    return (
        _Choice(positive, Condition(">", 0), signed=False),
        _Choice(sections[1], Condition("<", 0), signed=False),
        _Choice(zero, None, signed=False),
    )


def _conditional(sections: list[Section]) -> Iterator[_Choice]:
    """Sections with conditions, with the minus where Excel puts it (as observed by the makers of numfmt)."""
    first = sections[0].condition or Condition(">", 0)
    yield _Choice(sections[0], first, signed=_keeps_sign(first))
    if len(sections) > 2:  # noqa: PLR2004  condition; condition; everything else
        yield from (_Choice(part, part.condition, signed=_keeps_sign(part.condition)) for part in sections[1:])
        return
    second = sections[1] if len(sections) > 1 else GENERAL
    if second.condition:
        yield _Choice(second, second.condition, signed=_keeps_sign(second.condition))
    else:
        above = first.operator in (">", ">=") and first.limit >= 0
        yield _Choice(second, None, signed=first.operator == "=" or above)


def _keeps_sign(condition: Condition | None) -> bool:
    """A section for negative numbers only shows their size."""
    if condition is None:
        return True
    below = condition.operator in ("<", "<=", "=") and condition.limit < 0
    return not (below or (condition.operator == "<" and condition.limit == 0))


def _holds(condition: Condition, value: float) -> bool:
    limit = condition.limit
    match condition.operator:
        case ">":
            return value > limit
        case ">=":
            return value >= limit
        case "<":
            return value < limit
        case "<=":
            return value <= limit
        case "=":
            return value == limit
        case _:
            return value != limit


def _shown(choice: _Choice, value: float, *, since_1904: bool) -> str:
    if choice.plain and (shown := choice.plain.show(value)) is not None:
        return f"-{shown}" if value < 0 and choice.signed else shown
    part = choice.section
    match part.kind:
        case Kind.DATE:
            return date_text(part, value, since_1904=since_1904)
        case Kind.NUMBER:
            text, negative = digits(part, value), value < 0 and not rounds_to_zero(part, value)
        case Kind.GENERAL:
            text, negative = _filled(part, general(abs(value))), value < 0
        case _:
            text, negative = _filled(part, ""), value < 0
    return f"-{text}" if negative and choice.signed else text


def _filled(part: Section, text: str) -> str:
    return "".join(token.text if isinstance(token, Literal) else text for token in part.tokens)
