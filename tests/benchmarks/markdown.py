"""The figures as a table of a README, put in place of those of an earlier run."""

from collections.abc import Iterator, Mapping

from tests.benchmarks.figures import Measured, Result, Series, Unmeasured, judgement, number
from tests.benchmarks.table import Row, amount

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


class NoPlace(Exception):
    """A file lacks the marks between which the figures stand."""


def with_figures(text: str, figures: str) -> str:
    """A file's text with new figures between the marks. Raises NoPlace."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlace(f"there is no place for figures: write the lines {BEGIN} and {END} where they belong")
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


def figures_markdown(results: Mapping[Row, Result], scale: float, machine: Mapping[str, object], began: str) -> str:
    """When and where, and a table of goals and figures."""
    size = "all rows" if scale >= 1 else f"scaled down to {scale:g} of the rows, which judges little"
    size += "" if machine["load"] is None else f", load {machine['load']:.1f} before"
    where = f"{machine['processor']}, {machine['processors']} processors, {machine['python']}, {machine['system']}"
    head = ["| row | what | goal | figure | | whole command |", "| --- | --- | --- | --- | --- | --- |"]
    lines = [line for row, result in results.items() for line in _lines(row, result, scale)]
    return "\n".join([f"{began[:10]}, {size}: {where}.", "", *head, *lines])


def _lines(row: Row, result: Result, scale: float) -> Iterator[str]:
    if isinstance(result, Unmeasured):
        why = result.why.replace("|", "\\|")
        yield f"| `{row.id}` | {row.what} | | | {'FAILED' if result.failed else 'not measured'} | {why} |"
        return
    for place, (goal, figure) in enumerate(zip(row.goals, result.figures, strict=True)):
        first = place == 0
        name, rates = (f"`{row.id}`", _rates(result)) if first else ("", "")
        told = judgement(goal, figure, scale)
        what = f"{row.what}: {goal.what}" if first else goal.what
        yield f"| {name} | {what} | {goal} | {amount(figure, goal.unit)} | {told} | {rates} |"


def _rates(result: Measured) -> str:
    return ", ".join(_rate(series) for series in result.series if series.name.endswith(", whole command"))


def _rate(series: Series) -> str:
    return f"{series.name.removesuffix(', whole command')} {number(series.middle)} {series.unit}"
