"""A job says the same in a workbook as in YAML with a sheet of its own."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from batchmail.finding import Findings
from batchmail.message import Message
from batchmail.pipeline import open_manifest
from tests.program.workbook_office import BODY, WorkbookOffice


def messages(path: Path) -> list[Message]:
    """What a job would send."""
    findings = Findings()
    _, opened = open_manifest(path, findings)
    assert opened is not None, list(findings)
    assert not findings.blocking, list(findings)
    merged = [opened.merger.merge(opened.read(row)) for row in opened.sheet.rows()]
    return [message for message in merged if message is not None]


_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="{}#<"),
    min_size=1,
    max_size=20,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a job says."""

    subject: str
    body: str
    copies: list[str]
    names: list[str]
    separately: bool
    combine: int

    @property
    def people(self) -> list[tuple[str, ...]]:
        """The sheet, with its header."""
        rows = ((str(n), name, f"p{n}@example.com") for n, name in enumerate(self.names, 1))
        return [("number", "name", "email"), *rows]

    def in_yaml(self, folder: Path) -> Path:
        """The job as a manifest and a sheet of its own."""
        document = {
            "version": 1,
            "name": "same",
            "provider": {"kind": "works", "accessToken": {"env": "WORKS_ACCESS_TOKEN"}},
            "recipients": {"file": "people.csv", "key": "number"},
            "message": {
                "to": "{{ email }}",
                "cc": self.copies,
                "subject": self.subject,
                "body": self.body,
                "contentType": "text",
                "isSendSeparately": self.separately,
            },
            "send": {"combine": self.combine},
        }
        with (folder / "people.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(self.people)
        path = folder / "job.yaml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return path

    def in_a_workbook(self, folder: Path) -> Path:
        """The job as a workbook, without a copy where there is none: a key without a value is a fault."""
        rows: list[tuple[str | bool | int, ...]] = [
            ("name", "same"),
            ("provider.kind", "works"),
            ("provider.accessToken.env", "WORKS_ACCESS_TOKEN"),
            ("recipients.key", "number"),
            ("message.to", "{{ email }}"),
            *([("message.cc", *self.copies)] if self.copies else []),
            ("message.subject", self.subject),
            ("message.body", self.body),
            ("message.contentType", "text"),
            ("message.isSendSeparately", self.separately),
            ("send.combine", self.combine),
        ]
        book = Workbook()
        book.remove(book.worksheets[0])
        fill(book.create_sheet("job"), rows)
        fill(book.create_sheet("recipients"), self.people)
        path = folder / "job.xlsx"
        book.save(path)
        return path


def fill(sheet: Worksheet, rows: Sequence[Sequence[str | bool | int]]) -> None:
    """Write rows; a text that looks like a formula is a text all the same."""
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"


def said(subject: str, lines: list[str], copies: list[str], names: list[str], rest: tuple[bool, int]) -> Said:
    body = "\n".join(["Dear {{ name }},", *lines, "{% if number == '1' %}first{% endif %}"])
    return Said(f"{subject} {{{{ name }}}}", body, copies, names, *rest)


JOBS = st.builds(
    said,
    subject=_TEXTS,
    lines=st.lists(_TEXTS, min_size=1, max_size=4),
    copies=st.lists(st.sampled_from(["a@example.com", "b@example.com", "c@example.com"]), unique=True, max_size=3),
    names=st.lists(_TEXTS, min_size=1, max_size=3),
    rest=st.tuples(st.booleans(), st.integers(1, 1000)),
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(job=JOBS)
def test_a_job_is_the_same_in_yaml_and_in_a_workbook(tmp_path: Path, job: Said) -> None:
    assert messages(job.in_yaml(tmp_path)) == messages(job.in_a_workbook(tmp_path))


def test_a_body_as_it_stands_in_the_cell_is_what_is_sent(desk: WorkbookOffice) -> None:
    desk.make()
    assert [message.body for message in messages(desk.path)] == [
        BODY.replace("{{ name }}", name).replace("{{ number }}", number)
        for number, name in (("00001", "Kim"), ("00002", "Lee"), ("00003", "Park"))
    ]
