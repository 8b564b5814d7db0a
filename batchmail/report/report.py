"""The user's own sheet back, with what became of each row: the way in."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from batchmail.errors import BatchmailError
from batchmail.report.csv_report import write_csv
from batchmail.report.destination import ReportUnwritable, replacing
from batchmail.report.jsonl_report import write_jsonl
from batchmail.report.layout import Layout
from batchmail.report.line import ReportLine


def _write_workbook(file: BinaryIO, layout: Layout, lines: Iterable[ReportLine]) -> None:
    from batchmail.report.workbook import write_workbook  # noqa: PLC0415  openpyxl is a tenth of what `send` imports

    write_workbook(file, layout, lines)


_WRITERS: dict[str, Callable[[BinaryIO, Layout, Iterable[ReportLine]], None]] = {
    ".csv": write_csv,
    ".xlsx": _write_workbook,
    ".jsonl": write_jsonl,
}

#: The file name endings that a report may have.
REPORT_SUFFIXES = tuple(_WRITERS)


class ReportFormatUnknown(BatchmailError):
    """The report's file name does not say in which format it is meant."""

    def __init__(self, path: Path) -> None:
        ending = f"`{path.suffix}` is no format of reports" if path.suffix else "its name has no ending"
        super().__init__(
            f"{path.as_posix()}: the report cannot be written: {ending}",
            f"Name it with one of these endings: {', '.join(REPORT_SUFFIXES)}.",
        )


def write_report(path: Path, columns: Sequence[str], lines: Iterable[ReportLine], *, title: str = "") -> None:
    """Write the sheet's own columns, then the mail columns, in the format that the path's suffix says.

    `columns` are all columns of the sheet, as in its rows; `title` is the name of its worksheet, and the report's.
    The file replaces what was there when it is complete, and only then. Only its owner may read it.

    Raises ReportFormatUnknown, ReportUnwritable where the file or its folder cannot be written, and ReportTooLarge.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ReportFormatUnknown(path)
    try:
        with replacing(path) as file:
            writer(file, Layout.of(columns, title), lines)
    except OSError as error:
        raise ReportUnwritable(path, error) from error
