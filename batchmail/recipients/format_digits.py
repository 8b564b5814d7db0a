"""Numbers in digits' places: 0, # and ?, grouping, decimals and exponents."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from batchmail.recipients.format_general import precise
from batchmail.recipients.format_section import Section
from batchmail.recipients.format_tokens import Digit, Literal, Mark, Token

_GROUP = 3
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)  # the largest double has 309 digits, a format at most 255 places
_EXPONENTS = (Mark.EXPONENT, Mark.SIGNED_EXPONENT)


def digits(section: Section, value: float) -> str:
    """The text of a number's size, without its sign, in a section of kind NUMBER."""
    size = _scaled(section, value)
    split = _exponent(section)
    if split is None:
        return _fixed(section.tokens, size, grouped=section.grouped)
    places, power = section.tokens[:split], section.tokens[split + 1 :]
    sign = "+" if section.tokens[split] is Mark.SIGNED_EXPONENT else ""
    mantissa, exponent = _normalised(places, size)
    sign = "-" if exponent < 0 else sign
    first = next((index for index, token in enumerate(power) if isinstance(token, Digit)), 0)
    before, after = _fixed(power[:first], Decimal(0)), _fixed(power[first:], Decimal(abs(exponent)), zero="0")
    zero = "0" if _places(places)[0] else ""
    return f"{_fixed(places, mantissa, zero=zero)}E{before}{sign}{after}"


def rounds_to_zero(section: Section, value: float) -> bool:
    """Whether no digit but 0 is shown: a spreadsheet then leaves out the minus."""
    _, decimals = _places(section.tokens)
    return not _rounded(_scaled(section, value), decimals) and _exponent(section) is None


def _scaled(section: Section, value: float) -> Decimal:
    return _CONTEXT.scaleb(abs(precise(value)), 2 * section.percents - _GROUP * section.thousands)


def _exponent(section: Section) -> int | None:
    return next((index for index, token in enumerate(section.tokens) if token in _EXPONENTS), None)


def _normalised(places: Sequence[Token], size: Decimal) -> tuple[Decimal, int]:
    """Mantissa and exponent; with several places before the point the exponent is a multiple of their number."""
    whole, decimals = _places(places)
    if not size:
        return size, 0
    step = max(whole, 1)
    exponent = (size.adjusted() // step) * step + (0 if whole else 1)
    mantissa = _rounded(_CONTEXT.scaleb(size, -exponent), decimals)
    if whole <= 1 and mantissa.adjusted() >= whole:
        exponent += 1
        mantissa = _rounded(_CONTEXT.scaleb(size, -exponent), decimals)
    return mantissa, exponent


def _places(tokens: Sequence[Token]) -> tuple[int, int]:
    point = tokens.index(Mark.POINT) if Mark.POINT in tokens else len(tokens)
    counts = [sum(isinstance(token, Digit) for token in part) for part in (tokens[:point], tokens[point:])]
    return counts[0], counts[1]


def _rounded(size: Decimal, decimals: int) -> Decimal:
    return size.quantize(Decimal(1).scaleb(-decimals), context=_CONTEXT)


def _fixed(tokens: Sequence[Token], size: Decimal, *, grouped: bool = False, zero: str = "") -> str:
    point = tokens.index(Mark.POINT) if Mark.POINT in tokens else len(tokens)
    _, decimals = _places(tokens)
    whole, _, fraction = format(_rounded(size, decimals), "f").partition(".")
    whole = whole.lstrip("0") or zero
    if not any(isinstance(token, Digit) for token in tokens[:point]) and decimals:
        tokens = (*tokens[:point], Digit(""), *tokens[point:])
        point += 1
    return _whole(tokens[:point], whole, grouped=grouped) + _fraction(tokens[point:], fraction)


def _whole(tokens: Sequence[Token], number: str, *, grouped: bool) -> str:
    """Digits before the point, filled in from the right; the leftmost place takes all that is left."""
    first = next((index for index, token in enumerate(tokens) if isinstance(token, Digit)), len(tokens))
    shown: list[str] = []
    used = 0
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if not isinstance(token, Digit):
            shown.append(_literal(token))
            continue
        count = max(len(number) - used, 1) if index == first else 1
        for _ in range(count):
            digit = number[-1 - used] if used < len(number) else token.absent
            if grouped and used and used % _GROUP == 0 and digit:
                shown.append(" " if digit == " " else ",")
            shown.append(digit)
            used += 1
    return "".join(reversed(shown))


def _fraction(tokens: Sequence[Token], number: str) -> str:
    """The point and the digits after it, filled in from the left; zeros at the end are absent."""
    significant = len(number.rstrip("0"))
    shown: list[str] = []
    used = 0
    for token in tokens:
        if isinstance(token, Digit):
            shown.append(number[used] if used < significant else token.absent)
            used += 1
        else:
            shown.append(_literal(token))
    return "".join(shown)


def _literal(token: Token) -> str:
    match token:
        case Literal(text):
            return text
        case Mark():
            return token.value
        case _:
            raise AssertionError(token)
