"""The seam of the recipients: a sheet gives rows, and knows the place of every cell."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from batchmail.location import Location
from batchmail.row import Row


class Sheet(Protocol):
    """An opened table with a header. It can be read as often as needed, each time from the start."""

    path: Path
    #: The worksheet's name; empty for a text file.
    name: str
    #: The header's names, stripped, in the order of the sheet.
    columns: tuple[str, ...]
    #: SHA-256 of the file's bytes, hex, as it was when opened.
    digest: str

    def rows(self) -> Iterator[Row]:
        """The rows below the header, in order. Rows without any text are left out.

        Raises SheetBroken where the file cannot be read on.
        """
        ...

    def place(self, row: Row, column: int | None = None) -> Location:
        """Where a row's cell stands (`column` counts from 0), or the row itself."""
        ...

    def header_place(self, column: int | None = None) -> Location:
        """Where a column's name stands, or the header itself."""
        ...
