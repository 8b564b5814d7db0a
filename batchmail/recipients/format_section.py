"""One section of a number format code: what `;` separates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from batchmail.recipients.format_tokens import (
    Condition,
    DatePart,
    Digit,
    Elapsed,
    Language,
    Literal,
    Mark,
    Meridiem,
    Subsecond,
    Token,
)
from batchmail.recipients.unsupported_format import UnsupportedFormat

_MOST_SUBSECOND_DIGITS = 3
_MOST_MINUTE_LETTERS = 2


class Kind(Enum):
    """What a section shows."""

    NUMBER = auto()
    DATE = auto()
    GENERAL = auto()
    TEXT = auto()
    LITERAL = auto()


@dataclass(frozen=True, slots=True)
class Section:
    """A section, ready to show a value.

    The value is multiplied by 100 `percents` times and divided by 1,000 `thousands` times; `grouped` asks for
    commas between thousands.
    """

    kind: Kind
    tokens: tuple[Token, ...]
    condition: Condition | None = None
    language: str = ""
    percents: int = 0
    thousands: int = 0
    grouped: bool = False


GENERAL = Section(Kind.GENERAL, (Mark.GENERAL,))


def section(tokens: Sequence[Token]) -> Section:
    """A section of these symbols. Raises UnsupportedFormat where their text cannot be known."""
    condition = next((token for token in tokens if isinstance(token, Condition)), None)
    language = next((token.code for token in tokens if isinstance(token, Language)), "")
    shown = [token for token in tokens if not isinstance(token, Condition | Language)]
    if condition and not shown:
        return Section(Kind.GENERAL, GENERAL.tokens, condition, language)
    kind = _kind(shown)
    if kind is Kind.DATE:
        return Section(kind, tuple(_minutes(_subseconds(shown))), condition, language)
    if kind is Kind.NUMBER:
        return _number(shown, condition, language)
    return Section(kind, tuple(_literals(shown)), condition, language)


def _kind(tokens: Sequence[Token]) -> Kind:
    dated = any(isinstance(token, DatePart | Elapsed | Meridiem) for token in tokens)
    digits = any(isinstance(token, Digit) for token in tokens)
    words = [mark for mark in (Mark.GENERAL, Mark.TEXT) if mark in tokens]
    if len(words) + dated + (digits and not dated) > 1:
        raise UnsupportedFormat("it mixes kinds of values")
    if dated:
        return Kind.DATE
    if digits:
        return Kind.NUMBER
    if words:
        return Kind.GENERAL if Mark.GENERAL in words else Kind.TEXT
    return Kind.LITERAL


def _literals(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if isinstance(token, Mark) and token not in (Mark.GENERAL, Mark.TEXT):
            if token not in (Mark.POINT, Mark.COMMA, Mark.PERCENT):
                raise UnsupportedFormat(f"`{token.value}` stands where no number does")
            yield Literal(token.value)
        else:
            yield token


def _subseconds(tokens: Sequence[Token]) -> Iterator[Token]:
    """Joins a point and the zeros after it; the other marks are text in a date."""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        zeros = 0
        if token is Mark.POINT:
            while tokens[position + 1 + zeros : position + 2 + zeros] == [Digit("0")]:
                zeros += 1
        if zeros > _MOST_SUBSECOND_DIGITS or (isinstance(token, Digit) and not zeros):
            raise UnsupportedFormat("it mixes a date with digits")
        if zeros:
            yield Subsecond(zeros)
        elif token in (Mark.EXPONENT, Mark.SIGNED_EXPONENT):
            raise UnsupportedFormat("it mixes a date with digits")
        elif isinstance(token, Mark):
            yield Literal(token.value)
        else:
            yield token
        position += 1 + zeros


def _minutes(tokens: Iterator[Token]) -> Iterator[Token]:
    """Tells minutes from months: m and mm are minutes after hours, and before or after seconds."""
    made = list(tokens)
    parts = [position for position, token in enumerate(made) if isinstance(token, DatePart | Elapsed)]
    letters = [part.letter for position in parts if isinstance(part := made[position], DatePart | Elapsed)]
    taken = False  # seconds that made the minutes before them do not make minutes after them
    for index, position in enumerate(parts):
        token = made[position]
        if not isinstance(token, DatePart) or token.letter != "m" or token.count > _MOST_MINUTE_LETTERS:
            continue
        before = letters[index - 1] if index else ""
        after = letters[index + 1] if index + 1 < len(letters) else ""
        if (before in ("h", "s") and not (taken and before == "s")) or after == "s":
            made[position] = DatePart("n", token.count)
            taken = after == "s"
    return iter(made)


def _number(tokens: Sequence[Token], condition: Condition | None, language: str) -> Section:
    if Mark.SLASH in tokens:
        raise UnsupportedFormat("fractions are not supported")
    if any(isinstance(token, Literal) and token.bare for token in tokens):
        raise UnsupportedFormat("it mixes places of digits with fixed digits")
    _check_exponents(tokens)
    made, grouped, thousands = _commas(tokens)
    return Section(
        Kind.NUMBER,
        tuple(made),
        condition,
        language,
        percents=made.count(Literal("%")),
        thousands=thousands,
        grouped=grouped and not _fragmented(made),
    )


def _check_exponents(tokens: Sequence[Token]) -> None:
    exponents = [index for index, token in enumerate(tokens) if token in (Mark.EXPONENT, Mark.SIGNED_EXPONENT)]
    for index in exponents:
        around = (tokens[:index], tokens[index:])
        if len(exponents) > 1 or not all(any(isinstance(token, Digit) for token in part) for part in around):
            raise UnsupportedFormat("its exponent is not between digits")


def _commas(tokens: Sequence[Token]) -> tuple[list[Token], bool, int]:
    """The symbols without the commas that group or scale, whether they group, and how often they scale.

    A comma after a digit's place groups where another place follows, and scales where none does.
    """
    made: list[Token] = []
    grouped, thousands, operator = False, 0, False
    last = max((index for index, token in enumerate(tokens) if isinstance(token, Digit)), default=-1)
    whole = True
    for index, token in enumerate(tokens):
        if token is Mark.COMMA and operator:
            grouped = grouped or (whole and index < last)
            thousands += index > last
            continue
        operator = isinstance(token, Digit) or token is Mark.POINT
        whole = whole and token is not Mark.POINT
        made.append(Literal(token.value) if token is Mark.COMMA or token is Mark.PERCENT else token)
    return made, grouped, thousands


def _fragmented(tokens: Sequence[Token]) -> bool:
    """Whether text stands between the digits' places before the point."""
    end = next((index for index, token in enumerate(tokens) if isinstance(token, Mark)), len(tokens))
    places = [index for index, token in enumerate(tokens[:end]) if isinstance(token, Digit)]
    return bool(places) and places[-1] - places[0] + 1 != len(places)
