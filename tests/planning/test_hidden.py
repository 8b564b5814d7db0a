"""Rows that a workbook does not show are told once, with the first of them."""

from pathlib import Path

from batchmail.location import CellLocation
from batchmail.planning.hidden import HiddenRows
from batchmail.row import Row


def place(row: Row) -> CellLocation:
    return CellLocation(Path("people.xlsx"), "Guests", f"A{row.line}")


def looked_at(*hidden: int, rows: int = 20) -> HiddenRows:
    watch = HiddenRows(place)
    for line in range(2, rows + 2):
        watch.look(Row(line - 1, line, ("x",), hidden=line in hidden))
    return watch


def test_no_hidden_row_is_no_finding() -> None:
    assert looked_at().finding() is None


def test_hidden_rows_are_a_warning_at_the_first_that_names_some() -> None:
    finding = looked_at(3, 5, 6).finding()
    assert finding is not None
    assert (finding.rule, finding.severity, str(finding.where)) == (
        "sheet-hidden-rows",
        "warning",
        "people.xlsx › Guests!A3",
    )
    assert finding.message == "3 rows (3, 5, 6) are hidden in the workbook, and would be sent to"
    assert "--allow sheet-hidden-rows" in finding.hint


def test_very_many_hidden_rows_are_counted() -> None:
    finding = looked_at(*range(3, 2_000), rows=2_000).finding()
    assert finding is not None
    assert finding.message.startswith("1,997 rows (3, 4, 5, 6, 7, …) are hidden")


def test_one_hidden_row_is_named() -> None:
    finding = looked_at(7).finding()
    assert finding is not None
    assert finding.message == "the row 7 is hidden in the workbook, and would be sent to"
