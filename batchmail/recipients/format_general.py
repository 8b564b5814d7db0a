"""General: how a spreadsheet shows a number that has no format of its own, in a cell that is wide enough."""

from decimal import ROUND_HALF_UP, Decimal

#: A spreadsheet keeps this many significant digits.
SIGNIFICANT_DIGITS = 15

#: The most characters a number takes before it is rounded or shown with an exponent, the sign left out.
_WIDTH = 11
_DECIMALS = 9
_LARGEST_PLAIN_EXPONENT = 10
_SMALLEST_ROUNDED_EXPONENT = -4
_SMALLEST_PLAIN_EXPONENT = -9
_MANTISSA_DECIMALS = Decimal("0.00001")


def precise(value: float) -> Decimal:
    """The number as a spreadsheet knows it: 15 significant digits, so that 0.1 + 0.2 is 0.3."""
    return Decimal(format(value, f".{SIGNIFICANT_DIGITS}g"))


def general(value: float) -> str:
    """The text of a number under the format General."""
    if isinstance(value, int) and abs(value) < 10**_WIDTH:
        return str(value)
    number = precise(value)
    if not number:
        return "0"
    sign, size = ("-", -number) if number < 0 else ("", number)
    return sign + _unsigned(size)


def _unsigned(size: Decimal) -> str:
    exponent = size.adjusted()
    if _SMALLEST_ROUNDED_EXPONENT <= exponent <= _LARGEST_PLAIN_EXPONENT:
        decimals = _DECIMALS - max(exponent, 0)
        rounded = size.quantize(Decimal(1).scaleb(-max(decimals, 0)), ROUND_HALF_UP)
        if rounded.adjusted() <= _LARGEST_PLAIN_EXPONENT:
            return _plain(rounded)
    elif _SMALLEST_PLAIN_EXPONENT <= exponent < 0 and len(_plain(size)) <= _WIDTH:
        return _plain(size)
    return _scientific(size)


def _plain(size: Decimal) -> str:
    text = format(size, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scientific(size: Decimal) -> str:
    exponent = size.adjusted()
    mantissa = size.scaleb(-exponent).quantize(_MANTISSA_DECIMALS, ROUND_HALF_UP)
    if mantissa.adjusted() > 0:
        exponent, mantissa = exponent + 1, mantissa / 10
    return f"{_plain(mantissa)}E{'-' if exponent < 0 else '+'}{abs(exponent):02}"
