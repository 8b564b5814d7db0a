"""A problem of the input, with its place and what to do about it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from batchmail.location import CellLocation, Location, TextLocation


class Severity(StrEnum):
    """How much a finding matters: an error blocks the whole job, a warning must be allowed by name or fixed."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding: its stable id, how much it matters, and why it exists."""

    id: str
    severity: Severity
    title: str
    why: str

    def finding(
        self,
        message: str,
        where: Location | None,
        hint: str,
        *,
        text: str = "",
        key: str | None = None,
    ) -> "Finding":
        """A finding of this rule; `text` is the offending text, `key` the row's key where it is known."""
        return Finding(self.id, self.severity, message, where, hint, text, key)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem at one place."""

    rule: str
    severity: Severity
    message: str
    where: Location | None
    hint: str
    text: str = ""
    key: str | None = None


class Findings:
    """Collects findings; of each rule it keeps the first `keep` and counts the rest, so memory stays flat."""

    def __init__(self, keep: int = 10_000) -> None:
        self._keep = keep
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self._severities: Counter[Severity] = Counter()
        self._weights: Mapping[str, Severity] = {}
        self._by_severity: dict[str, Severity] = {}

    def weigh(self, severities: Mapping[str, Severity]) -> None:
        """Give the findings of some rules another severity, those already there too."""
        self._weights = severities
        self._kept = [self._weighed(finding) for finding in self._kept]
        self._by_severity = {rule: severities.get(rule, each) for rule, each in self._by_severity.items()}
        self._severities.clear()
        for rule, severity in self._by_severity.items():
            self._severities[severity] += self._counts[rule]

    def add(self, finding: Finding) -> Finding:
        """Take one finding in; gives it back with the severity that it has here."""
        found = self._weighed(finding)
        self._counts[found.rule] += 1
        self._severities[found.severity] += 1
        self._by_severity[found.rule] = found.severity
        if self._counts[found.rule] <= self._keep:
            self._kept.append(found)
        return found

    def _weighed(self, finding: Finding) -> Finding:
        severity = self._weights.get(finding.rule, finding.severity)
        return finding if severity is finding.severity else replace(finding, severity=severity)

    def keeps(self, rule: str) -> bool:
        """Whether another finding of a rule would be kept: only then is its place worth looking up."""
        return self._counts[rule] < self._keep

    def count(self, rule: str) -> int:
        """How often a rule was found, kept or not."""
        return self._counts[rule]

    def by_rule(self) -> dict[str, int]:
        """How often each rule was found."""
        return dict(self._counts)

    def severity(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return self._severities[severity]

    def warnings(self) -> list[str]:
        """The rules of which there are warnings, in the order they were first met."""
        return self.rules(Severity.WARNING)

    def rules(self, severity: Severity) -> list[str]:
        """The rules whose findings have a severity, in the order they were first met."""
        return [rule for rule, each in self._by_severity.items() if each is severity]

    @property
    def blocking(self) -> bool:
        """Whether any finding is an error."""
        return self._severities[Severity.ERROR] > 0

    def __iter__(self) -> Iterator[Finding]:
        """The kept findings, errors first, then by place."""
        return iter(sorted(self._kept, key=_order))

    def __len__(self) -> int:
        return self._counts.total()


_SEVERITIES = list(Severity)


def _order(finding: Finding) -> tuple[int, str, int, int, int, str]:
    severity = _SEVERITIES.index(finding.severity)
    match finding.where:
        case TextLocation(path, line, column):
            return severity, str(path), line or 0, column or 0, 0, finding.rule
        case CellLocation(path, sheet, cell, line):
            row, letters = _cell_order(cell or "")
            return severity, f"{path}›{sheet}", row, letters, line or 0, finding.rule
        case None:
            return severity, "", 0, 0, 0, finding.rule


def _cell_order(cell: str) -> tuple[int, int]:
    digits = "".join(c for c in cell if c.isdigit())
    letters = "".join(c for c in cell if c.isalpha())
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits or 0), column
