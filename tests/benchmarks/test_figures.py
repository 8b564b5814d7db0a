import json

import pytest

from tests.benchmarks.curve import Curve
from tests.benchmarks.figures import (
    Measured,
    Result,
    Series,
    Unmeasured,
    document,
    judgement,
    list_text,
    row_text,
    scale_warning,
)
from tests.benchmarks.measurements import MEASUREMENTS
from tests.benchmarks.table import ROWS, Goal, Row, Side, Unit, amount

LEAST = Goal("over a loop", Side.LEAST, 10, Unit.TIMES)
MOST = Goal("peak of memory", Side.MOST, 200, Unit.MEGABYTES, any_size=True)
ROW = Row("row", "something", (LEAST, MOST), 1000)
MEASURED = Measured((12.0, 250.0), (Series("rate", "mails/s", (900.0, 1200.0, 1000.0)),), ("a note",))


def test_every_row_is_measured_and_has_a_name_of_its_own() -> None:
    assert [row.id for row in ROWS] == list(MEASUREMENTS)


@pytest.mark.parametrize(
    ("side", "figures"),
    [(Side.LEAST, (False, True, True)), (Side.MOST, (True, True, False)), (Side.EXACTLY, (False, True, False))],
)
def test_a_goal_is_met_on_its_side_and_by_the_bound_itself(side: Side, figures: tuple[bool, ...]) -> None:
    goal = Goal("", side, 10, Unit.REQUESTS)
    assert (goal.met(9), goal.met(10), goal.met(11)) == figures


def test_a_goal_is_met_or_missed() -> None:
    assert judgement(LEAST, 10, 1) == "met"
    assert judgement(LEAST, 9.9, 1) == "MISSED"


def test_a_scaled_down_run_judges_what_does_not_depend_on_the_size_alone() -> None:
    assert judgement(LEAST, 10, 0.5) == "not judged"
    assert judgement(MOST, 10, 0.5) == "met"


def test_a_scaled_down_run_says_so_and_names_what_it_judges() -> None:
    told = scale_warning(0.01, [ROW, Row("whole", "", (MOST,), 1)])
    assert "SCALED DOWN to 0.01" in told
    assert told.endswith("Rows judged: whole.")


def test_a_full_run_warns_of_nothing() -> None:
    assert scale_warning(1, ROWS) == ""


def test_goal_and_figure_stand_side_by_side_with_what_they_come_from() -> None:
    lines = [" ".join(line.split()) for line in row_text(ROW, MEASURED, 1).splitlines()]
    assert lines == [
        "row something",
        "over a loop goal ≥ 10.0x figure 12.0x met",
        "peak of memory goal ≤ 200 MB figure 250 MB MISSED",
        "rate 1,000 mails/s (900 to 1,200)",
        "a note",
    ]


def test_what_could_not_be_measured_says_why() -> None:
    assert row_text(ROW, Unmeasured("node is not installed"), 1).endswith("not measured: node is not installed")


def test_that_batchmail_failed_is_no_missing_peer() -> None:
    assert row_text(ROW, Unmeasured("it ended with 70", failed=True), 1).endswith("FAILED: it ended with 70")


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [
        (1.234, Unit.TIMES, "1.23x"),
        (12.34, Unit.TIMES, "12.3x"),
        (97, Unit.PERCENT, "97.0 %"),
        (199.6, Unit.MEGABYTES, "200 MB"),
        (4.5, Unit.SECONDS, "4.50 s"),
        (1000, Unit.REQUESTS, "1,000 requests"),
    ],
)
def test_figures_have_as_many_digits_as_say_something(figure: float, unit: Unit, text: str) -> None:
    assert amount(figure, unit) == text


def test_the_list_has_every_goal() -> None:
    assert list_text([ROW]).endswith("something: over a loop ≥ 10.0x, peak of memory ≤ 200 MB")


def test_the_json_holds_figures_goals_and_every_run() -> None:
    results: dict[Row, Result] = {ROW: MEASURED, Row("other", "peerless", (LEAST,), 1): Unmeasured("no peer")}
    curves = [Curve(50, ((1, 19.5),))]
    read = json.loads(json.dumps(document(results, curves, 1, {"processors": 2}, "2026-01-01T00:00:00+00:00")))
    assert read["schema"] == 1
    assert read["machine"] == {"processors": 2}
    assert read["rows"]["row"]["goals"][0] == {
        "what": "over a loop",
        "side": "≥",
        "bound": 10,
        "unit": "x",
        "figure": 12.0,
        "judgement": "met",
    }
    assert read["rows"]["row"]["series"][0] == {
        "name": "rate",
        "unit": "mails/s",
        "median": 1000.0,
        "min": 900.0,
        "max": 1200.0,
        "runs": [900.0, 1200.0, 1000.0],
    }
    assert read["rows"]["other"] == {"what": "peerless", "not_measured": "no peer", "failed": False}
    assert read["curves"] == [{"latency_ms": 50, "rates": [{"concurrency": 1, "mails_a_second": 19.5}]}]
