"""The corpus: every job with planted faults, with the places where each has to be told, and jobs without any.

A case for each rule (`tests/rules`), and jobs as offices have them (here); what is in a folder is told in
`tests/rules/case.py`. `python -m tests.corpus.corpus` prints all of it as a table in Markdown.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.rules.case import Case, cases

OFFICES = cases(Path(__file__).parent)
CORPUS = [*OFFICES, *cases(Path(__file__).parents[1] / "rules")]

#: What holds people and settings, and not texts of mails, attachments or lists of addresses that are not written to.
_SHEETS_AND_MANIFESTS = (".yaml", ".csv", ".tsv", ".xlsx", ".jsonl")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A fault that is told: which, how grave, and where (`people.csv:2:7`, `people.xlsx › October!C4`)."""

    rule: str
    severity: str
    place: str

    @property
    def file(self) -> str:
        """The file that it is told in."""
        return self.place.partition(" › ")[0].partition(":")[0]


def faults_of(case: Case) -> list[Fault]:
    """The faults of a case."""
    return [Fault(*line.split(" ", 2)) for line in case.expected]


def faulty_files() -> set[tuple[str, str]]:
    """The sheets and manifests with a fault, each with its case."""
    told = ((case.name, fault.file) for case in CORPUS for fault in faults_of(case))
    return {(name, file) for name, file in told if file.endswith(_SHEETS_AND_MANIFESTS)}


def table() -> Iterator[str]:
    """The corpus in Markdown: a row for each case, the clean ones with neither kinds nor places."""
    yield "| case | kinds | places |"
    yield "|---|---|---|"
    for case in CORPUS:
        kinds = {rule: list(found) for rule, found in groupby(faults_of(case), key=lambda fault: fault.rule)}
        places = "; ".join(", ".join(f"`{fault.place}`" for fault in found) for found in kinds.values())
        yield f"| {case.name} | {', '.join(kinds) or 'none'} | {places or '–'} |"


def summary() -> str:
    """How large the corpus is, in a sentence."""
    faults = [fault for case in CORPUS for fault in faults_of(case)]
    kinds, clean = len({fault.rule for fault in faults}), sum(not case.expected for case in CORPUS)
    return (
        f"{len(CORPUS)} jobs, {clean} of them clean; {len(faulty_files())} sheets and manifests with planted faults, "
        f"{len(faults)} places, {kinds} kinds."
    )


if __name__ == "__main__":
    sys.stdout.buffer.write("\n".join([*table(), "", summary(), ""]).encode())
