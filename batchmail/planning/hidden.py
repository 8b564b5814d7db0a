"""Rows that a workbook does not show, and that are sent to like all others."""

from collections.abc import Callable

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import Location
from batchmail.row import Row

#: So many of the hidden rows are named.
_NAMED = 5


class HiddenRows:
    """Counts the hidden rows that `where` does not leave out."""

    def __init__(self, place: Callable[[Row], Location]) -> None:
        self._place = place
        self._number = 0
        self._first: list[Row] = []

    def look(self, row: Row) -> None:
        """Take note of a row."""
        if row.hidden:
            self._number += 1
            if len(self._first) < _NAMED:
                self._first.append(row)

    def finding(self) -> Finding | None:
        """The finding for all of them, at the first; None where there are none."""
        if not self._first:
            return None
        first = self._first[0]
        rows = ", ".join(str(row.line) for row in self._first) + (", …" if self._number > len(self._first) else "")
        what = f"the row {rows} is" if self._number == 1 else f"{self._number:,} rows ({rows}) are"
        return rules.SHEET_HIDDEN_ROWS.finding(
            f"{what} hidden in the workbook, and would be sent to",
            self._place(first),
            "Show them, or leave them out by `where` under `recipients`; "
            f"if all are meant, allow it with --allow {rules.SHEET_HIDDEN_ROWS.id}",
        )
