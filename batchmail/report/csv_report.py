"""The report as CSV (RFC 4180), so that spreadsheet programs show it right."""

import csv
from collections.abc import Iterable
from typing import BinaryIO

from batchmail.formula import disarmed
from batchmail.report.destination import texts_into
from batchmail.report.layout import Layout
from batchmail.report.line import ReportLine

_BYTE_ORDER_MARK = "\ufeff"


def write_csv(file: BinaryIO, layout: Layout, lines: Iterable[ReportLine]) -> None:
    """Write comma-separated UTF-8 with a byte order mark, which is how Excel knows that it is UTF-8.

    A text that a spreadsheet program would run as a formula has `'` in front (see `batchmail.formula`).
    """
    with texts_into(file, "utf-8") as text:
        text.write(_BYTE_ORDER_MARK)
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([disarmed(name) for name in layout.header])
        writer.writerows(_cells(layout, line) for line in lines)


def _cells(layout: Layout, line: ReportLine) -> list[str | int | None]:
    results = (disarmed(cell) if isinstance(cell, str) else cell for cell in line.mail_cells())
    return [*map(disarmed, layout.texts(line.row)), *results]
