"""Where something was written, so that every message to a person can name the place."""

from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase


@dataclass(frozen=True, slots=True)
class TextLocation:
    """A place in a text file; line and column count from 1, None where only the file is meant."""

    path: Path
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.path.as_posix(), *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class CellLocation:
    """A place in a workbook; `cell` as a spreadsheet shows it (`C14`), None for the sheet itself.

    `line` is one of the cell's own lines, from 1; None where the whole cell is meant.
    """

    path: Path
    sheet: str
    cell: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.path.as_posix()} › {self.sheet}"
        if not self.cell:
            return place
        return f"{place}!{self.cell}" if self.line is None else f"{place}!{self.cell}, line {self.line}"

    @property
    def row(self) -> int:
        """The number of the cell's row; 0 for the sheet itself."""
        return int((self.cell or "").lstrip(ascii_uppercase) or 0)


Location = TextLocation | CellLocation
