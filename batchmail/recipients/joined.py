"""Several sheets as one list: the rows of the first, then those of the second, and so on."""

from bisect import bisect_right
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import Location
from batchmail.recipients.base import Sheet
from batchmail.row import CellFault, Row
from batchmail.wording import did_you_mean, listed, shown


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet of the list; `columns` says for each column of the list which one of the sheet it is."""

    sheet: Sheet
    columns: tuple[int, ...]

    @classmethod
    def of(cls, sheet: Sheet, columns: Sequence[str]) -> "Part":
        """A sheet as a part of a list with these columns, all of which it has."""
        return cls(sheet, tuple(map(sheet.columns.index, columns)))

    def own(self, columns: Collection[int]) -> set[int]:
        """The sheet's own numbers of some columns of the list."""
        return {self.columns[column] for column in columns}

    def row(self, row: Row, position: int) -> Row:
        """A row of the sheet as one of the list."""
        if self.columns == tuple(range(len(row.texts))):
            return Row(position, row.line, row.texts, row.stored, row.faults, row.hidden)
        texts = tuple(row.texts[own] for own in self.columns)
        stored = None if row.stored is None else tuple(row.stored[own] for own in self.columns)
        faults = self._faults(row) if row.faults else row.faults
        return Row(position, row.line, texts, stored, faults, row.hidden)

    def _faults(self, row: Row) -> dict[int, CellFault]:
        beyond = len(self.columns) - len(self.sheet.columns)
        width = len(self.sheet.columns)
        faults = {own + beyond: fault for own, fault in row.faults.items() if own >= width}
        for column, own in enumerate(self.columns):
            if own in row.faults:
                faults[column] = row.faults[own]
        return faults

    def cell_of(self, column: int | None) -> int | None:
        """The sheet's own number of a column of the list, or of a number beyond."""
        if column is None:
            return None
        if column < len(self.columns):
            return self.columns[column]
        return column - len(self.columns) + len(self.sheet.columns)


class JoinedSheet:
    """Several sheets as one; see `Sheet`. The first says which columns there are and in which order."""

    def __init__(self, parts: Sequence[Part]) -> None:
        first = parts[0].sheet
        self.path = first.path
        self.name = first.name
        self.columns = first.columns
        self.digest = sha256("".join(part.sheet.digest for part in parts).encode("ascii")).hexdigest()
        self.parts = tuple(parts)
        #: Behind which position the rows of each part begin, as far as they have been read once.
        self._starts = [0]

    def rows(self) -> Iterator[Row]:
        position = 0
        for number, part in enumerate(self.parts):
            if number == len(self._starts):
                self._starts.append(position)
            with closing(_rows(part.sheet)) as rows:
                for row in rows:
                    position += 1
                    yield part.row(row, position)

    def place(self, row: Row, column: int | None = None) -> Location:
        part = self.parts[bisect_right(self._starts, row.position - 1) - 1]
        return part.sheet.place(row, part.cell_of(column))

    def header_place(self, column: int | None = None) -> Location:
        return self.parts[0].sheet.header_place(column)


def columns_differ(sheet: Sheet, first: Sheet, where: Location) -> Iterator[Finding]:
    """What the columns of a file lack, or have too much, compared with those of the first file of its list."""
    for name in first.columns:
        if name not in sheet.columns:
            message = f"`{shown(sheet.path.name)}` has no column `{shown(name)}`; the first file of the list has one"
            hint = did_you_mean(name, sheet.columns, f"Its columns are: {listed(sheet.columns)}.")
            yield rules.SHEET_COLUMNS_DIFFER.finding(message, where, hint, text=shown(name))
    for column, name in enumerate(sheet.columns):
        if name not in first.columns:
            message = f"the first file of the list has no column `{shown(name)}`"
            hint = did_you_mean(name, first.columns, f"Its columns are: {listed(first.columns)}.")
            place = sheet.header_place(column)
            yield rules.SHEET_COLUMNS_DIFFER.finding(message, place, hint, text=shown(name))


def _rows(sheet: Sheet) -> Generator[Row, None, None]:
    yield from sheet.rows()
