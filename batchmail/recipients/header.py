"""The header of a sheet: which columns have a name, and which cells have none; one law for every kind of file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.location import Location
from batchmail.recipients.base import SheetBroken
from batchmail.row import CellFault
from batchmail.wording import shown

#: A header with more columns than this is hardly one; it keeps a hostile file from taking memory.
MOST_COLUMNS = 256


@dataclass(frozen=True, slots=True)
class Header:
    """The named columns of a sheet, and the cells of the sheet that they are in (both from 0).

    `unnamed` are the cells without a name before the last one with a name, at `width` - 1. From `end` on there is no
    header at all. Cells outside of the named columns are numbered after them, as `Sheet` says: first the unnamed,
    then those from `width` on.
    """

    columns: tuple[str, ...]
    cells: tuple[int, ...]
    unnamed: tuple[int, ...]
    width: int
    end: int

    @property
    def is_plain(self) -> bool:
        """Whether every cell of the header is a column, in the same order."""
        return len(self.cells) == self.width

    def cell_of(self, column: int) -> int:
        """The cell of a column, or of a number beyond the columns."""
        if column < len(self.columns):
            return self.cells[column]
        outside = column - len(self.columns)
        if outside < len(self.unnamed):
            return self.unnamed[outside]
        return self.width + outside - len(self.unnamed)

    def number_of(self, cell: int) -> int:
        """The number of a cell outside of the named columns."""
        if cell in self.unnamed:
            return len(self.columns) + self.unnamed.index(cell)
        return len(self.columns) + len(self.unnamed) + cell - self.width


class OutsideCells:
    """Finds content outside of the named columns while the rows are read once.

    A column without a name is told of at its first content; a row with more cells than the header each time.
    """

    def __init__(self, header: Header) -> None:
        self._header = header
        self._told: set[int] = set()

    def faults(self, contents: Iterable[tuple[int, str]], cells: int = 0) -> dict[int, CellFault]:
        """The faults of a row whose cells outside of the named columns have these texts; `cells` is how many it has."""
        faults: dict[int, CellFault] = {}
        ragged = False
        for cell, text in contents:
            if not text or text.isspace() or cell in self._told:
                continue
            if cell < self._header.end:
                self._told.add(cell)
                faults[self._header.number_of(cell)] = _unnamed_column(text)
            elif not ragged:
                ragged = True
                faults[self._header.number_of(cell)] = _ragged_row(cells, self._header.end, text)
        return faults


class LateColumns:
    """Finds content under names that the first row does not have, while rows of names and texts are read once.

    Of each name the first is told. Within a row such columns are numbered after the known ones, in its own order.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = frozenset(columns)
        self._told: set[str] = set()

    def faults(self, texts: Mapping[str, str]) -> dict[int, CellFault]:
        """The faults of a row with these texts by their names."""
        if texts.keys() <= self._columns:
            return {}
        faults: dict[int, CellFault] = {}
        late = (name for name in texts if name not in self._columns)
        for number, name in enumerate(late, start=len(self._columns)):
            if texts[name].strip() and name not in self._told and len(self._told) < MOST_COLUMNS:
                self._told.add(name)
                faults[number] = _late_column(name, texts[name])
        return faults


def read_header(
    texts: Sequence[str], place: Callable[[int], Location], findings: Findings, *, end: int | None = None
) -> Header:
    """The header whose cells have these texts and places; `end` where it goes on with empty cells.

    A name that stands twice is a finding at the second, and its cells belong to no column.
    Raises SheetBroken where there are more than MOST_COLUMNS.
    """
    width = next((index + 1 for index in range(len(texts) - 1, -1, -1) if texts[index].strip()), 0)
    if width > MOST_COLUMNS:
        raise SheetBroken(_too_many_columns(place(MOST_COLUMNS)))
    first: dict[str, int] = {}
    unnamed: list[int] = []
    for cell in range(width):
        name = texts[cell].strip()
        if not name:
            unnamed.append(cell)
        elif name in first:
            findings.add(_duplicate(name, place(cell), place(first[name])))
        else:
            first[name] = cell
    return Header(tuple(first), tuple(first.values()), tuple(unnamed), width, len(texts) if end is None else end)


def no_rows(where: Location, *, header: bool) -> Finding:
    """The finding for a sheet with nobody in it; `header` where it has one."""
    message = "the sheet has a header and no rows" if header else "the sheet is empty"
    return rules.SHEET_EMPTY.finding(message, where, "Write the names of the columns first, and a row for every mail.")


def header_without_lines(where: Location) -> Finding:
    """The finding for a job that names the line of a header where columns have their names in every row."""
    hint = "Take `header:` out: every row names its columns itself."
    return rules.SHEET_NO_HEADER.finding("there is no line with the names of the columns", where, hint)


def no_header(where: Location, row: str) -> Finding:
    """The finding for a sheet that has no text in the row (`line 3`) that is named as its header."""
    message = f"{row} is blank, or not there; the job names it as the header"
    hint = "Write under `recipients` as `header:` the number of the line with the names of the columns."
    return rules.SHEET_NO_HEADER.finding(message, where, hint)


def _unnamed_column(text: str) -> CellFault:
    """The fault of the first cell with content in a column that has no name."""
    return CellFault(
        rules.SHEET_UNNAMED_COLUMN.id,
        "the cell is in a column without a name",
        "Give the column a name in the header, or empty it.",
        shown(text),
    )


def _late_column(name: str, text: str) -> CellFault:
    """The fault of the first cell with content under a name that the first row does not have."""
    return CellFault(
        rules.SHEET_LATE_COLUMN.id,
        f"the first row has no `{shown(name)}`",
        "Correct the name; if it is right, give it to the first row too, with an empty text where it has no value.",
        shown(text),
    )


def _ragged_row(cells: int, columns: int, text: str) -> CellFault:
    """The fault of a row with more cells than the header."""
    return CellFault(
        rules.SHEET_RAGGED_ROW.id,
        f"the row has {cells} cells, the header {columns}",
        'A cell that holds the separator stands in double quotes: "Kim, Lee".',
        shown(text),
    )


def _too_many_columns(where: Location) -> Finding:
    message = f"the header has more than {MOST_COLUMNS} columns"
    return rules.SHEET_BROKEN.finding(message, where, "Keep the columns that the mails need.")


def _duplicate(name: str, where: Location, first: Location) -> Finding:
    return rules.SHEET_DUPLICATE_COLUMN.finding(
        f"the column `{shown(name)}` is there twice; first at {first}",
        where,
        "Give one of them another name.",
        text=shown(name),
    )
