"""Filters that mails need, besides those of Jinja2: amounts of money, dates and numbers by locale, Korean particles.

A blank cell stays blank in all of them, so that printing it is a finding as anywhere else.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType

from jinja2 import Undefined

from batchmail.merge.josa import with_particle
from batchmail.merge.locales import localised_date, localised_money, localised_number


class WrongValue(ValueError):
    """A filter was given a value that it can make nothing of."""


def money(value: object, currency: str, locale: str = "en") -> object:
    """An amount in a currency of ISO 4217, as a locale writes it: ₩1,200 of KRW in ko."""
    return value if isinstance(value, Undefined) else localised_money(_number(value, "money"), currency, locale)


def number(value: object, locale: str = "en") -> object:
    """A number with the separators of a locale."""
    return value if isinstance(value, Undefined) else localised_number(_number(value, "number"), locale)


def day(value: object, style: str = "long", locale: str = "en") -> object:
    """A date in the words of a locale: 2026年10月31日 in the style long and the locale ja.

    `style` is short, medium, long, full, or a pattern of Unicode's such as `y. M. d. (EEE)`.
    """
    if isinstance(value, Undefined):
        return value
    if isinstance(value, date):
        return localised_date(value if isinstance(value, datetime) else datetime.combine(value, time()), style, locale)
    raise WrongValue(f"`date` wants a date, and `{value}` is none: declare the column `type: date`")


def josa(value: object, particle: str) -> object:
    """A word with the Korean particle that fits it: 김민수는 of 은/는."""
    return value if isinstance(value, Undefined) else with_particle(str(value), particle)


def _number(value: object, name: str) -> Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    raise WrongValue(f"`{name}` wants a number, and `{value}` is none: declare the column `type: decimal`")


FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {"money": money, "number": number, "date": day, "josa": josa}
)
#: Those that write as a locale does, which takes a library.
LOCALISED = frozenset({"money", "number", "date"})
