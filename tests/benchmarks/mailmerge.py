"""A folder that mailmerge reads: its template, its database and its configuration."""

import sys
from pathlib import Path

from tests.benchmarks import letter
from tests.benchmarks.people import write_csv
from tests.benchmarks.servers.running import HOST

BOUNDARY = "next-part-of-the-mail"

#: What its script calls, on all rows (`python -m mailmerge` fails in 2.2.3). Of its ways to print, the quickest.
COMMAND = (sys.executable, "-c", "from mailmerge.__main__ import main; main()", "--no-limit", "--output-format", "raw")

_HEAD = f"""\
TO: {{{{ email }}}}
SUBJECT: {letter.SUBJECT}
FROM: {letter.SENDER}
"""
_ALTERNATIVE = f"""\
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="{BOUNDARY}"

--{BOUNDARY}
Content-Type: text/plain; charset=utf-8

{letter.PLAIN}
--{BOUNDARY}
Content-Type: text/html; charset=utf-8

{letter.HTML}
--{BOUNDARY}--
"""


def configure(folder: Path, rows: int, *, port: int = 25, plain_too: bool) -> None:
    """Write its three files; where `plain_too`, the mail has a plain alternative."""
    text = _ALTERNATIVE if plain_too else f"Content-Type: text/html\n\n{letter.HTML}"
    (folder / "mailmerge_template.txt").write_text(_HEAD + text, encoding="utf-8")
    (folder / "mailmerge_server.conf").write_text(f"[smtp_server]\nhost = {HOST}\nport = {port}\n", encoding="utf-8")
    write_csv(folder / "mailmerge_database.csv", rows)
