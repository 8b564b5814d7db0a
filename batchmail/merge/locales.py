"""Numbers, money and dates as the people of a locale write them. The home of Babel.

It has 33 MB, is in the extra `locales`, and is imported when it is first used.
"""

from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

_STYLES = frozenset({"short", "medium", "long", "full"})


class UnknownLocale(ValueError):
    """No locale, or currency, of this name."""


def knows_locales() -> bool:
    """Whether the library is installed; without it, the functions here raise ImportError."""
    return find_spec("babel") is not None


def localised_money(value: Decimal, currency: str, locale: str) -> str:
    """An amount in a currency of ISO 4217. Raises UnknownLocale."""
    from babel.numbers import format_currency, is_currency  # noqa: PLC0415  80 ms, for jobs that use it

    known = _locale(locale)
    if not is_currency(currency):
        raise UnknownLocale(f"`{currency}` is no currency: write KRW, JPY, USD or another code of ISO 4217")
    return format_currency(value, currency, locale=known)


def localised_number(value: Decimal, locale: str) -> str:
    """A number with all of its decimals. Raises UnknownLocale."""
    from babel.numbers import format_decimal  # noqa: PLC0415  as above

    return format_decimal(value, locale=_locale(locale), decimal_quantization=False)


def localised_date(value: datetime, style: str, locale: str) -> str:
    """A date in a style of the locale, or in a pattern of Unicode TR 35. Raises UnknownLocale."""
    from babel.dates import format_date, format_datetime  # noqa: PLC0415  as above

    known = _locale(locale)
    return format_date(value, style, known) if style in _STYLES else format_datetime(value, style, locale=known)


@cache
def _locale(name: str) -> "Locale":
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415  as above

    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise UnknownLocale(f"`{name}` is no locale: write en, ko, ja or another language, as in en_GB") from None
