"""A workbook as a job: keys in column A of its worksheet `job`, their values beside them.

The recipients' reader tells what the cells show, and the manifest what they mean.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from batchmail import manifest, rules
from batchmail.finding import Finding, Findings
from batchmail.job import Job, ProviderShape, UnusableProvider
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.manifest import JobSheet, SettingCell, SettingRow
from batchmail.recipients import SheetBroken
from batchmail.recipients.cell_text import ReadCell
from batchmail.recipients.workbook import Workbook, Worksheet, workbook
from batchmail.recipients.worksheet_cells import column_letters
from batchmail.recipients.worksheet_frame import Frame, MergedRange
from batchmail.recipients.xlsx_file import cell_rows, frame_of
from batchmail.row import CellFault
from batchmail.wording import did_you_mean, listed, shown

Shapes = Mapping[str, ProviderShape | UnusableProvider]

JOB = "job"
PEOPLE = "recipients"

_REMARK = "#"
_VALUE_HEADINGS = ("", "value", "values")
#: So many hidden rows are named, and so many merged ranges looked at for each cell.
_NAMED = 5


def load_workbook(path: Path, shapes: Shapes, findings: Findings) -> Job | None:
    """The job that a workbook declares; as `manifest.load` in all else."""
    try:
        book = workbook(path, TextLocation(path))
        worksheet = _named(book, JOB)
        if worksheet is None:
            findings.add(_no_job(book))
            return None
        people = _named(book, PEOPLE)
        rows = _JobRows(book, worksheet, frame_of(book, worksheet), findings)
        names = tuple(each.name for each in book.worksheets)
        where = CellLocation(path, people.name) if people else None
        job = manifest.load_sheet(JobSheet(rows.place(), rows.read(), where, names), shapes, findings)
    except SheetBroken as broken:
        findings.add(broken.finding)
        return None
    if job and people and not people.visible and (job.recipients.file, job.recipients.sheet) == (path, people.name):
        findings.add(_hidden(f"the worksheet `{shown(people.name)}` is hidden", job.place("recipients", "sheet")))
    return job


def _named(book: Workbook, name: str) -> Worksheet | None:
    return next((each for each in book.worksheets if each.name.casefold() == name), None)


def _no_job(book: Workbook) -> Finding:
    there = [each.name for each in book.worksheets]
    hint = (
        f"A workbook is a job where its worksheet `{JOB}` has keys in column A (name, provider.kind, message.to, "
        "message.subject, …) and their values in column B: `batchmail new DIR --example lunch` makes one. For a sheet "
        "of recipients alone, give the manifest that names it."
    )
    if there:
        hint += f" The worksheets are: {listed(there)}."
    message = f"`{shown(book.path.name)}` has no worksheet `{JOB}`, so it says nothing of a mail"
    return rules.SHEET_NOT_FOUND.finding(message, TextLocation(book.path), did_you_mean(JOB, there, hint), text=JOB)


@dataclass(slots=True)
class _JobRows:
    """Reads the rows of a job's worksheet once, and tells what cannot be read of them."""

    book: Workbook
    worksheet: Worksheet
    frame: Frame
    findings: Findings
    _hidden: list[int] = field(default_factory=list)
    _columns: set[int] = field(default_factory=set)
    #: Some of the merged ranges that the row is in: their blank cells have been told.
    _open: list[MergedRange] = field(default_factory=list)

    def place(self, row: int | None = None, column: int = 0) -> CellLocation:
        cell = None if row is None else f"{column_letters(column)}{row}"
        return CellLocation(self.book.path, self.worksheet.name, cell)

    def read(self) -> Iterator[SettingRow]:
        """The rows with a key. Raises SheetBroken."""
        begun = False
        merged = deque(self.frame.merged)
        with closing(cell_rows(self.book, self.worksheet)) as rows:
            for number, hidden, cells in rows:
                filled = {column: cell for column, cell in cells.items() if cell.fault or cell.text.strip()}
                if not filled or _is_remark(filled):
                    continue
                heading, begun = not begun and _is_heading(filled), True
                if heading:
                    continue
                self._take_merged(_reached(merged, number), number)
                if hidden:
                    self._hidden.append(number)
                self._columns |= self.frame.hidden.intersection(filled)
                if row := self._row(number, filled):
                    yield row
        self._tell_hidden()

    def _row(self, number: int, filled: dict[int, ReadCell]) -> SettingRow | None:
        for column, cell in filled.items():
            if cell.fault:
                # What stands beside a key may be a secret: its place says enough.
                text = "" if column else cell.fault.text
                self.findings.add(_fault(cell.fault, self.place(number, column), text))
        key = filled.get(0)
        if key is None:
            self.findings.add(self._without_key(number, filled))
            return None
        if key.fault:
            return None
        values = (self._value(number, column, filled.get(column)) for column in range(1, max(*filled, 1) + 1))
        return SettingRow(self.place(number), key.text.strip(), tuple(values))

    def _value(self, number: int, column: int, cell: ReadCell | None) -> SettingCell:
        if cell:
            text = None if cell.fault else cell.text
        else:
            text = None if any(each.first_column <= column <= each.last_column for each in self._open) else ""
        return SettingCell(self.place(number, column), text)

    def _without_key(self, number: int, filled: dict[int, ReadCell]) -> Finding:
        return rules.MANIFEST_MISSING_KEY.finding(
            f"a value without a key: A{number} is blank",
            self.place(number, min(filled)),
            f"Write the key into A{number}. All lines of a text stand in one cell (Alt+Enter begins a line); a remark "
            "stands in a row that begins with #.",
        )

    def _take_merged(self, ranges: Iterator[MergedRange], number: int) -> None:
        """Tell of the merged cells of a row; `ranges` are those that no row before has reached, in order."""
        self._open = [each for each in self._open if each.last_row >= number]
        for each in ranges:
            if each.last_row >= number:
                self.findings.add(_merged(each, self.place(each.first_row, each.first_column)))
                self._open = [*self._open, each][:_NAMED]

    def _tell_hidden(self) -> None:
        """Tell what counts and is not shown: an address in a copy, say."""
        rows, columns = self._hidden, sorted(self._columns)
        if not self.worksheet.visible:
            self.findings.add(_hidden(f"the worksheet `{shown(self.worksheet.name)}` is hidden", self.place()))
            return
        if rows:
            named = ", ".join(map(str, rows[:_NAMED])) + (", …" if len(rows) > _NAMED else "")
            what = f"the row {named} is hidden" if len(rows) == 1 else f"{len(rows):,} rows ({named}) are hidden"
            self.findings.add(_hidden(what, self.place(rows[0])))
        if columns:
            named = ", ".join(map(column_letters, columns))
            what = f"the column {named} is hidden" if len(columns) == 1 else f"the columns {named} are hidden"
            self.findings.add(_hidden(what, self.place(1, columns[0])))


