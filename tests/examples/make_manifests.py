"""Makes the files of `manifests/` that nobody writes by hand: logos, workbooks, PDFs, the long sheets and a date.

Run it from the repository's top folder: `python -m tests.examples.make_manifests`. It makes the same bytes each time.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.examples import logo, lunch, members, newsletter, outage
from tests.examples.invoice_pdf import pdf
from tests.examples.invoice_workbook import workbook
from tests.examples.invoices import Invoice, invoices

MANIFESTS = Path(__file__).parents[2] / "manifests"


def made_files() -> Iterator[tuple[str, bytes]]:
    """The files, by their paths within `manifests/`."""
    october = invoices()
    yield "welcome/logo.png", logo.png()
    yield "invoices/recipients.xlsx", workbook(october, [_a_month_before(each) for each in october[:12]])
    for invoice in october:
        yield f"invoices/pdf/{invoice.file_name}", pdf(invoice)
    yield "outage-notice/recipients.csv", outage.recipients()
    yield "newsletter/logo.png", logo.png()
    yield "newsletter/readers.csv", newsletter.readers()
    yield "lunch/job.xlsx", lunch.workbook()
    yield "letters/members.csv", members.members()
    yield "letters/logo.png", logo.png()
    yield "letters/assembly.ics", members.assembly()


def _a_month_before(invoice: Invoice) -> Invoice:
    return replace(invoice, number=invoice.number - 41, due=invoice.due - timedelta(days=30), active=True)


def make(folder: Path) -> None:
    """Write the files below a folder."""
    for name, content in made_files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else MANIFESTS)
