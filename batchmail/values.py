"""What a cell is to a template: a value that can be compared and counted, and that prints as its user sees it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Self


@dataclass(frozen=True, slots=True)
class Blank:
    """A cell with nothing in it; `word` where it reads NaN, None or the like. Printing it is a finding."""

    column: str
    word: str = ""

    def __bool__(self) -> bool:
        return False


class ShownInteger(int):
    """A whole number that prints as its column's format says."""

    shown: str

    @classmethod
    def of(cls, value: int, shown: str) -> Self:
        made = cls(value)
        made.shown = shown
        return made

    def __str__(self) -> str:
        return self.shown


class ShownDecimal(Decimal):
    """A decimal number that prints as its column's format says."""

    shown: str

    @classmethod
    def of(cls, value: Decimal, shown: str) -> Self:
        made = cls(value)
        made.shown = shown
        return made

    def __str__(self) -> str:
        return self.shown


class ShownDate(date):
    """A date that prints as its column's format says."""

    shown: str

    @classmethod
    def of(cls, value: date, shown: str) -> Self:
        made = cls(value.year, value.month, value.day)
        made.shown = shown
        return made

    def __str__(self) -> str:
        return self.shown


class ShownDateTime(datetime):
    """A date and time that prints as its column's format says."""

    shown: str

    @classmethod
    def of(cls, value: datetime, shown: str) -> Self:
        made = cls.combine(value.date(), value.timetz())
        made.shown = shown
        return made

    def __str__(self) -> str:
        return self.shown


class ShownBoolean(int):
    """True or false, printed as its column's format says; Python's own bool cannot be extended."""

    shown: str

    @classmethod
    def of(cls, value: bool, shown: str) -> Self:  # noqa: FBT001  the value itself
        made = cls(value)
        made.shown = shown
        return made

    def __str__(self) -> str:
        return self.shown


class Addresses(tuple[str, ...]):
    """The addresses of a cell declared `type: emails`."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)


CellValue = str | ShownInteger | ShownDecimal | ShownDate | ShownDateTime | ShownBoolean | Addresses | Blank
