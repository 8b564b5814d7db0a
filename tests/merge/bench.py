"""A job and a sheet in memory, so that the tests of the merge say only what they are about."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from batchmail.delivery import Mailing
from batchmail.finding import Findings
from batchmail.job import BodyFile, Job, MessageSpec, ProviderSpec, RecipientsSpec, TemplateText
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.merge import Merger, make_merger
from batchmail.message import Message
from batchmail.row import CellFault, ReadRow, Row
from batchmail.values import Blank, CellValue

COLUMNS = ("name", "email", "number", "First name", "氏名")


def template(text: str) -> TemplateText:
    """A template written at job.yaml:10:5."""
    return TemplateText(text, TextLocation(Path("job.yaml"), 10, 5))


def place(row: Row, column: int | None) -> Location:
    """Where the cells of the test's sheet stand."""
    letter = "ABCDEFGHIJ"[column] if column is not None else ""
    return CellLocation(Path("people.xlsx"), "People", f"{letter}{row.line}" if letter else None)


class Bench:
    """A job whose message can be changed, a sheet with COLUMNS, and what merging a row gives."""

    def __init__(self, folder: Path) -> None:
        self.findings = Findings()
        self.job = Job(
            path=folder / "job.yaml",
            mailing=Mailing("test"),
            provider=ProviderSpec("works", None),
            recipients=RecipientsSpec(folder / "people.xlsx"),
            message=MessageSpec(to=(template("{{ email }}"),), subject=template("Hello {{ name }}")),
        )

    def message(self, **changes: object) -> None:
        """Change the message; strings become templates."""
        templates = {name: template(value) if isinstance(value, str) else value for name, value in changes.items()}
        self.job = replace(self.job, message=replace(self.job.message, **templates))  # type: ignore[arg-type]  # by name

    def body_file(self, name: str, text: str) -> None:
        """Keep the body in a file; `name` may be a template and the file is written as it stands."""
        (self.job.folder / name).write_text(text, encoding="utf-8")
        self.message(body=BodyFile(template(name)))

    def body_name(self, name: str) -> None:
        """Let the row choose the body's file."""
        self.message(body=BodyFile(template(name)), subject="Hello")

    def where(self, expression: str) -> None:
        """Keep some rows."""
        self.job = replace(self.job, recipients=replace(self.job.recipients, condition=template(expression)))

    def row(self, *, faults: Mapping[int, CellFault] | None = None, **cells: CellValue) -> ReadRow:
        """The row at line 7; cells that are not given are filled in, those given as "" are blank."""
        return read_row(faults, **cells)

    def merger(self, adapt: Callable[[Message], Message] | None = None) -> Merger:
        return make_merger(self.job, COLUMNS, place, self.findings, adapt)

    def merge(self, *, faults: Mapping[int, CellFault] | None = None, **cells: CellValue) -> Message | None:
        """Merge a row; cells that are not given are filled in, those given as "" are blank."""
        return self.merger().merge(read_row(faults, **cells))

    def message_of(self, **cells: CellValue) -> Message:
        """The message of a row that has no findings."""
        message = self.merger().merge(read_row(None, **cells))
        assert message is not None, self.found
        return message

    @property
    def found(self) -> list[tuple[str, str]]:
        """Rule and place of each finding."""
        return [(finding.rule, str(finding.where)) for finding in self.findings]


def read_row(faults: Mapping[int, CellFault] | None = None, **cells: CellValue) -> ReadRow:
    """The row at line 7."""
    filled = {"name": "김민수", "email": "kim@example.com", "number": "00042", "First name": "Min", "氏名": "髙橋"}
    known = {**filled, **cells}
    values = tuple(Blank(column) if known[column] == "" else known[column] for column in COLUMNS)
    return ReadRow(Row(1, 7, tuple(str(known[column]) for column in COLUMNS)), values, faults or {})
