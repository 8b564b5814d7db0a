"""Opening a sheet: which reader a file has, by its suffix, and which of the columns that a job names it lacks."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.job import RecipientsSpec
from batchmail.location import Location
from batchmail.recipients.base import HidesColumns, Sheet, SheetBroken
from batchmail.recipients.csv_file import open_csv
from batchmail.recipients.inline_rows import open_rows
from batchmail.recipients.joined import JoinedSheet, Part, columns_differ
from batchmail.recipients.json_file import open_jsonl
from batchmail.wording import did_you_mean, listed, shown


def _open_workbook(spec: RecipientsSpec, where: Location, findings: Findings) -> Sheet | None:
    from batchmail.recipients.xlsx_file import open_xlsx  # noqa: PLC0415  most of this package, and few jobs need it

    return open_xlsx(spec, where, findings)


_READERS: dict[str, Callable[[RecipientsSpec, Location, Findings], Sheet | None]] = {
    ".csv": open_csv,
    ".tsv": open_csv,
    ".xlsx": _open_workbook,
    ".xlsm": _open_workbook,
    ".jsonl": open_jsonl,
}
#: What other programs keep sheets in, and what to do about it.
_SAVE_AS = {
    ".ods": "LibreOffice: File, Save As, Excel 2007-365 (.xlsx)",
    ".xls": "Excel: File, Save As, Excel Workbook",
}


class Places(Protocol):
    """Where the values of the manifest were written: `Job.place`."""

    def __call__(self, *route: str | int) -> Location: ...


def open_sheet(spec: RecipientsSpec, where: Location, findings: Findings) -> Sheet | None:
    """The sheet that a job names at `where`; None where it cannot be read, which is then a finding.

    A sheet with findings in its header is opened all the same, so that what is wrong in its rows is found too.
    Several files are one list: each has the columns of the first, in whatever order; the rows of one that lacks any
    are not looked at.
    """
    if spec.rows:
        return open_rows(spec, where, findings)
    first = _open_file(spec, where, findings)
    if not spec.others:
        return first
    others = [(other, _open_file(replace(spec, file=other.file), other.where, findings)) for other in spec.others]
    if first is None:
        return None
    parts = [Part.of(first, first.columns)]
    for other, sheet in others:
        if sheet is None:
            return None
        for finding in columns_differ(sheet, first, other.where):
            findings.add(finding)
        if set(first.columns) <= set(
            sheet.columns
        ):  # the others' rows would only repeat what was told of their columns
            parts.append(Part.of(sheet, first.columns))
    return JoinedSheet(parts)


def _open_file(spec: RecipientsSpec, where: Location, findings: Findings) -> Sheet | None:
    suffix = spec.file.suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        message = f"`{shown(spec.file.name)}` is no sheet that can be read"
        hint = f"Save it as one of {listed(_READERS)}" + (f" ({_SAVE_AS[suffix]})." if suffix in _SAVE_AS else ".")
        findings.add(rules.MANIFEST_BAD_VALUE.finding(message, where, hint, text=shown(spec.file.name)))
        return None
    try:
        return reader(spec, where, findings)
    except SheetBroken as broken:
        _add_once(broken.finding, findings)
        return None


def check_hidden(sheet: Sheet, used: Collection[int], findings: Findings) -> None:
    """Report the columns that are used and that a workbook does not show."""
    match sheet:
        case JoinedSheet():
            for part in sheet.parts:
                check_hidden(part.sheet, part.own(used), findings)
        case HidesColumns():
            for column in sorted(sheet.hidden.intersection(used)):
                findings.add(_hidden_column(sheet, column))
        case _:
            pass


def _hidden_column(sheet: Sheet, column: int) -> Finding:
    name = shown(sheet.columns[column])
    message = f"the column `{name}` is hidden, and the mail uses it"
    where = sheet.header_place(column)
    return rules.SHEET_HIDDEN_COLUMN.finding(message, where, "Look whether its values are those meant.", text=name)


def check_columns(sheet: Sheet, spec: RecipientsSpec, place: Places, findings: Findings) -> None:
    """Report the columns that `key` and `fields` name and the sheet lacks, each where the manifest names it."""
    named = [(name, place("recipients", "key", index)) for index, name in enumerate(spec.key)]
    named += [(name, field.where) for name, field in spec.fields.items()]
    for name, where in named:
        if name not in sheet.columns:
            hint = did_you_mean(name, sheet.columns, f"The columns are: {listed(sheet.columns)}.")
            message = f"the sheet has no column `{shown(name)}`"
            findings.add(rules.SHEET_MISSING_COLUMN.finding(message, where, hint, text=shown(name)))


def _add_once(finding: Finding, findings: Findings) -> None:
    """Add a finding, unless whoever read the manifest has told of the same file at the same place."""
    if not any((each.rule, each.where) == (finding.rule, finding.where) for each in findings):
        findings.add(finding)
