"""What `--format json` prints: the documents of the contract, schema 1. Keys may be added, none renamed."""

import json
from collections.abc import Mapping, Sequence
from typing import assert_never

from batchmail.delivery import Counts, DeliveryState, Mailing
from batchmail.finding import Finding, Findings
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.planning import Plan
from batchmail.results import State

#: The version of these documents.
SCHEMA = 1

Document = Mapping[str, object]


def as_json(document: Document) -> str:
    """A document as it is printed."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def plan_document(mailing: Mailing | None, plan: Plan | None, findings: Findings) -> Document:
    """What `plan` found; without a plan where the job could not be opened."""
    standing = plan.standing if plan else None
    return {
        "schema": SCHEMA,
        "job": mailing.job if mailing else None,
        "edition": (mailing.edition or None) if mailing else None,
        "digest": plan.digest if plan else None,
        "counts": {
            "send": standing.send if standing else 0,
            "already_sent": standing.already_sent if standing else 0,
            "skipped": standing.skipped if standing else 0,
            "blocked": plan.tally.blocked if plan else 0,
            "in_doubt": standing.in_doubt if standing else 0,
            "rejected": standing.rejected if standing else 0,
            "suppressed": plan.tally.suppressed if plan else 0,
        },
        "rows": plan.tally.rows if plan else 0,
        "requests": standing.requests if standing else 0,
        "estimate_seconds": round(plan.pace.seconds, 3) if plan else 0,
        "findings": [finding_document(finding) for finding in findings],
    }


def finding_document(finding: Finding) -> Document:
    """One finding; `line` and `column` for text files, `sheet` and `cell` for workbooks.

    There, `line` is one of the cell's own lines, where it has several.
    """
    place = _place(finding.where)
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        **place,
        "key": finding.key,
        "text": finding.text or None,
    }


def _place(where: Location | None) -> Document:
    empty: dict[str, object] = dict.fromkeys(("path", "line", "column", "sheet", "cell"))
    match where:
        case None:
            return empty
        case TextLocation(path, line, column):
            return {**empty, "path": path.as_posix(), "line": line, "column": column}
        case CellLocation(path, sheet, cell, line):
            return {**empty, "path": path.as_posix(), "line": line, "sheet": sheet, "cell": cell}
        case _:
            assert_never(where)


def run_document(  # noqa: PLR0913  the contract's own keys
    mailing: Mailing | None,
    counts: Counts,
    *,
    requests: int,
    seconds: float,
    in_doubt: Sequence[str],
    partial: Sequence[str] = (),
    reports: Sequence[str],
    exit_code: int,
    more: Document | None = None,
) -> Document:
    """What `send`, `rehearse` and `status` say; `requests_of`, in `more`, names what `requests` count.

    `partial` are the keys of those sent that somebody does not get.
    """
    return {
        "schema": SCHEMA,
        "job": mailing.job if mailing else None,
        "edition": (mailing.edition or None) if mailing else None,
        "counts": {state.value: counts.of(state) for state in DeliveryState},
        "requests": requests,
        "seconds": round(seconds, 3),
        "in_doubt": list(in_doubt),
        "partial": list(partial),
        "reports": list(reports),
        "exit": exit_code,
        **(more or {}),
    }


def journal_document(
    mailing: Mailing, state: State, exit_code: int, *, in_copies: bool, more: Document | None = None
) -> Document:
    """What `status` and `resolve` say.

    The requests are those of the journal: it numbers mails as they are handed over, and knows nothing of copies.
    """
    requests_of = "all runs; a mail with all its copies is one" if in_copies else "all runs"
    return run_document(
        mailing,
        state.counts,
        requests=state.requests,
        seconds=0,
        in_doubt=state.in_doubt,
        partial=state.partial,
        reports=[],
        exit_code=exit_code,
        more={"requests_of": requests_of, **(more or {})},
    )
