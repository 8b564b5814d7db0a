"""The curve: how many mails a second leave, by how many may be under way and how long a provider takes."""

from dataclasses import dataclass

from tests.benchmarks.chart import Chart, Line

COLOURS = ("#8957e5", "#2f81f7", "#3fa34d", "#d97c1a")


@dataclass(frozen=True, slots=True)
class Curve:
    """The rates of a latency, over the sending phase, by concurrency."""

    latency_ms: int
    rates: tuple[tuple[int, float], ...]

    def possible(self, concurrency: int) -> float:
        """The most that so many connections can do."""
        return concurrency * 1000 / self.latency_ms if self.latency_ms else float("inf")


def chart(measured: tuple[Curve, ...]) -> Chart:
    """The picture of the curves, with what is possible beside what is."""
    lines: list[Line] = []
    for curve, colour in zip(measured, COLOURS, strict=True):
        if curve.latency_ms:
            possible = tuple((float(count), curve.possible(count)) for count, _ in curve.rates)
            lines.append(Line("", colour, possible, dashed=True))
        points = tuple((float(count), rate) for count, rate in curve.rates)
        lines.append(Line(f"{curve.latency_ms} ms", colour, points))
    title = "Mails a second, by requests under way and the time of an answer"
    return Chart(title, "requests under way (send.concurrency)", "mails/s", tuple(lines))
