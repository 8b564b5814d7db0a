"""How much the filters and text methods make that can make much out of little, reckoned before they do."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from batchmail.merge.budget import LARGEST, TooLarge, weight

#: The highest number of characters, columns or digits that a template may ask for by a number.
WIDEST = 10_000
#: A template for strftime or format that is longer is none.
LONGEST_PATTERN = 10_000

#: What a filter or method will make: reckoned from its value and its arguments.
Guard = Callable[[object, tuple[object, ...], Mapping[str, object]], int]

_DIGITS = re.compile(r"\d{5,}|\*")
_NESTED = re.compile(r":[^{}]*\{")
_SPECS = re.compile(r"[%{]")


def _argument(args: tuple[object, ...], kwargs: Mapping[str, object], position: int, name: str) -> object:
    return args[position] if len(args) > position else kwargs.get(name)


def _narrow(value: object) -> int:
    """A number of columns or the like, not too high."""
    if isinstance(value, int) and abs(value) > WIDEST:
        raise TooLarge(f"{value!r} is too many: a template may ask for {WIDEST:,}")
    return abs(value) if isinstance(value, int) else 0


def _width(_value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    """By a number of columns or the like: center, batch, slice, round and ljust."""
    return max((_narrow(each) for each in (*args, *kwargs.values())), default=0)


def _indent(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    width = _argument(args, kwargs, 0, "width")
    columns = len(width) if isinstance(width, str) else _narrow(width)
    return (str(value).count("\n") + 1) * columns


def _wordwrap(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    width, mark = _argument(args, kwargs, 0, "width"), _argument(args, kwargs, 2, "wrapstring")
    columns = max(width if isinstance(width, int) else 79, 1)
    return (len(str(value)) // columns + 1) * weight(mark)


def _replace(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    old, new = str(_argument(args, kwargs, 0, "old")), str(_argument(args, kwargs, 1, "new"))
    return str(value).count(old) * len(new)


def _join(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    items = len(value) if isinstance(value, list | tuple | str | dict | range) else 0
    return items * weight(_argument(args, kwargs, 0, "d") or "")


def _links(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    each = sum(map(weight, (*args, *kwargs.values()))) + len("https://")
    return len(str(value)) // 4 * each


def printf(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    """`"%5.2f" | format(amount)`, and the same with the operator %."""
    return _pattern(str(value), (*args, *kwargs.values()))


def braces(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    """`"{:>5}".format(number)`; the width of one value cannot be another value."""
    if _NESTED.search(str(value)):
        raise TooLarge("a format whose width is a value of its own")
    return _pattern(str(value), (*args, *kwargs.values()))


def _pattern(text: str, values: tuple[object, ...]) -> int:
    if len(text) > LONGEST_PATTERN or _DIGITS.search(text):
        raise TooLarge("a format with a width that is too high, or from a value")
    specs = len(_SPECS.findall(text))
    return len(text) + specs * (WIDEST if re.search(r"\d{3}", text) else 100) + specs * sum(map(weight, values))


def _strftime(_value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    return sum(_pattern(str(each), ()) for each in (*args, *kwargs.values()))


def _tabs(value: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
    return _width(value, args, kwargs) * str(value).count("\t")


FILTER_GUARDS: Mapping[str, Guard] = MappingProxyType(
    {
        "batch": _width,
        "center": _width,
        "format": printf,
        "indent": _indent,
        "join": _join,
        "replace": _replace,
        "round": _width,
        "slice": _width,
        "tojson": _width,
        "urlize": _links,
        "wordwrap": _wordwrap,
    }
)
METHOD_GUARDS: Mapping[str, Guard] = MappingProxyType(
    {
        "center": _width,
        "expandtabs": _tabs,
        "join": lambda value, args, kwargs: _join(args[0] if args else "", (value,), kwargs),
        "ljust": _width,
        "replace": _replace,
        "rjust": _width,
        "strftime": _strftime,
        "zfill": _width,
    }
)
#: What makes bytes, or text out of a table of letters, is no business of a mail.
REFUSED_METHODS = frozenset({"encode", "from_bytes", "maketrans", "to_bytes", "translate"})

#: How many times a filter costs what others do for a character; the first four, and those of a locale, cost by call.
PRICES: Mapping[str, int] = MappingProxyType(
    {"money": 200, "number": 200, "date": 200, "urlize": 20, "wordwrap": 20, "title": 10, "pprint": 20, "tojson": 3}
    | {"striptags": 10, "wordcount": 10, "urlencode": 5, "sort": 3, "xmlattr": 3, "unique": 3}
)

#: The bits of the highest number that a product or power may make: some 600 digits.
_LONGEST_NUMBER = 2_000


def product(operator: str, left: object, right: object) -> int:
    """What `+`, `*`, `%` or `**` will make of two values. Raises TooLarge."""
    if operator == "%":
        return printf(left, (right,), {}) if isinstance(left, str) else 1
    if operator == "+":
        return _size(left) + _size(right)
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
        if bits > _LONGEST_NUMBER:
            raise TooLarge("a number with too many digits")
        return 1
    return _repeated(left, right)


def _repeated(left: object, right: object) -> int:
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, str | list | tuple) and isinstance(times, int):
            if len(sequence) * times > LARGEST:
                raise TooLarge("a repeated text or list is too long")
            return max(len(sequence) * times, 1)
    return 1


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 1
