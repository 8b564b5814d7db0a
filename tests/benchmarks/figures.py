"""What was measured, held against the goals: as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.curve import Curve
from tests.benchmarks.table import Goal, Row, amount


@dataclass(frozen=True, slots=True)
class Series:
    """One thing measured in every run."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median, which one disturbed run does not move far."""
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Measured:
    """A row's figures, in the order of its goals, and what they come from."""

    figures: tuple[float, ...]
    series: tuple[Series, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Why a row has no figures; `failed` where batchmail itself is the reason."""

    why: str
    failed: bool = False


Result = Measured | Unmeasured


def judgement(goal: Goal, figure: float, scale: float) -> str:
    """Whether a goal is met; a scaled-down run does not say so of goals that depend on the size."""
    if scale < 1 and not goal.any_size:
        return "not judged"
    return "met" if goal.met(figure) else "MISSED"


def row_text(row: Row, result: Result, scale: float) -> str:
    """A row with its goals and figures side by side, and what they come from."""
    return "\n".join([f"{row.id:<16}{row.what}", *_lines(row, result, scale)])


def _lines(row: Row, result: Result, scale: float) -> Iterator[str]:
    if isinstance(result, Unmeasured):
        yield f"  {'FAILED' if result.failed else 'not measured'}: {result.why}"
        return
    for goal, figure in zip(row.goals, result.figures, strict=True):
        told = judgement(goal, figure, scale)
        yield f"  {goal.what:<52} goal {goal!s:<22} figure {amount(figure, goal.unit):<22} {told}"
    for series in result.series:
        low, high = min(series.values), max(series.values)
        spread = f"  ({number(low)} to {number(high)})" if len(series.values) > 1 else ""
        yield f"    {series.name:<50} {number(series.middle):>10} {series.unit}{spread}"
    yield from (f"    {note}" for note in result.notes)


def number(value: float) -> str:
    """A figure with as many digits as say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def scale_warning(scale: float, rows: Sequence[Row]) -> str:
    """What a scaled-down run says before anything else; nothing of a full one."""
    if scale >= 1:
        return ""
    judged = ", ".join(row.id for row in rows if all(goal.any_size for goal in row.goals)) or "none"
    return (
        f"!!! SCALED DOWN to {scale:g} of the rows: these are not the figures of the benchmark, and no goal is judged\n"
        f"!!! that depends on the size. Rows judged: {judged}."
    )


def list_text(rows: Sequence[Row]) -> str:
    """The rows and their goals."""
    return "\n".join(
        f"{row.id:<16}{row.what}: " + ", ".join(f"{goal.what} {goal}" for goal in row.goals) for row in rows
    )


def document(
    results: Mapping[Row, Result],
    curves: Sequence[Curve],
    scale: float,
    machine: Mapping[str, object],
    began: str,
) -> dict[str, object]:
    """All of it for programs."""
    return {
        "schema": 1,
        "began": began,
        "scale": scale,
        "machine": machine,
        "rows": {row.id: _row_document(row, result, scale) for row, result in results.items()},
        "curves": [
            {"latency_ms": curve.latency_ms, "rates": [{"concurrency": c, "mails_a_second": r} for c, r in curve.rates]}
            for curve in curves
        ],
    }


def _row_document(row: Row, result: Result, scale: float) -> dict[str, object]:
    if isinstance(result, Unmeasured):
        return {"what": row.what, "not_measured": result.why, "failed": result.failed}
    return {
        "what": row.what,
        "goals": [
            {
                "what": goal.what,
                "side": goal.side.value,
                "bound": goal.bound,
                "unit": goal.unit.value,
                "figure": figure,
                "judgement": judgement(goal, figure, scale),
            }
            for goal, figure in zip(row.goals, result.figures, strict=True)
        ],
        "series": [
            {
                "name": series.name,
                "unit": series.unit,
                "median": series.middle,
                "min": min(series.values),
                "max": max(series.values),
                "runs": list(series.values),
            }
            for series in result.series
        ],
        "notes": list(result.notes),
    }
