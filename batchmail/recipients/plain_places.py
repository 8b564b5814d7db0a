"""The formats that most numbers have: 0, 00000, #,##0 and 0.00, with text around them; shown without arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass

from batchmail.recipients.format_general import SIGNIFICANT_DIGITS
from batchmail.recipients.format_section import Kind, Section
from batchmail.recipients.format_tokens import Digit, Literal, Mark, Token

_PRECISE = f".{SIGNIFICANT_DIGITS}g"
_ZERO, _NUMBER_SIGN = Digit("0"), Digit("")


@dataclass(frozen=True, slots=True)
class PlainPlaces:
    """Places of digits in one piece: so many before the point at least, and so many after it."""

    before: str
    least: int
    grouped: bool
    point: str
    decimals: int
    after: str

    def show(self, value: float) -> str | None:
        """What `digits` gives; None for a number that is to be rounded, or is very large or small.

        A number whose decimals all have their place is its own digits: 2 microseconds instead of 18.
        """
        whole, _, fraction = format(abs(value), _PRECISE).partition(".")
        if len(fraction) > self.decimals or not whole.isdigit() or (fraction and not fraction.isdigit()):
            return None
        whole = f"{int(whole):,}" if self.grouped else whole
        if self.least != 1:
            whole = whole.zfill(self.least) if whole != "0" else "0" * self.least
        return f"{self.before}{whole}{self.point}{fraction:0<{self.decimals}}{self.after}"


def plain_places(section: Section) -> PlainPlaces | None:
    """The places of a section; None for one that wants more than digits in their places."""
    if section.kind is not Kind.NUMBER or section.percents or section.thousands:
        return None
    before, rest = _literals(section.tokens)
    whole, rest = _digits(rest)
    point = rest[:1] == (Mark.POINT,)
    decimals, rest = _digits(rest[1:]) if point else ((), rest)
    after, rest = _literals(rest)
    least = whole.count(_ZERO)
    in_order = whole == (_NUMBER_SIGN,) * (len(whole) - least) + (_ZERO,) * least
    if rest or not whole or not in_order or set(decimals) - {_ZERO} or (section.grouped and least > 1):
        return None
    return PlainPlaces(before, least, section.grouped, "." if point else "", len(decimals), after)


def _literals(tokens: Sequence[Token]) -> tuple[str, tuple[Token, ...]]:
    """The text at the start, and the other tokens."""
    end = next((at for at, token in enumerate(tokens) if not isinstance(token, Literal)), len(tokens))
    return "".join(token.text for token in tokens[:end] if isinstance(token, Literal)), tuple(tokens[end:])


def _digits(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """The places at the start, and the other tokens."""
    end = next((at for at, token in enumerate(tokens) if not isinstance(token, Digit)), len(tokens))
    return tuple(tokens[:end]), tuple(tokens[end:])
