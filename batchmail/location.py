"""Where something was written, so that every message to a person can name the place."""

from dataclasses import dataclass
from pathlib import Path


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
    """A place in a workbook; `cell` as a spreadsheet shows it (`C14`), None for the sheet itself."""

    path: Path
    sheet: str
    cell: str | None = None

    def __str__(self) -> str:
        place = f"{self.path.as_posix()} › {self.sheet}"
        return f"{place}!{self.cell}" if self.cell else place


Location = TextLocation | CellLocation
