import pytest

from tests.benchmarks.figures import Measured, Result, Series, Unmeasured
from tests.benchmarks.markdown import NoPlace, figures_markdown, with_figures
from tests.benchmarks.measure import ROOT
from tests.benchmarks.table import ROWS, Goal, Row, Side, Unit

MACHINE = {"processor": "Abacus", "processors": 2, "python": "CPython 3.11.9", "system": "Linux", "load": 0.25}
GOALS = (Goal("over a loop", Side.LEAST, 10, Unit.TIMES), Goal("peak", Side.MOST, 200, Unit.MEGABYTES))
SERIES = (Series("batchmail, whole command", "mails/s", (1200.0,)), Series("batchmail, processor time", "s", (3.0,)))


def test_goals_and_figures_are_rows_of_a_table() -> None:
    results: dict[Row, Result] = {
        Row("row", "something", GOALS, 1): Measured((12.0, 250.0), SERIES),
        Row("other", "peerless", GOALS, 1): Unmeasured("a | b"),
    }
    assert figures_markdown(results, 1, MACHINE, "2026-01-02T03:04:05+00:00").splitlines() == [
        "2026-01-02, all rows, load 0.2 before: Abacus, 2 processors, CPython 3.11.9, Linux.",
        "",
        "| row | what | goal | figure | | whole command |",
        "| --- | --- | --- | --- | --- | --- |",
        "| `row` | something: over a loop | ≥ 10.0x | 12.0x | met | batchmail 1,200 mails/s |",
        "|  | peak | ≤ 200 MB | 250 MB | MISSED |  |",
        r"| `other` | peerless | | | not measured | a \| b |",
    ]


def test_new_figures_take_the_place_of_old_ones() -> None:
    old = with_figures("before\n<!-- figures --><!-- end of figures -->\nafter\n", "old")
    assert with_figures(old, "new") == "before\n<!-- figures -->\nnew\n<!-- end of figures -->\nafter\n"


def test_a_file_without_a_place_for_figures_is_left_alone() -> None:
    with pytest.raises(NoPlace, match="end of figures"):
        with_figures("nothing", "new")


def test_the_readme_has_a_place_for_figures_and_tells_of_every_row() -> None:
    readme = (ROOT / "tests" / "benchmarks" / "README.md").read_text(encoding="utf-8")
    with_figures(readme, "")
    for row in ROWS:
        assert f"`{row.id}`" in readme.partition("## Figures")[0]
