"""Rows that stand in the manifest itself, as a sheet: each is a mapping of columns to texts."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from batchmail.finding import Findings
from batchmail.job import RecipientsSpec, TemplateText
from batchmail.location import Location, TextLocation
from batchmail.recipients.base import NO_FAULTS
from batchmail.recipients.header import LateColumns, header_without_lines, no_rows, read_header
from batchmail.row import Row


class InlineSheet:
    """The rows of a manifest; see `Sheet`. The first one says which columns there are."""

    name = ""

    def __init__(self, spec: RecipientsSpec, where: Location) -> None:
        self.path = where.path
        self.columns = tuple(spec.rows[0])
        contents = [{name: cell.text for name, cell in row.items()} for row in spec.rows]
        self.digest = sha256(json.dumps(contents).encode("ascii")).hexdigest()
        self._where = where
        self._rows = [(row, texts) for row, texts in zip(spec.rows, contents, strict=True) if _has_text(texts)]

    def rows(self) -> Iterator[Row]:
        late = LateColumns(self.columns)
        for position, (row, texts) in enumerate(self._rows, start=1):
            line = _number(next(iter(row.values())).where)
            cells = tuple(texts.get(name, "") for name in self.columns)
            yield Row(position, line, cells, None, late.faults(texts) or NO_FAULTS)

    def place(self, row: Row, column: int | None = None) -> Location:
        return self._place(self._rows[row.position - 1][0], column)

    def header_place(self, column: int | None = None) -> Location:
        return self._where if column is None else self._place(self._rows[0][0], column)

    def _place(self, cells: Mapping[str, TemplateText], column: int | None) -> Location:
        """Where a cell is written; the row's first cell for the row, and for a column that it does not have."""
        first = next(iter(cells.values()))
        if column is None:
            return first.where
        if column < len(self.columns):
            return cells.get(self.columns[column], first).where
        late = [cell for name, cell in cells.items() if name not in self.columns]
        return late[column - len(self.columns)].where


def open_rows(spec: RecipientsSpec, where: Location, findings: Findings) -> InlineSheet | None:
    """The rows of a manifest; None where they are nobody's. Raises SheetBroken for too many columns."""
    if spec.header is not None:
        findings.add(header_without_lines(where))
        return None
    cells = list(spec.rows[0].values())
    read_header(list(spec.rows[0]), lambda cell: cells[cell].where, findings)
    if not any(_has_text({name: cell.text for name, cell in row.items()}) for row in spec.rows):
        findings.add(no_rows(where, header=bool(cells)))
        return None
    return InlineSheet(spec, where)


def _number(where: Location) -> int:
    """The line, or the worksheet's row, of a place."""
    return where.line or 0 if isinstance(where, TextLocation) else where.row


def _has_text(texts: Mapping[str, str]) -> bool:
    return any(map(str.strip, texts.values()))
