"""A job as office people write it who do not write YAML: a workbook with its settings and its people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.program.office import Ended, Office, captured

Row = Sequence[object]

BODY = "Dear {{ name }},\nyour number is {{ number }}.\nBye"
PEOPLE: tuple[Row, ...] = (
    ("number", "name", "email"),
    ("00001", "Kim", "kim@example.com"),
    ("00002", "Lee", "lee@example.com"),
    ("00003", "Park", "park@example.com"),
)


def settings(base_url: str = "https://www.worksapis.com/v1.0", rate: str = "10/min") -> dict[str, Row]:
    """The rows of a job without faults, by their keys."""
    return {
        "key": ("value",),
        "name": ("lunch",),
        "edition": ("2026-10",),
        "provider.kind": ("works",),
        "provider.accessToken.env": ("WORKS_ACCESS_TOKEN",),
        "provider.baseUrl": (base_url,),
        "recipients.key": ("number",),
        "message.to": ("{{ email }}",),
        "message.subject": ("Lunch for {{ name }}",),
        "message.body": (BODY,),
        "message.contentType": ("text",),
        "send.rate": (rate,),
        "report": ("results.csv",),
    }


def add(*rows: Row) -> Callable[[Worksheet], None]:
    """Writes rows below those of a worksheet, which may repeat keys."""

    def write(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(list(row))

    return write


def worksheet(book: Workbook, name: str) -> Worksheet:
    """A worksheet of a workbook, by its name."""
    found = book[name]
    assert isinstance(found, Worksheet)
    return found


@dataclass
class WorkbookOffice:
    """A folder with `job.xlsx`; the rows of its job are told by their keys, and found by them."""

    folder: Path
    office: Office | None = None
    rows: dict[str, Row] = field(default_factory=settings)

    @property
    def path(self) -> Path:
        return self.folder / "job.xlsx"

    def make(
        self,
        rows: Mapping[str, Row] | None = None,
        people: Sequence[Row] | None = PEOPLE,
        names: tuple[str, str] = ("job", "recipients"),
    ) -> None:
        """Write the workbook: the rows of the job with others in their place or behind them; None for no people."""
        merged = {**self.rows, **(rows or {})}
        book = Workbook()
        book.remove(book.worksheets[0])
        self._fill(book, names[0], [(key, *row) for key, row in merged.items()])
        if people is not None:
            self._fill(book, names[1], people)
        book.save(self.path)

    def without(self, *keys: str) -> None:
        """Leave rows out."""
        self.rows = {key: row for key, row in self.rows.items() if key not in keys}

    def touch(self, change: Callable[[Worksheet], object], name: str = "job") -> None:
        """Change a worksheet as it stands."""
        book = load_workbook(self.path)
        change(worksheet(book, name))
        book.save(self.path)

    def cell(self, cell: str, value: object, name: str = "job", number_format: str | None = None) -> None:
        """Write one cell."""

        def write(sheet: Worksheet) -> None:
            sheet[cell] = value  # type: ignore[assignment]  # openpyxl's stubs know fewer values
            if number_format:
                sheet[cell].number_format = number_format

        self.touch(write, name)

    def run(self, name: str, *options: str) -> Ended:
        return captured(name, str(self.path), *options)

    def plan(self, *options: str) -> Ended:
        return self.run("plan", "--format", "json", *options)

    def findings(self) -> list[dict[str, Any]]:
        """What `plan` finds."""
        return list(self.plan().document["findings"])

    def told(self) -> list[str]:
        """What `plan` finds: `B7 rule`, with the line of the cell where it is told."""
        return [f"{place(each)} {each['rule']}" for each in self.findings()]

    @staticmethod
    def _fill(book: Workbook, name: str, rows: Sequence[Row]) -> None:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])


def place(finding: Mapping[str, Any]) -> str:
    """The place of a finding, by its worksheet and cell; the worksheet of the job goes without saying."""
    if finding["sheet"] is None:
        return Path(finding["path"]).name
    sheet = "" if finding["sheet"] == "job" else f"{finding['sheet']}!"
    line = f":{finding['line']}" if finding["line"] else ""
    return f"{sheet}{finding['cell'] or ''}{line}" or "job"
