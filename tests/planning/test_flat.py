"""A plan keeps next to nothing of a row: what it takes of memory does not grow with the sheet."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.delivery import Mailing
from batchmail.finding import Findings
from batchmail.job import FieldSpec, Job, MessageSpec, ProviderSpec, RecipientsSpec, TemplateText
from batchmail.journal import view_journal
from batchmail.location import Location, TextLocation
from batchmail.merge import make_merger
from batchmail.planning import Planner
from batchmail.providers.base import Capabilities, Feature
from batchmail.row import ReadRow, Row

ROWS = 30_000
#: Bytes. The rows alone would take 15 MB as objects; the planner hands them on a thousand at a time.
LITTLE = 3_000_000
#: Bytes that a row with a finding may keep: its position, and what is unique in it.
A_ROW = 40
WHERE = TextLocation(Path("job.yaml"), 1, 1)


class LongSheet:
    """A sheet whose rows are made as they are read."""

    path = Path("people.csv")
    name = ""
    columns: tuple[str, ...] = ("number", "email")
    digest = "00"

    def __init__(self, domain: str) -> None:
        self._domain = domain

    def rows(self) -> Iterator[Row]:
        for position in range(1, ROWS + 1):
            yield Row(position, position + 1, (f"{position:06}", f"person.{position}@{self._domain}"))

    def place(self, row: Row, column: int | None = None) -> Location:
        return TextLocation(self.path, row.line, None if column is None else column + 1)

    def header_place(self, column: int | None = None) -> Location:
        return TextLocation(self.path, 1, column)


def read(row: Row) -> ReadRow:
    return ReadRow(row, row.texts, {})


def template(text: str) -> TemplateText:
    return TemplateText(text, WHERE)


def job(*, unique: bool) -> Job:
    field = FieldSpec("email", WHERE, "email", unique=True)
    return Job(
        path=Path("job.yaml"),
        mailing=Mailing("test"),
        provider=ProviderSpec("test", None),
        recipients=RecipientsSpec(Path("people.csv"), key=("number",), fields={"email": field} if unique else {}),
        message=MessageSpec(
            to=(template("{{ email }}"),),
            subject=template("Invoice {{ number }}"),
            body=template("<p>{{ number }}</p>"),
        ),
    )


def peak_of(folder: Path, domain: str, *, unique: bool = False) -> int:
    """The bytes that planning takes at most, findings left out."""
    made, sheet, findings = job(unique=unique), LongSheet(domain), Findings(keep=10)
    planner = Planner(
        made,
        sheet,
        read,
        make_merger(made, sheet.columns, sheet.place, findings),
        Capabilities(frozenset(Feature)),
        findings,
    )
    journal = view_journal(folder / "journal", made.mailing)
    try:
        roster = journal.roster()
        tracemalloc.start()
        try:
            planner.run(roster, journal.deliveries)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    finally:
        journal.close()
    assert planner.tally.rows == ROWS
    return peak


@pytest.mark.parametrize(("domain", "unique"), [("example.com", False), ("example..com", False), ("example.com", True)])
def test_planning_keeps_next_to_nothing_of_a_row(tmp_path: Path, domain: str, unique: bool) -> None:  # noqa: FBT001
    few = A_ROW * ROWS if unique or ".." in domain else 0
    assert peak_of(tmp_path, domain, unique=unique) < LITTLE + few
