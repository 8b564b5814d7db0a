"""What the page about templates says is so."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from batchmail.job import BodyFile, FieldSpec
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.merge import make_merger
from batchmail.row import ReadRow, Row
from batchmail.values import Blank, CellValue, ShownDate, ShownDecimal
from tests.merge.bench import Bench, template

PAGE = (Path(__file__).parents[2] / "batchmail" / "merge" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- example -->\n```jinja\n(.*?)\n```\n```\n(.*?)\n```", PAGE, re.DOTALL)
LAYOUT = re.findall(r"<!-- layout -->\n```jinja\n(.*?)\n```", PAGE, re.DOTALL)
CELLS: dict[str, CellValue] = {
    "name": "김민수",
    "company": "Maru & Sons",
    "amount": ShownDecimal.of(Decimal("1234.5"), "1234.5"),
    "due": ShownDate.of(date(2026, 10, 31), "2026-10-31"),
    "phone": Blank("phone"),
    "First name": "Min",
    "email": "kim@example.com",
}


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4
    assert all(name in PAGE for name in CELLS if name != "email")


@pytest.mark.parametrize(("written", "shown"), EXAMPLES)
def test_an_example_gives_what_the_page_says(bench: Bench, written: str, shown: str) -> None:
    (bench.job.folder / "layout.html").write_text(LAYOUT[0], encoding="utf-8")
    (bench.job.folder / "body.html").write_text(written, encoding="utf-8")
    bench.message(body=BodyFile(template("body.html")))
    where = TextLocation(bench.job.path, 5, 5)
    fields = {"due": FieldSpec("due", where, type="date"), "amount": FieldSpec("amount", where, type="decimal")}
    bench.job = replace(bench.job, recipients=replace(bench.job.recipients, fields=fields))

    def place(_row: Row, _column: int | None) -> Location:
        return CellLocation(Path("people.xlsx"), "People")

    merger = make_merger(bench.job, tuple(CELLS), place, bench.findings)
    message = merger.merge(ReadRow(Row(1, 2, tuple(map(str, CELLS))), tuple(CELLS.values()), {}))
    assert message is not None, bench.found
    assert message.body.replace("\u00a0", " ") == shown
