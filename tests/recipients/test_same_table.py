"""A table is the same, whichever kind of file it is kept in."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from tests.recipients.desk import Desk

#: What a cell of a workbook can hold; openpyxl takes a text that begins with = for a formula.
CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n"),
    max_size=10,
).filter(lambda text: not text.startswith("=") and "_x" not in text)
TABLES = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))


@given(TABLES)
def test_the_rows_of_a_csv_file_and_of_a_workbook_are_the_same(desk: Desk, table: list[list[str]]) -> None:
    rows = [["first"] * bool(table) or ["first"], *table]
    width = max(map(len, rows))
    rows[0] = [f"c{number}" for number in range(width)]
    rows.append(["end"] * width)
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    of_csv = desk.open(desk.text(file.getvalue()))
    of_xlsx = desk.open(desk.workbook([[cell or None for cell in row] for row in rows]))
    assert of_csv.columns == of_xlsx.columns
    expected = [(row.position, row.texts) for row in of_csv.rows()]
    assert [(row.position, row.texts) for row in of_xlsx.rows()] == expected
    assert len(expected) == 1 + sum(any(map(str.strip, row)) for row in table)
