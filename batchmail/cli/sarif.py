"""Findings as SARIF 2.1.0 (docs.oasis-open.org/sarif), which editors and code hosts read."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import assert_never
from urllib.parse import quote

from batchmail import __version__
from batchmail.cli.documents import Document
from batchmail.finding import Finding, Severity
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.rules import RULES

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif_document(findings: Iterable[Finding]) -> Document:
    """One run with its rules and a result for each finding."""
    listed = list(findings)
    rules = list(dict.fromkeys(finding.rule for finding in listed))
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "batchmail", "version": __version__, "rules": list(map(_rule, rules))}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, rules.index(finding.rule)) for finding in listed],
            }
        ],
    }


def _rule(name: str) -> Document:
    rule = RULES[name]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, rule: int) -> Document:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(filter(None, (finding.message, finding.text, finding.hint)))},
        "locations": list(_locations(finding.where)),
    }


def _locations(where: Location | None) -> Iterator[Document]:
    match where:
        case None:
            return
        case TextLocation(path, line, column):
            places = (("startLine", line), ("startColumn", column))
            region = {name: number for name, number in places if number is not None}
            yield {"physicalLocation": {"artifactLocation": _artifact(path), **({"region": region} if region else {})}}
        case CellLocation(path, sheet, cell, line):
            name = f"{sheet}!{cell}" if cell else sheet
            yield {
                "physicalLocation": {"artifactLocation": _artifact(path)},
                "logicalLocations": [{"fullyQualifiedName": name, "kind": "cell" if cell else "sheet"}],
                **({"message": {"text": f"line {line} of the cell"}} if line is not None else {}),
            }
        case _:
            assert_never(where)


def _artifact(path: Path) -> Document:
    """A path as a URI: relative where it was given so, and of the scheme `file` where it is absolute."""
    return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}
