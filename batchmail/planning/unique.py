"""Columns declared `unique`: no two of the rows that are wanted may have the same value in one."""

from collections.abc import Hashable, Mapping, Sequence
from hashlib import blake2b

from batchmail.job import FieldSpec
from batchmail.journal.base import Clash
from batchmail.row import ReadRow
from batchmail.values import Blank, CellValue

_REGARDLESS_OF_CASE = frozenset({"email", "emails"})


class UniqueColumns:
    """Remembers the values of the columns that want it: about 100 bytes for each row and such column."""

    def __init__(self, fields: Mapping[str, FieldSpec], columns: Sequence[str]) -> None:
        self._columns = {
            position: (fields[name].type in _REGARDLESS_OF_CASE, dict[Hashable, int]())
            for position, name in enumerate(columns)
            if name in fields and fields[name].unique
        }
        #: By the column's position, the rows that have a value which another had before.
        self.clashes: dict[int, list[Clash]] = {position: [] for position in self._columns}

    def look(self, read: ReadRow) -> None:
        """Take a row in."""
        for position, (folded, seen) in self._columns.items():
            value = read.values[position]
            if isinstance(value, Blank) or value == "":
                continue
            first = seen.setdefault(_compared(value, folded=folded), read.row.position)
            if first != read.row.position:
                text = read.row.texts[position].strip()
                self.clashes[position].append(Clash(text, first, read.row.position))


def _compared(value: CellValue, *, folded: bool) -> Hashable:
    """What is equal for equal values; of texts a digest, which takes less room."""
    if not isinstance(value, str | tuple):
        return value
    text = str(value).casefold() if folded else str(value).strip()
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
