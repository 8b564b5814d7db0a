"""Values that may not repeat: compared as what they are, and kept in little room."""

import tracemalloc
from collections.abc import Hashable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.job import FieldSpec, FieldType
from batchmail.journal.base import Clash
from batchmail.location import Location, TextLocation
from batchmail.planning.unique import UniqueColumns
from batchmail.row import ReadRow, Row
from batchmail.values import (
    Addresses,
    Blank,
    CellValue,
    ShownBoolean,
    ShownDate,
    ShownDateTime,
    ShownDecimal,
    ShownInteger,
)

WHERE = TextLocation(Path("job.yaml"), 1, 1)
WORDS = st.sampled_from(("a@b.jp", "A@b.jp", " a@b.jp", "", "김", "\ud800"))
NUMBERS = st.sampled_from(("1", "1.0", "1.00", "0", "-0", "-0.0", "10", "0.1", "1E+2", "100", "-1", "-2"))
DAYS = st.sampled_from(("2026-10-31", "2026-11-01"))
MOMENTS = st.sampled_from(("2026-10-31T09:00:00", "2026-10-31T09:00:00.5", "2026-10-31T00:00:00"))
LARGE = 1234567890123456789012345678901234567890

VALUES: dict[FieldType, st.SearchStrategy[CellValue]] = {
    "text": WORDS,
    "email": WORDS,
    "emails": st.lists(WORDS, min_size=1, max_size=2).map(Addresses),
    "decimal": NUMBERS.map(lambda text: ShownDecimal.of(Decimal(text), text))
    | st.sampled_from((0, 1)).map(lambda end: ShownDecimal.of(Decimal(LARGE + end), "large")),
    "integer": st.integers(-2, 2).map(lambda number: ShownInteger.of(number, f"{number:+}")),
    "boolean": st.booleans().map(lambda truth: ShownBoolean.of(truth, "yes")),
    "date": DAYS.map(lambda text: ShownDate.of(date.fromisoformat(text), text)),
    "datetime": MOMENTS.map(lambda text: ShownDateTime.of(datetime.fromisoformat(text), text)),
}


class OneColumn:
    """A sheet of one column."""

    path = Path("people.csv")
    name = ""
    columns: tuple[str, ...] = ("value",)
    digest = "00"

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def rows(self) -> Iterator[Row]:
        return (Row(position, position + 1, (text,)) for position, text in enumerate(self.texts, 1))

    def place(self, row: Row, column: int | None = None) -> Location:
        return TextLocation(self.path, row.line, column)

    def header_place(self, column: int | None = None) -> Location:
        return TextLocation(self.path, 1, column)


class ListedRows(OneColumn):
    """A sheet whose rows are there."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(())
        self._rows = rows

    def rows(self) -> Iterator[Row]:
        return iter(self._rows)


def unique(kind: FieldType) -> UniqueColumns:
    return UniqueColumns({"value": FieldSpec("value", WHERE, kind, unique=True)}, ("value",))


def expected(kind: FieldType, values: Sequence[CellValue], texts: Sequence[str]) -> list[Clash]:
    """By a table of all values."""
    first: dict[Hashable, int] = {}
    clashes: list[Clash] = []
    for position, (value, text) in enumerate(zip(values, texts, strict=True), 1):
        if isinstance(value, Blank) or value == "":
            continue
        same: Hashable = value
        if isinstance(value, str | tuple):
            same = str(value).casefold() if kind in ("email", "emails") else str(value).strip()
        if first.setdefault(same, position) != position:
            clashes.append(Clash(text.strip(), first[same], position))
    return clashes


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_equal_values_clash_and_no_others(kind: FieldType, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALUES[kind] | st.just(Blank("value")), max_size=12))
    texts = [f" {number} " for number in range(len(values))]
    sheet, columns = OneColumn(texts), unique(kind)
    for row, value in zip(sheet.rows(), values, strict=True):
        columns.look(ReadRow(row, (value,), {}))
    assert list(columns.clashes(sheet)) == [(0, clash) for clash in expected(kind, values, texts)]


def test_a_value_takes_a_few_bytes() -> None:
    rows = 100_000
    columns = unique("text")
    columns.look(ReadRow(Row(1, 1, ("first",)), ("first",), {}))
    tracemalloc.start()
    try:
        for position in range(2, rows):
            text = f"value {position}"
            columns.look(ReadRow(Row(position, position, (text,)), (text,), {}))
        kept, _ = tracemalloc.get_traced_memory()
        sheet = OneColumn(())
        assert list(columns.clashes(sheet)) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 16 * rows
    assert peak < 24 * rows


def test_a_value_that_repeats_takes_no_more() -> None:
    rows = 20_000
    columns, sheet = unique("text"), OneColumn(["the same"] * rows)
    for row in sheet.rows():
        columns.look(ReadRow(row, ("the same",), {}))
    tracemalloc.start()
    try:
        assert sum(clash.first == 1 for _, clash in columns.clashes(sheet)) == rows - 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * rows


def test_every_column_tells_its_own_clashes() -> None:
    fields = {name: FieldSpec(name, WHERE, "text", unique=True) for name in ("a", "b")}
    columns = UniqueColumns(fields, ("a", "other", "b"))
    texts = [("x", "", "1"), ("y", "", "1"), ("x", "", "1")]
    rows = [Row(position, position + 1, each) for position, each in enumerate(texts, 1)]
    for row in rows:
        columns.look(ReadRow(row, row.texts, {}))
    assert list(columns.clashes(ListedRows(rows))) == [
        (2, Clash("1", 1, 2)),
        (0, Clash("x", 1, 3)),
        (2, Clash("1", 1, 3)),
    ]
