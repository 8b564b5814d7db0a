"""Findings as text: by rule, each with its place, the offending text, and what to do."""

from collections import Counter
from collections.abc import Iterator, Sequence

from batchmail.cli.words import count, grouped, printable
from batchmail.finding import Finding, Findings, Severity

#: So many findings are shown; `--all` shows every one.
SHOWN = 20
#: An offending text longer than this is cut.
_TEXT_WIDTH = 72


def findings_text(findings: Findings, *, everything: bool = False) -> str:
    """The findings that are worth showing, and how many more there are of each rule."""
    listed = list(findings)
    shown = listed if everything else _chosen(listed)
    lines = [line for finding in shown for line in _lines(finding)]
    lines += _more(findings, shown)
    return "\n".join(lines)


def _chosen(listed: Sequence[Finding]) -> list[Finding]:
    """A share for each rule, so that a flood of one kind hides no other; in the order of the list."""
    seen: Counter[str] = Counter()
    ranks: list[tuple[int, int]] = []
    for number, finding in enumerate(listed):
        ranks.append((seen[finding.rule], number))
        seen[finding.rule] += 1
    return [listed[number] for number in sorted(number for _, number in sorted(ranks)[:SHOWN])]


def _lines(finding: Finding) -> Iterator[str]:
    where = f"{finding.where}  " if finding.where else ""
    yield f"{where}{finding.severity}  {finding.rule}"
    text = printable(finding.text.strip())
    if text and text not in finding.message:
        cut = text.splitlines()[0]
        yield f"    {cut if len(cut) <= _TEXT_WIDTH else cut[:_TEXT_WIDTH] + '…'}"
    yield f"    {printable(finding.message)}"
    yield from (f"    → {line}" for line in printable(finding.hint).splitlines())


def _more(findings: Findings, shown: Sequence[Finding]) -> Iterator[str]:
    told = Counter(finding.rule for finding in shown)
    rest = {rule: total - told[rule] for rule, total in findings.by_rule().items()}
    left = [f"{grouped(number)} more of {rule}" for rule, number in rest.items() if number > 0]
    if left:
        yield f"… and {', '.join(left)} (more of them: --all, as data: --format json)"


def findings_total(findings: Findings) -> str:
    """One line: how many faults of how many kinds."""
    errors = findings.severity(Severity.ERROR)
    kinds = len(findings.rules(Severity.ERROR))
    if kinds == 1:
        return count(errors, "fault")
    return f"{count(kinds, 'kind')} of fault in {count(errors, 'place')}"


def most_common_error(findings: Findings) -> str:
    """The rule that most of the errors break."""
    return max(findings.rules(Severity.ERROR), key=findings.count, default="")
