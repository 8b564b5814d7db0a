"""A row as templates see it."""

from collections.abc import Iterable, Sequence

from batchmail.merge.environment import BlankCell
from batchmail.merge.names import ROW
from batchmail.values import Blank, CellValue


class RowContext(dict[str, object]):
    """The columns by name, and all of them under `row`; `printed` has the blank cells that were printed."""

    def __init__(self, columns: Sequence[str], values: Sequence[CellValue], used: Iterable[int]) -> None:
        super().__init__()
        self.printed: list[Blank] = []
        self._cells: dict[str, object] = {}
        self.extend(columns, values, used)

    def extend(self, columns: Sequence[str], values: Sequence[CellValue], used: Iterable[int]) -> None:
        """Take more columns in."""
        for position in used:
            value = values[position]
            self[columns[position]] = BlankCell(value, self.printed) if isinstance(value, Blank) else value
        self._cells.update({columns[position]: self[columns[position]] for position in used})
        self[ROW] = self._cells  # also where a column is called so: it is reached as row["row"]

    def forgive(self, printed: int) -> None:
        """Forget the blank cells printed after the first so many."""
        del self.printed[printed:]
