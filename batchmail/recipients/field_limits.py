"""What a declared column allows beyond its type: a pattern, a smallest and largest value, a list of values."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from batchmail.job import FieldSpec
from batchmail.recipients.field_format import BadFormat
from batchmail.recipients.field_values import BadCell, day, decimal, integer, moment
from batchmail.values import CellValue
from batchmail.wording import did_you_mean, listed

#: Looks at a cell's value and its text without surrounding blanks. Raises BadCell.
Limit = Callable[[CellValue, str], None]

#: A pattern is tried on no longer text.
LONGEST_MATCHED = 1_000


#: What has an order; a datetime is a date too.
_Bound = int | Decimal | date

_READERS: dict[str, Callable[[str], _Bound]] = {
    "integer": integer,
    "decimal": decimal,
    "date": day,
    "datetime": moment,
}


def limits(field: FieldSpec) -> tuple[Limit, ...]:
    """The limits of a column. Raises BadFormat for one that its type cannot have, or that no value can keep."""
    return tuple(_limits(field))


def _limits(field: FieldSpec) -> Iterator[Limit]:
    if field.choices:
        yield _one_of(field.choices)
    elif field.type == "choice":
        raise BadFormat("a choice needs the values to choose from", "Add `choices: [first, second]`.", "type")
    if field.pattern is not None:
        yield _matching(field.pattern)
    if field.min is not None or field.max is not None:
        yield from _between(field)


def _one_of(choices: tuple[str, ...]) -> Limit:
    allowed = frozenset(choices)

    def check(_: CellValue, text: str) -> None:
        if text not in allowed:
            raise BadCell(
                "it is none of the values to choose from", did_you_mean(text, choices, f"Write {listed(choices)}.")
            )

    return check


def _matching(pattern: str) -> Limit:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise BadFormat(f"it is no regular expression: {error}", "Write it as in Python's `re`.", "pattern") from None

    def check(_: CellValue, text: str) -> None:
        if len(text) > LONGEST_MATCHED or not compiled.fullmatch(text):
            raise BadCell(f"it does not match the pattern {pattern}", "Correct the cell, or the column's `pattern`.")

    return check


def _between(field: FieldSpec) -> Iterator[Limit]:
    reader = _READERS.get(field.type)
    if reader is None:
        raise BadFormat(
            f"values of the type {field.type} have no order",
            "Only integer, decimal, date and datetime have a smallest and a largest value.",
            "min" if field.min is not None else "max",
        )
    low = _bound(field.min, reader, "min")
    high = _bound(field.max, reader, "max")
    if low is not None and high is not None and high < low:  # type: ignore[operator]  # both are of one reader
        raise BadFormat(f"the smallest value {field.min} is over the largest", "Exchange the two.", "min")
    if low is not None:
        yield _at_least(low, field.min or "")
    if high is not None:
        yield _at_most(high, field.max or "")


def _bound(written: str | None, reader: Callable[[str], _Bound], key: str) -> _Bound | None:
    try:
        return None if written is None else reader(written)
    except BadCell as bad:
        raise BadFormat(bad.message, bad.hint, key) from None


def _at_least(low: _Bound, written: str) -> Limit:
    def check(value: CellValue, _: str) -> None:
        if value < low:  # type: ignore[operator]  # the cell was read by the reader of the bound
            raise BadCell(f"it is under {written}", f"The smallest value is {written}.")

    return check


def _at_most(high: _Bound, written: str) -> Limit:
    def check(value: CellValue, _: str) -> None:
        if high < value:  # type: ignore[operator]  # as above
            raise BadCell(f"it is over {written}", f"The largest value is {written}.")

    return check
