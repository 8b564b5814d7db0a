"""A line of the report: a row of the sheet, and what became of its mail."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from batchmail.delivery import DeliveryState, Record
from batchmail.row import Row

_REDO = frozenset({DeliveryState.REJECTED, DeliveryState.FAILED})


class MailCells(NamedTuple):
    """The cells below `MAIL_COLUMNS`; all empty where the journal knows nothing of the row."""

    status: str = ""
    reason: str = ""
    attempts: int | None = None
    time: str = ""
    id: str = ""
    to: str = ""


class ReportLine(NamedTuple):
    """A row and its last known result; a tuple, for a report may have a million of them.

    `record` is None for a row that was never enrolled. `row` is None for a result whose key has left the sheet;
    such lines belong at the end.
    """

    row: Row | None
    record: Record | None

    def mail_cells(self) -> MailCells:
        """What the report says about the row's mail."""
        record = self.record
        if record is None:
            return MailCells()
        reason = record.reason
        if self.row is None:
            gone = f"no longer in the sheet: key {record.key}"
            reason = f"{gone}; {reason}" if reason else gone
        return MailCells(
            record.state.value, reason, record.attempts, record.at, record.provider_id, ", ".join(record.to)
        )


def failed_only(lines: Iterable[ReportLine]) -> Iterator[ReportLine]:
    """The rows that ask for something to be done: those rejected, failed and sent in part.

    Those sent in part are not sent again under their key: whoever misses the mail needs a row of their own. Rows in
    doubt are not among them, because their mail may have arrived; nor are results without a row.
    """
    return (line for line in lines if line.row and line.record and (line.record.state in _REDO or line.record.partial))
