"""A picture of lines over logarithmic axes, as SVG.

Nothing is behind the lines and letters, and their colours are of middling lightness: they are read on white and on
black.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log, log10
from xml.sax.saxutils import escape, quoteattr

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 76, 20, 68, 58
GREY = "#7d8590"
LETTERS = "font-family='-apple-system, Segoe UI, Helvetica, Arial, sans-serif'"
#: How high the legend is, and how wide one of its names.
LEGEND, LEGEND_WIDTH = 48, 120
#: What logarithms may be off by.
NEARLY = 1e-9

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis: values from `low` to `high` lie between two places in the picture."""

    low: float
    high: float
    begin: float
    end: float

    def place(self, value: float) -> float:
        """Where a value lies."""
        return self.begin + (self.end - self.begin) * log(value / self.low) / log(self.high / self.low)

    def ticks(self, base: int) -> list[float]:
        """The powers of a base that lie on the axis, its ends among them."""
        first, last = ceil(log(self.low, base) - NEARLY), floor(log(self.high, base) + NEARLY)
        return [float(base) ** power for power in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Line:
    """Points that are joined; what is dashed is not measured, and stands in no legend."""

    name: str
    colour: str
    points: tuple[Point, ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What a picture shows. The x axis counts in powers of 2, the y axis in those of 10."""

    title: str
    x_title: str
    y_title: str
    lines: tuple[Line, ...]

    def axes(self) -> tuple[Axis, Axis]:
        """Axes that hold every measured point; dashed lines leave the picture where they must."""
        points = [point for line in self.lines if not line.dashed for point in line.points]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        low, high = 10.0 ** floor(log10(min(ys)) + NEARLY), 10.0 ** ceil(log10(max(ys)) - NEARLY)
        return (
            Axis(min(xs), max(*xs, 2 * min(xs)), LEFT, WIDTH - RIGHT),
            Axis(low, max(high, 10 * low), HEIGHT - BOTTOM, TOP),
        )

    def svg(self) -> str:
        """The picture."""
        x_axis, y_axis = self.axes()
        area = f'x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"',
            f"aria-label={quoteattr(self.title)} {LETTERS} font-size='13'>",
            f'<clipPath id="area"><rect {area}/></clipPath>',
            _text(LEFT, 24, self.title, "start", "font-size='15' font-weight='600'"),
            *_grid(x_axis, y_axis),
            _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, self.x_title, "middle"),
            _text(18, (TOP + HEIGHT - BOTTOM) / 2, self.y_title, "middle", _turned(18, (TOP + HEIGHT - BOTTOM) / 2)),
            *(_drawn(line, x_axis, y_axis) for line in self.lines),
            *_legend(self.lines),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"


def _grid(x_axis: Axis, y_axis: Axis) -> Iterator[str]:
    for value in x_axis.ticks(2):
        x = x_axis.place(value)
        yield _stroke(x, y_axis.begin, x, y_axis.end)
        yield _text(x, y_axis.begin + 19, f"{value:,.0f}", "middle")
    for value in y_axis.ticks(10):
        y = y_axis.place(value)
        yield _stroke(x_axis.begin, y, x_axis.end, y)
        yield _text(x_axis.begin - 9, y + 4.5, f"{value:,.0f}", "end")


def _drawn(line: Line, x_axis: Axis, y_axis: Axis) -> str:
    points = " ".join(f"{x_axis.place(x):.1f},{y_axis.place(y):.1f}" for x, y in line.points)
    style = 'stroke-width="1.3" stroke-dasharray="5 4"' if line.dashed else 'stroke-width="2.4"'
    return f'<polyline clip-path="url(#area)" fill="none" stroke="{line.colour}" {style} points="{points}"/>' + (
        "" if line.dashed else _dots(line, x_axis, y_axis)
    )


def _dots(line: Line, x_axis: Axis, y_axis: Axis) -> str:
    return "".join(
        f'<circle cx="{x_axis.place(x):.1f}" cy="{y_axis.place(y):.1f}" r="3" fill="{line.colour}"/>'
        for x, y in line.points
    )


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    """Above the axes, where nothing is drawn."""
    named = [(line.name, line.colour, "") for line in lines if not line.dashed]
    if any(line.dashed for line in lines):
        named.append(("what is possible", GREY, 'stroke-dasharray="5 4"'))
    for place, (name, colour, dash) in enumerate(named):
        x = LEFT + place * LEGEND_WIDTH
        yield f'<line x1="{x}" y1="{LEGEND}" x2="{x + 20}" y2="{LEGEND}" stroke="{colour}" stroke-width="2.4" {dash}/>'
        yield _text(x + 26, LEGEND + 4.5, name, "start", "font-size='12'")


def _stroke(x1: float, y1: float, x2: float, y2: float) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{GREY}" stroke-opacity="0.3" stroke-width="1"/>'


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{GREY}" text-anchor="{anchor}" {more}>{escape(text)}</text>'


def _turned(x: float, y: float) -> str:
    return f'transform="rotate(-90 {x:.1f} {y:.1f})"'
