"""Rows of a worksheet become the nodes that YAML becomes, each at its cell."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchmail.finding import Findings
from batchmail.location import CellLocation
from batchmail.manifest import JobSheet, SettingCell, SettingRow, load_sheet
from batchmail.manifest.cells import MAX_CHARACTERS, compose_cells
from batchmail.manifest.tree import Mapping, Node, Scalar, Sequence
from tests.manifest.desk import SHAPES, Desk, Loaded

Values = tuple[str | None, ...]

MINIMAL: tuple[tuple[str, *Values], ...] = (
    ("name", "invoices"),
    ("provider.kind", "post"),
    ("recipients.file", "people.csv"),
    ("message.to", "{{ email }}"),
    ("message.subject", "Hello"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A worksheet with rows, as its reader gives it, beside one with recipients or alone."""

    path: Path
    rows: tuple[tuple[str | None, ...], ...]
    is_alone: bool = False

    @property
    def sheet(self) -> JobSheet:
        where = CellLocation(self.path, "job")
        people = None if self.is_alone else CellLocation(self.path, "recipients")
        rows = (self._row(number, row) for number, row in enumerate(self.rows, start=1))
        return JobSheet(where, rows, people, ("job", "recipients") if people else ("job",))

    def _row(self, number: int, row: tuple[str | None, ...]) -> SettingRow:
        key, *values = row
        cells = (
            SettingCell(CellLocation(self.path, "job", f"{chr(66 + at)}{number}"), v) for at, v in enumerate(values)
        )
        return SettingRow(CellLocation(self.path, "job", f"A{number}"), key or "", tuple(cells))


def load(desk: Desk, *rows: tuple[str | None, ...]) -> Loaded:
    """What the least job, with more rows, comes to."""
    findings = Findings()
    sheet = Table(desk.folder / "job.xlsx", (*MINIMAL, *rows), is_alone=True).sheet
    return Loaded(load_sheet(sheet, SHAPES, findings), findings)


def root(*rows: tuple[str | None, ...]) -> tuple[Mapping, bytes, Findings]:
    findings = Findings()
    composed = compose_cells(Table(Path("job.xlsx"), rows).sheet, findings)
    assert composed is not None
    return (*composed, findings)


def plain(node: Node) -> object:
    """What a node says, as YAML would load it, all texts."""
    match node:
        case Mapping(entries=entries):
            return {key: plain(value) for key, value in entries.items()}
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Scalar(text=text):
            return text
        case _:
            return None


def test_keys_with_dots_are_mappings_within_mappings() -> None:
    tree, _, findings = root(
        ("name", "x"), ("a.b.c", "1"), ("a.b.d", "2"), ("list", "1", "2"), ("rows.2.x", "b"), ("rows.10.x", "c"),
        ("rows.1.x", "a"), ("version", "1"), ("recipients.sheet", "e"),
    )  # fmt: skip
    assert plain(tree) == {
        "name": "x",
        "a": {"b": {"c": "1", "d": "2"}},
        "list": ["1", "2"],
        "rows": [{"x": "a"}, {"x": "b"}, {"x": "c"}],
        "version": "1",
        "recipients": {"sheet": "e", "file": "job.xlsx"},
    }
    assert len(findings) == 0


def test_every_value_has_its_cell_by_its_keys(desk: Desk) -> None:
    desk.write("no.txt", "")
    job = load(
        desk,
        ("message.cc", "a@example.com", "b@example.com"),
        ("message.attachments.5.path", "a.pdf"),
        ("message.attachments.2.path", "b.pdf"),
        ("report.1", "results.csv"),
        ("recipients.suppress", "no.txt"),
    ).whole
    expected = {
        ("name",): "B1",
        ("provider",): "A2",
        ("recipients", "file"): "B3",
        ("message",): "A4",
        ("message", "cc"): "B6",
        ("message", "cc", 0): "B6",
        ("message", "cc", 1): "C6",
        ("message", "attachments", 0): "A8",
        ("message", "attachments", 0, "path"): "B8",
        ("message", "attachments", 1, "path"): "B7",
        ("report", 0): "B9",
        ("recipients", "suppress"): "B10",
    }
    places = {route: job.place(*route) for route in expected}
    assert {route: isinstance(where, CellLocation) and where.cell for route, where in places.items()} == expected
    assert [each.path.text for each in job.message.attachments] == ["b.pdf", "a.pdf"]
    assert job.reports == (desk.folder / "results.csv",)


def test_the_workbook_itself_tells_the_version_and_the_recipients(desk: Desk) -> None:
    desk.write("job.xlsx", "")
    rows = [row for row in MINIMAL if row[0] != "recipients.file"]
    findings = Findings()
    job = load_sheet(Table(desk.folder / "job.xlsx", tuple(rows)).sheet, SHAPES, findings)
    assert job is not None
    assert (job.recipients.file, job.recipients.sheet) == (desk.folder / "job.xlsx", "recipients")


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        ((("name", "a"), ("name", "b")), ["A2"]),
        ((("a", "1"), ("a.b", "2")), ["A2"]),
        ((("a.b", "1"), ("a", "2")), ["A2"]),
        ((("a.1", "1"), ("a.01", "2")), ["A2"]),
        ((("a.1", "1"), ('a."1"', "2")), ["A2"]),
    ],
)
def test_a_key_that_stands_twice_is_told_and_no_value_is_lost_in_silence(
    rows: tuple[tuple[str, str], ...], cells: list[str]
) -> None:
    _, _, findings = root(*rows)
    assert [(each.rule, each.where.cell) for each in findings if isinstance(each.where, CellLocation)] == [
        ("manifest-duplicate-key", cell) for cell in cells
    ]


