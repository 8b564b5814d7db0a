"""A bare loop: csv.DictReader, and a plain Jinja2 environment that renders subject and body of every row."""

import csv
import sys
from pathlib import Path

from jinja2 import Environment

from tests.benchmarks import letter


def main(sheet: Path) -> None:
    """Render all mails of a sheet, and keep none."""
    environment = Environment(autoescape=True)
    subject = environment.from_string(letter.SUBJECT)
    body = environment.from_string(letter.HTML)
    with sheet.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            subject.render(row)
            body.render(row)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
