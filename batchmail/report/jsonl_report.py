"""The report as JSON Lines, for programs: every text as it is."""

import json
from collections.abc import Iterable
from typing import BinaryIO

from batchmail.report.destination import texts_into
from batchmail.report.layout import Layout
from batchmail.report.line import ReportLine


def write_jsonl(file: BinaryIO, layout: Layout, lines: Iterable[ReportLine]) -> None:
    """Write one object a line, in UTF-8. `mail_attempts` is a number, or null where there is no result."""
    header = layout.header
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with texts_into(file, "utf-8") as text:
        for line in lines:
            cells = (*layout.texts(line.row), *line.mail_cells())
            text.write(encode(dict(zip(header, cells, strict=True))) + "\n")
