"""The rows of the benchmark: what is measured, and the goals."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a goal is in."""

    TIMES = "x"
    PERCENT = "%"
    MEGABYTES = "MB"
    SECONDS = "s"
    REQUESTS = "requests"
    RATE = "recipients/s"


class Side(StrEnum):
    """Which side of the goal is good."""

    LEAST = "≥"
    MOST = "≤"
    EXACTLY = "="


@dataclass(frozen=True, slots=True)
class Goal:
    """What one figure of a row should come to.

    `any_size` tells that it holds for a scaled-down run too.
    """

    what: str
    side: Side
    bound: float
    unit: Unit
    any_size: bool = False

    def met(self, figure: float) -> bool:
        """Whether a figure is good enough."""
        match self.side:
            case Side.LEAST:
                return figure >= self.bound
            case Side.MOST:
                return figure <= self.bound
            case Side.EXACTLY:
                return figure == self.bound

    def __str__(self) -> str:
        return f"{self.side} {amount(self.bound, self.unit)}"


@dataclass(frozen=True, slots=True)
class Row:
    """Something that is measured. `rows` is how large the job is, `long` that one run has to do."""

    id: str
    what: str
    goals: tuple[Goal, ...]
    rows: int
    long: bool = False


def amount(figure: float, unit: Unit) -> str:
    """A figure with its unit."""
    match unit:
        case Unit.TIMES:
            return f"{figure:.2f}x" if figure < 10 else f"{figure:.1f}x"
        case Unit.PERCENT:
            return f"{figure:.1f} %"
        case Unit.MEGABYTES:
            return f"{figure:,.0f} MB"
        case Unit.SECONDS:
            return f"{figure:,.2f} s"
        case Unit.REQUESTS | Unit.RATE:
            return f"{figure:,.0f} {unit}"


def _least(what: str, bound: float, unit: Unit = Unit.TIMES) -> Goal:
    return Goal(what, Side.LEAST, bound, unit)


def _most(what: str, bound: float, unit: Unit = Unit.TIMES, *, any_size: bool = False) -> Goal:
    return Goal(what, Side.MOST, bound, unit, any_size)


_MEMORY = (
    _most("peak of memory", 200, Unit.MEGABYTES),
    _most("over that of a tenth of the rows", 1.2),
)

ROWS = (
    Row("server-http", "the do-nothing server of HTTP, flooded", (_least("over an aiohttp loop", 1.5),), 20_000),
    Row("server-smtp", "the do-nothing server of SMTP, flooded", (_least("over nodemailer", 1.5),), 20_000),
    Row("send-64", "send over 64 connections, WORKS", (_least("over an httpx loop", 10),), 20_000),
    Row("send-16", "send over 16 connections, WORKS", (_least("over an httpx loop", 4),), 20_000),
    Row("send-aiohttp", "send over 64 connections, WORKS", (_least("over an aiohttp loop", 0.4),), 20_000),
    Row(
        "send-50ms",
        "a provider that answers in 50 ms, 64 connections",
        (_least("share of what 64 connections can do, sending phase", 97, Unit.PERCENT),),
        20_000,
    ),
    Row("smtp-mailmerge", "send over 16 connections, SMTP", (_least("over mailmerge", 3),), 20_000),
    Row("smtp-nodemailer", "send over 16 connections, SMTP", (_least("over nodemailer", 1.3),), 20_000),
    Row("plan-mailmerge", "plan a CSV", (_least("over mailmerge's dry run", 5),), 100_000),
    Row("plan-jinja", "plan a CSV", (_least("over a bare Jinja2 loop", 0.5),), 100_000),
    Row("plan-xlsx", "plan an XLSX", (_most("time over that of CSV", 2.5),), 100_000),
    Row("memory-plan", "plan a CSV of a million rows", _MEMORY, 1_000_000, long=True),
    Row("memory-send", "send to a million rows, WORKS", _MEMORY, 1_000_000, long=True),
    Row(
        "attachments",
        "the same file of 5 MB with every mail, 16 connections, WORKS",
        (_most("peak of memory", 150, Unit.MEGABYTES),),
        1_000,
        long=True,
    ),
    Row(
        "combining",
        "identical mails, 100 recipients a request, WORKS",
        (Goal("requests", Side.EXACTLY, 1_000, Unit.REQUESTS), _least("rate", 20_000, Unit.RATE)),
        100_000,
    ),
    Row(
        "start",
        "start of the program",
        (
            _most("--help over `import click`", 2, any_size=True),
            _most("--version over `import click`", 2, any_size=True),
        ),
        1,
    ),
    Row(
        "resume",
        "10 rows left of a million: first request, less the time of plan",
        (_most("until the first request", 5, Unit.SECONDS),),
        1_000_000,
        long=True,
    ),
)