def _reached(ranges: deque[MergedRange], number: int) -> Iterator[MergedRange]:
    """Takes the ranges out that begin in a row or above it."""
    while ranges and ranges[0].first_row <= number:
        yield ranges.popleft()


def _is_remark(filled: dict[int, ReadCell]) -> bool:
    return 0 in filled and not filled[0].fault and filled[0].text.lstrip().startswith(_REMARK)


def _is_heading(filled: dict[int, ReadCell]) -> bool:
    key, value = (filled[column].text.strip().casefold() if column in filled else "" for column in (0, 1))
    return key == "key" and value in _VALUE_HEADINGS


def _fault(fault: CellFault, where: CellLocation, text: str) -> Finding:
    hint = fault.hint
    if fault.rule == rules.CELL_NUMBER_FORMAT.id:
        hint = "Give the cell the format Text, and write the value anew as it is meant."
    return rules.RULES[fault.rule].finding(fault.message, where, hint, text=text)


def _merged(merged: MergedRange, where: CellLocation) -> Finding:
    message = f"the cells {merged} are merged, and {merged.anchor} alone has a value"
    hint = "Unmerge them in the spreadsheet program. For a long text, make the column wider instead."
    return rules.CELL_MERGED.finding(message, where, hint, text=str(merged))


def _hidden(what: str, where: Location) -> Finding:
    hint = f"Show it, and look whether all is meant; if so, allow it with --allow {rules.MANIFEST_HIDDEN.id}"
    return rules.MANIFEST_HIDDEN.finding(f"{what}; what stands there counts all the same", where, hint)
