"""Findings as text: by cause, each with its places, the offending text, and what to do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from batchmail.cli.words import count, grouped, printable
from batchmail.finding import Finding, Findings, Severity
from batchmail.location import CellLocation, Location, TextLocation

#: So many causes are shown, and so many places of each; `--all` shows every one.
SHOWN = 20
_PLACES = 5
#: An offending text longer than this is cut.
_TEXT_WIDTH = 72


def findings_text(findings: Findings, *, everything: bool = False) -> str:
    """The findings that are worth showing, and how many more there are of each rule."""
    causes = _by_cause(findings)
    shown = causes if everything else _chosen(causes)
    lines = [line for cause in shown for line in _lines(cause, everything=everything)]
    lines += _more(findings, shown)
    return "\n".join(lines)


def _by_cause(findings: Iterable[Finding]) -> list[Sequence[Finding]]:
    """The findings that say the same of different places, together; in the order of the first of each."""
    causes: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        causes.setdefault((finding.rule, finding.message, finding.hint, finding.text), []).append(finding)
    return list(causes.values())


def _chosen(causes: Sequence[Sequence[Finding]]) -> list[Sequence[Finding]]:
    """A share for each rule, so that a flood of one kind hides no other; in the order of the list."""
    seen: Counter[str] = Counter()
    ranks: list[tuple[int, int]] = []
    for number, (finding, *_) in enumerate(causes):
        ranks.append((seen[finding.rule], number))
        seen[finding.rule] += 1
    return [causes[number] for number in sorted(number for _, number in sorted(ranks)[:SHOWN])]


def _lines(cause: Sequence[Finding], *, everything: bool) -> Iterator[str]:
    finding = cause[0]
    first, *others = dict.fromkeys(each.where for each in cause)
    where = f"{first}  " if first else ""
    yield f"{where}{finding.severity}  {finding.rule}{_extent(cause, 1 + len(others))}"
    yield from _also(first, others, everything=everything)
    text = printable(finding.text.strip())
    if text and text not in finding.message:
        cut = text.splitlines()[0]
        yield f"    {cut if len(cut) <= _TEXT_WIDTH else cut[:_TEXT_WIDTH] + '…'}"
    yield f"    {printable(finding.message)}"
    yield from (f"    → {line}" for line in printable(finding.hint).splitlines())


def _extent(cause: Sequence[Finding], places: int) -> str:
    """In how many places a cause is found, and in how many mails where they share a place."""
    parts = [count(places, "place")] if places > 1 else []
    if places < len(cause):
        mails = all(each.key is not None for each in cause)
        parts.append(f"in {count(len(cause), 'mail')}" if mails else count(len(cause), "time"))
    return f"  {', '.join(parts)}" if parts else ""


def _also(first: Location | None, others: Sequence[Location | None], *, everything: bool) -> Iterator[str]:
    """The further places of a cause, without the file where it is that of the place before."""
    shown = others if everything else others[: _PLACES - 1]
    named: list[str] = []
    before = first
    for where in shown:
        named += [_short(where, before)] if where else []
        before = where
    left = len(others) - len(shown)
    more = f" and {grouped(left)} more" if left else ""
    if named:
        yield f"    and at {', '.join(named)}{more}"


def _short(where: Location, before: Location | None) -> str:
    match where, before:
        case CellLocation(path, sheet, str(cell), line), CellLocation(other, same) if (path, sheet) == (other, same):
            return cell if line is None else f"{cell} (line {line})"
        case TextLocation(path, int(line), column), TextLocation(other) if path == other:
            return f"{line}:{column}" if column is not None else str(line)
        case _:
            return str(where)


def _more(findings: Findings, shown: Iterable[Sequence[Finding]]) -> Iterator[str]:
    told = Counter(finding.rule for cause in shown for finding in cause)
    rest = {rule: total - told[rule] for rule, total in findings.by_rule().items()}
    left = [f"{grouped(number)} more of {rule}" for rule, number in rest.items() if number > 0]
    if left:
        yield f"… and {', '.join(left)} (more of them: --all, as data: --format json)"


def distinct_total(findings: Findings, severity: Severity) -> int:
    """How many findings of a severity there are, where what many mails have from one place of the job counts once."""
    kept: dict[str, list[tuple[object, ...]]] = {}
    for each in findings:
        if each.severity is severity:
            kept.setdefault(each.rule, []).append((each.where, each.message, each.hint, each.text))
    return sum(_distinct(findings.count(rule), told) for rule, told in kept.items())


def _distinct(number: int, told: Sequence[tuple[object, ...]]) -> int:
    """How many of so many findings differ, as far as those that are kept tell it."""
    different = len(set(told))
    return 1 if different == 1 else number - len(told) + different


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
