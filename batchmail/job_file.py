"""The file that a job is: a manifest, or a workbook, which few are and which is read by code of its own."""

from collections.abc import Mapping
from pathlib import Path

from batchmail import manifest, rules
from batchmail.finding import Findings
from batchmail.job import Job, ProviderShape, UnusableProvider
from batchmail.location import TextLocation
from batchmail.wording import shown

_WORKBOOKS = (".xlsx", ".xlsm")
#: What other programs keep sheets in, and what to do about it.
_SAVE_AS = {
    ".ods": "Save it as .xlsx (LibreOffice: File, Save As, Excel 2007-365).",
    ".xls": "Save it as .xlsx (Excel: File, Save As, Excel Workbook).",
    ".xlsb": "Save it as .xlsx (Excel: File, Save As, Excel Workbook).",
}


def is_workbook(path: Path) -> bool:
    """Whether a job is taken for a workbook, by its suffix."""
    return path.suffix.lower() in _WORKBOOKS


def load_job_file(path: Path, shapes: Mapping[str, ProviderShape | UnusableProvider], findings: Findings) -> Job | None:
    """The job that a manifest or a workbook declares; see `manifest.load`."""
    suffix = path.suffix.lower()
    if is_workbook(path) and path.is_file():
        from batchmail.workbook_job import load_workbook  # noqa: PLC0415  most jobs are none

        return load_workbook(path, shapes, findings)
    if suffix in _SAVE_AS and path.is_file():
        message = f"`{shown(path.name)}` is no workbook that can be read"
        findings.add(rules.FILE_UNREADABLE.finding(message, TextLocation(path), _SAVE_AS[suffix]))
        return None
    return manifest.load(path, shapes, findings)  # which tells what is in its place, and what may have been meant
