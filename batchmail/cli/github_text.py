"""Findings as annotations of GitHub Actions, one line each (docs.github.com, "Workflow commands": error, warning)."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from batchmail.cli.words import printable
from batchmail.finding import Finding, Severity
from batchmail.location import CellLocation, Location, TextLocation

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_IN_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_MESSAGE, ":": "%3A", ",": "%2C"}


def github_text(findings: Iterable[Finding]) -> str:
    """A line for each finding; GitHub shows it beside the line of the file."""
    return "\n".join(map(_annotation, findings))


def _annotation(finding: Finding) -> str:
    properties = [*_place(finding.where), ("title", finding.rule)]
    said = ",".join(f"{name}={_escaped(value, _IN_PROPERTY)}" for name, value in properties)
    return f"::{_COMMANDS[finding.severity]} {said}::{_escaped(_message(finding), _IN_MESSAGE)}"


def _message(finding: Finding) -> str:
    cell = f"{finding.where}: " if isinstance(finding.where, CellLocation) else ""
    return "\n".join(printable(line) for line in (f"{cell}{finding.message}", *finding.hint.splitlines()))


def _place(where: Location | None) -> Iterator[tuple[str, str]]:
    match where:
        case None:
            return
        case TextLocation(path, line, column):
            yield "file", path.as_posix()
            if line is not None:
                yield "line", str(line)
            if column is not None:
                yield "col", str(column)
        case CellLocation(path):
            yield "file", path.as_posix()
        case _:
            assert_never(where)


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
