"""How fast a provider may be called."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a rate counts."""

    REQUESTS = "requests"
    RECIPIENTS = "recipients"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any window of `seconds`.

    `sustained` is the share of it that a run of more than half an hour may use (1 where the provider sets none).
    """

    count: int
    seconds: float
    unit: Unit = Unit.REQUESTS
    sustained: float = 1.0

    def __str__(self) -> str:
        names = {1.0: "s", 60.0: "min", 3600.0: "h", 86400.0: "day"}
        per = names.get(self.seconds, f"{self.seconds:g} s")
        what = "" if self.unit is Unit.REQUESTS else " recipients"
        return f"{self.count:,}{what}/{per}"


@dataclass(frozen=True, slots=True)
class Handover:
    """What was handed to the provider within one second: `at` is its end, in seconds since 1970."""

    at: float
    requests: int
    recipients: int

    def units(self, unit: Unit) -> int:
        """What it counts for."""
        return self.recipients if unit is Unit.RECIPIENTS else self.requests
