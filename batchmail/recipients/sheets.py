"""Opening a sheet: which reader a file has, by its suffix, and which of the columns that a job names it lacks."""

from collections.abc import Callable
from typing import Protocol

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.job import RecipientsSpec
from batchmail.location import TextLocation
from batchmail.recipients.base import Sheet, SheetBroken
from batchmail.recipients.csv_file import open_csv
from batchmail.recipients.wording import did_you_mean, listed, shown
from batchmail.recipients.xlsx_file import open_xlsx

_READERS: dict[str, Callable[[RecipientsSpec, TextLocation, Findings], Sheet | None]] = {
    ".csv": open_csv,
    ".tsv": open_csv,
    ".xlsx": open_xlsx,
    ".xlsm": open_xlsx,
}


class Places(Protocol):
    """Where the values of the manifest were written: `Job.place`."""

    def __call__(self, *route: str | int) -> TextLocation: ...


def open_sheet(spec: RecipientsSpec, where: TextLocation, findings: Findings) -> Sheet | None:
    """The sheet that a job names at `where`; None where it cannot be read, which is then a finding.

    A sheet with findings in its header is opened all the same, so that what is wrong in its rows is found too.
    """
    reader = _READERS.get(spec.file.suffix.lower())
    if reader is None:
        message = f"`{shown(spec.file.name)}` is no sheet that can be read"
        hint = f"Save it as one of {listed(_READERS)}."
        findings.add(rules.MANIFEST_BAD_VALUE.finding(message, where, hint, text=shown(spec.file.name)))
        return None
    try:
        return reader(spec, where, findings)
    except SheetBroken as broken:
        _add_once(broken.finding, findings)
        return None


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
