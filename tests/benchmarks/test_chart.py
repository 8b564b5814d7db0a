import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, Chart, Line
from tests.benchmarks.curve import Curve, chart

SVG = "{http://www.w3.org/2000/svg}"
POSITIVE = st.floats(min_value=0.01, max_value=1e6)


def drawn(*lines: Line) -> ET.Element:
    """The picture, read as the XML that it is."""
    return ET.fromstring(Chart("Rates <&>", "x", "y", lines).svg())  # noqa: S314  made here


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def test_equal_factors_are_equally_far_apart() -> None:
    axis = Axis(1, 256, 100, 900)
    assert axis.place(1) == 100
    assert axis.place(16) == pytest.approx(500)
    assert axis.place(256) == pytest.approx(900)


def test_an_axis_that_goes_up_has_its_end_above_its_begin() -> None:
    assert Axis(1, 100, 400, 0).place(10) == pytest.approx(200)


@given(POSITIVE, st.floats(min_value=1.01, max_value=1e4), st.floats(min_value=0, max_value=1))
def test_what_lies_between_the_ends_of_an_axis_lies_between_them_in_the_picture(
    low: float, factor: float, share: float
) -> None:
    axis = Axis(low, low * factor, 10, 20)
    assert 10 - 1e-6 <= axis.place(low * factor**share) <= 20 + 1e-6


@pytest.mark.parametrize(
    ("axis", "base", "ticks"),
    [
        (Axis(1, 256, 0, 1), 2, [1, 2, 4, 8, 16, 32, 64, 128, 256]),
        (Axis(1, 10_000, 0, 1), 10, [1, 10, 100, 1_000, 10_000]),
        (Axis(3, 20, 0, 1), 2, [4, 8, 16]),
        (Axis(0.1, 1_000, 0, 1), 10, [0.1, 1, 10, 100, 1_000]),
    ],
)
def test_the_ticks_are_the_powers_on_the_axis_its_ends_among_them(axis: Axis, base: int, ticks: list[float]) -> None:
    assert axis.ticks(base) == pytest.approx(ticks)


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=9))
def test_every_measured_point_is_inside_of_the_axes(points: list[tuple[float, float]]) -> None:
    picture = drawn(Line("a", "#123456", tuple(points)))
    dots = list(picture.iter(f"{SVG}circle"))
    assert len(dots) == len(points)
    for dot in dots:
        assert LEFT - 0.1 <= float(dot.attrib["cx"]) <= WIDTH - RIGHT + 0.1
        assert TOP - 0.1 <= float(dot.attrib["cy"]) <= HEIGHT - BOTTOM + 0.1


def test_titles_are_letters_and_never_markup() -> None:
    assert texts(drawn(Line("a<b", "red", ((1, 1), (2, 2)))))[0] == "Rates <&>"
    assert "a<b" in texts(drawn(Line("a<b", "red", ((1, 1), (2, 2)))))


def test_the_legend_names_measured_lines_and_says_what_dashes_are() -> None:
    measured, ideal = Line("50 ms", "red", ((1, 1), (2, 2))), Line("", "red", ((1, 1), (2, 9)), dashed=True)
    assert texts(drawn(measured))[-1:] == ["50 ms"]
    assert texts(drawn(measured, ideal))[-2:] == ["50 ms", "what is possible"]


def test_what_is_possible_leaves_the_picture_where_it_must() -> None:
    picture = drawn(Line("a", "red", ((1, 1), (2, 2))), Line("", "red", ((1, 1), (2, 9e9)), dashed=True))
    assert "10" in texts(picture)
    assert all(line.attrib["clip-path"] == "url(#area)" for line in picture.iter(f"{SVG}polyline"))


def test_the_curve_has_four_lines_and_what_is_possible_for_the_three_that_wait() -> None:
    rates = ((1, 10.0), (2, 20.0))
    lines = chart(tuple(Curve(latency, rates) for latency in (0, 10, 50, 200))).lines
    assert [line.name for line in lines if not line.dashed] == ["0 ms", "10 ms", "50 ms", "200 ms"]
    assert [line.points for line in lines if line.dashed] == [
        ((1, 100), (2, 200)),
        ((1, 20), (2, 40)),
        ((1, 5), (2, 10)),
    ]


def test_a_provider_that_takes_no_time_sets_no_limit() -> None:
    assert math.isinf(Curve(0, ()).possible(1))
