"""Columns declared `unique`: no two of the rows that are wanted may have the same value in one."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import assert_never

from batchmail.job import FieldSpec
from batchmail.journal.base import Clash
from batchmail.recipients.base import Sheet
from batchmail.row import ReadRow
from batchmail.values import Blank, ShownBoolean, ShownDate, ShownDateTime, ShownDecimal, ShownInteger

_REGARDLESS_OF_CASE = frozenset({"email", "emails"})
#: A digest of the value (8 bytes), and the row's position (4).
_RECORD = 12
_DIGEST = 8

#: What a cell that is not blank may be to a template; what only shows otherwise is the same value.
_Value = str | tuple[str, ...] | ShownInteger | ShownDecimal | ShownDate | ShownDateTime | ShownBoolean


class UniqueColumns:
    """Takes in the values of the columns that want it: 12 bytes for each row and such column."""

    def __init__(self, fields: Mapping[str, FieldSpec], columns: Sequence[str]) -> None:
        self._columns = {
            position: _Values(folded=fields[name].type in _REGARDLESS_OF_CASE)
            for position, name in enumerate(columns)
            if name in fields and fields[name].unique
        }

    def look(self, read: ReadRow) -> None:
        """Take a row in."""
        for position, seen in self._columns.items():
            value = read.values[position]
            if not isinstance(value, Blank) and value != "":
                seen.add(value, read.row.position)

    def clashes(self, sheet: Sheet) -> Iterator[tuple[int, Clash]]:
        """The rows that have a value which another had before, in order, each with the position of its column.

        Their texts are read from the sheet again, and none is kept: it may be every row.
        """
        repeated = {position: firsts for position, seen in self._columns.items() if (firsts := seen.firsts())}
        for row in sheet.rows() if repeated else ():
            for position, firsts in repeated.items():
                first = firsts[row.position] if row.position < len(firsts) else 0
                if first:
                    yield position, Clash(row.texts[position].strip(), first, row.position)


class _Values:
    """The values of one column."""

    def __init__(self, *, folded: bool) -> None:
        self._folded = folded
        self._buckets = [bytearray() for _ in range(256)]

    def add(self, value: _Value, position: int) -> None:
        digest = blake2b(_compared(value, folded=self._folded), digest_size=_DIGEST).digest()
        self._buckets[digest[0]] += digest + position.to_bytes(_RECORD - _DIGEST, "big")

    def firsts(self) -> "array[int]":
        """By a row's position, that of the first with its value; 0 where it is the first. Empty where none repeats."""
        found = array("I")
        for bucket in self._buckets:
            for position, first in _repeated(bucket):
                if position >= len(found):
                    found.frombytes(bytes(found.itemsize * (position + 1 - len(found))))
                found[position] = first
        return found


def _repeated(bucket: bytearray) -> Iterator[tuple[int, int]]:
    """The rows whose value another had before, each with the first that had it."""
    firsts: dict[bytes, int] = {}
    for at in range(0, len(bucket), _RECORD):
        position = int.from_bytes(bucket[at + _DIGEST : at + _RECORD], "big")
        first = firsts.setdefault(bytes(bucket[at : at + _DIGEST]), position)
        if first != position:
            yield position, first


def _compared(value: _Value, *, folded: bool) -> bytes:
    """What is the same for equal values, and for no others."""
    match value:
        case str() | tuple():
            text = str(value).casefold() if folded else str(value).strip()
        case ShownDecimal():
            text = _plain(value)
        case ShownInteger() | ShownBoolean():
            text = format(int(value), "d")
        case ShownDate() | ShownDateTime():
            text = value.isoformat()
        case _:
            assert_never(value)
    return text.encode("utf-8", "surrogatepass")


def _plain(value: Decimal) -> str:
    """A number without the zeros that do not count."""
    written = format(value, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written == "-0" else written
