"""The seam of the recipients: a sheet gives rows, and knows the place of every cell."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from batchmail.finding import Finding
from batchmail.location import Location
from batchmail.row import CellFault, Row

#: What most rows have; shared, for a sheet may have a million of them.
NO_FAULTS: Mapping[int, CellFault] = MappingProxyType({})


class SheetBroken(Exception):
    """A sheet cannot be read on; the finding says where and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Sheet(Protocol):
    """An opened table with a header. It can be read as often as needed, each time from the start.

    Columns count from 0. A cell outside of the named columns (below an empty header cell, or beyond the header)
    is none of a row's texts; where it has content it is a fault of the row, and its number is len(columns) or more.
    Such a fault is an error of the sheet, whatever columns a template uses.
    """

    path: Path
    #: The worksheet's name; empty for a text file.
    name: str
    #: The header's names, stripped, in the order of the sheet; columns without a name are left out.
    columns: tuple[str, ...]
    #: SHA-256 of the file's bytes, hex, as it was when opened.
    digest: str

    def rows(self) -> Iterator[Row]:
        """The rows below the header, in order. Rows without any text are left out.

        Raises SheetBroken where the file cannot be read on, or is no longer the one that was opened.
        """
        ...

    def place(self, row: Row, column: int | None = None) -> Location:
        """Where a row's cell stands, or the row itself. Every column that the row has a fault for has a place."""
        ...

    def header_place(self, column: int | None = None) -> Location:
        """Where a column's name stands, or the header itself."""
        ...


@runtime_checkable
class HidesColumns(Protocol):
    """A sheet that says which of its columns are not shown."""

    hidden: frozenset[int]