def test_what_could_not_be_read_is_told_once(desk: Desk) -> None:
    loaded = load(desk, ("message.userName", None), ("send.rate", "5/s", None))
    assert len(loaded.findings) == 0


def test_the_digest_is_that_of_what_the_rows_say() -> None:
    digests = {
        root(*rows)[1]
        for rows in (
            [("name", "a")],
            [("name", "b")],
            [("name", "a", "b")],
            [("name", "a"), ("b", "")],
            [("name", None)],
            [("nam", "ea")],
        )
    }
    assert len(digests) == 6
    assert root(("name", "a"))[1] == root(("name", "a"))[1]


def test_a_job_has_an_end() -> None:
    findings = Findings()
    rows = tuple((f"k{n}", "x" * 100_000) for n in range(MAX_CHARACTERS // 100_000 + 1))
    assert compose_cells(Table(Path("job.xlsx"), rows).sheet, findings) is None
    assert [each.rule for each in findings] == ["manifest-limits"]


_KEYS = st.text("abAB_-é", min_size=1, max_size=4)
_LEAVES = st.text("xyz {}:#'\"|>&*!", min_size=1, max_size=6).filter(lambda text: text == text.strip())
_DOCUMENTS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(_KEYS, inner, min_size=1, max_size=4), st.lists(inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def rows_of(value: object, key: str) -> list[tuple[str, str]]:
    """A document as rows, every list by numbers."""
    match value:
        case dict():
            return [row for name, inner in value.items() for row in rows_of(inner, f"{key}.{name}")]
        case list():
            return [row for at, inner in enumerate(value, start=1) for row in rows_of(inner, f"{key}.{at}")]
        case _:
            return [(key, str(value))]


@given(document=st.dictionaries(_KEYS, _DOCUMENTS, min_size=1, max_size=4))
def test_any_document_is_said_by_rows(document: dict[str, object]) -> None:
    rows = [row for key, value in document.items() for row in rows_of(value, key)]
    said = plain(root(*rows)[0])
    assert isinstance(said, dict)
    assert {key: said[key] for key in document} == document


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.text(max_size=20), st.one_of(st.none(), st.text(max_size=20))), max_size=6))
def test_whatever_rows_say_ends_in_findings_or_in_a_job(lasting_desk: Desk, rows: list[tuple[str, str | None]]) -> None:
    loaded = load(lasting_desk, *rows)
    assert loaded.job is not None or loaded.findings.blocking


@given(texts=st.lists(_LEAVES, min_size=2, max_size=5))
def test_a_list_beside_its_key_is_the_list_of_yaml(lasting_desk: Desk, texts: list[str]) -> None:
    written = yaml.safe_dump({"message": {"cc": texts}}, allow_unicode=True, width=10_000)
    in_yaml = lasting_desk.with_lines("message", *[line[2:] for line in written.splitlines()[1:]]).job
    in_rows = load(lasting_desk, ("message.cc", *texts)).job
    assert in_yaml is not None
    assert in_rows is not None
    assert [each.text for each in in_yaml.message.cc] == [each.text for each in in_rows.message.cc] == texts


def findings_of_rows(*rows: tuple[str | None, ...]) -> list[tuple[str, str]]:
    findings = Findings()
    load_sheet(Table(Path("job.xlsx"), rows).sheet, SHAPES, findings)
    return [(finding.rule, finding.message) for finding in findings]


def test_keys_in_the_column_of_the_values_are_told_once(desk: Desk) -> None:
    findings = Findings()
    written = (*MINIMAL, ("message.body", "Dear {{ name }}. See you."), *MINIMAL)
    rows = tuple(tuple(reversed(row)) for row in written)
    job = load_sheet(Table(desk.folder / "job.xlsx", rows).sheet, SHAPES, findings)
    (finding,) = findings
    assert job is None
    assert finding.message == "the keys stand in column B and the values in column A"
    assert finding.hint.startswith("Swap the two columns")
    assert isinstance(finding.where, CellLocation)
    assert finding.where.cell == "A1"


@pytest.mark.parametrize(
    "rows",
    [
        (*MINIMAL, ("nmae", "report")),
        (("nmae", "report"), ("editoin", "2026-10"), ("mesage.to", "name"), ("provdier.kind", "post")),
        (("nmae", "lunch"),),
        (("nmae", None),),
    ],
)
def test_misspelt_keys_are_told_one_by_one_whatever_their_values_are(rows: tuple[tuple[str | None, ...], ...]) -> None:
    told = [message for _, message in findings_of_rows(*rows)]
    assert not any("stand in column B" in message for message in told)
    assert any("`nmae` is not a known key" in message for message in told)
