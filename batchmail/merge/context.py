"""A row as templates see it."""

from collections.abc import Iterable, Mapping, Sequence

from jinja2.utils import missing

from batchmail.merge.environment import BlankCell
from batchmail.merge.names import ROW
from batchmail.values import Blank, CellValue


class RowContext(dict[str, object]):
    """The columns by name, and all of them under `row` and in `cells`; `printed` has the blank cells that were printed.

    It has the templates' `shared` names too, unless a column is called so. Other names are what Jinja2 calls missing.
    """

    __slots__ = ("cells", "printed")

    def __init__(
        self,
        shared: Mapping[str, object],
        columns: Sequence[str],
        values: Sequence[CellValue],
        used: Iterable[int],
    ) -> None:
        dict.__init__(self, shared)
        self.printed: list[Blank] = []
        self.cells: dict[str, object] = {}
        self.extend(columns, values, used)

    def __missing__(self, name: str) -> object:
        return missing

    def extend(self, columns: Sequence[str], values: Sequence[CellValue], used: Iterable[int]) -> None:
        """Take more columns in."""
        cells = self.cells
        for position in used:
            value = values[position]
            cells[columns[position]] = BlankCell(value, self.printed) if isinstance(value, Blank) else value
        self.update(cells)
        self[ROW] = cells  # also where a column is called so: it is reached as row["row"]

    def gives(self, name: str) -> bool:
        """Whether templates find a column of this name."""
        return name in self.cells or name == ROW

    def forgive(self, printed: int) -> None:
        """Forget the blank cells printed after the first so many."""
        del self.printed[printed:]
