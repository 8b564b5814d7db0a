"""Cells as the values that templates see: typed where the manifest declares a column, as they stand elsewhere."""

from collections.abc import Mapping

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.job import FieldSpec
from batchmail.recipients.base import NO_FAULTS
from batchmail.recipients.field_format import BadFormat
from batchmail.recipients.field_limits import limits
from batchmail.recipients.field_types import cell_reader
from batchmail.recipients.field_values import BadCell
from batchmail.row import CellFault, ReadRow, Row, StoredValue
from batchmail.values import Blank, CellValue
from batchmail.wording import shown

#: What programs write where a value is missing.
_MISSING = frozenset(("NaN", "nan", "None", "null", "NULL", "<NA>", "NaT"))
#: What spreadsheets show where a formula has failed.
_FAILED = frozenset(("#N/A", "#NA", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"))
_WORDS = _MISSING | _FAILED
_NOTHING = _WORDS | {""}


class FieldReader:
    """Reads the rows of a sheet with these columns."""

    def __init__(self, columns: tuple[str, ...], fields: Mapping[str, FieldSpec]) -> None:
        self._columns = columns
        self._fields = tuple(
            (position, _DeclaredField(fields[name])) for position, name in enumerate(columns) if name in fields
        )

    def read(self, row: Row) -> ReadRow:
        """The row's values. A cell with a fault is Blank; so is one that only its declaration finds fault with."""
        if not self._fields and not row.faults:
            return ReadRow(row, self._as_they_stand(row), NO_FAULTS)
        values = list(self._as_they_stand(row))
        faults = dict(row.faults)
        for position, field in self._fields:
            fault = field.cleared(faults.pop(position, None))
            if fault is None:
                stored = row.stored[position].value if row.stored else None
                values[position], fault = field.read(row.texts[position], stored)
            if fault:
                faults[position] = fault
        for position in faults:
            if position < len(values):
                values[position] = Blank(self._columns[position])
        return ReadRow(row, tuple(values), faults or NO_FAULTS)

    def _as_they_stand(self, row: Row) -> tuple[CellValue, ...]:
        texts = row.texts
        if _NOTHING.isdisjoint(map(str.strip, texts)):  # as most rows are: a third of the time
            return texts
        values = [
            text if text not in _NOTHING and not text.isspace() else _blank(column, text)
            for column, text in zip(self._columns, texts, strict=True)
        ]
        return tuple(values)


def check_fields(fields: Mapping[str, FieldSpec], findings: Findings) -> None:
    """Report the formats that their types cannot have, each once, where the column is declared."""
    for field in fields.values():
        for compiled in (cell_reader, limits):
            try:
                compiled(field)
            except BadFormat as bad:
                findings.add(_unusable(field, bad))


def _unusable(field: FieldSpec, bad: BadFormat) -> Finding:
    written = shown(str(getattr(field, bad.key) or ""))
    message = f"the {bad.key} `{written}` of `{shown(field.column)}` cannot be used: {bad.message}"
    return rules.MANIFEST_BAD_VALUE.finding(message, field.where, bad.hint, text=written)


class _DeclaredField:
    """Reads the cells of one declared column."""

    def __init__(self, field: FieldSpec) -> None:
        self._field = field
        self._literal = field.type == "text"
        try:
            self._reader = cell_reader(field)
        except BadFormat:  # a finding of check_fields; the values are checked all the same
            self._reader = cell_reader(FieldSpec(field.column, field.where, field.type))
        try:
            self._limits = limits(field)
        except BadFormat:  # the same
            self._limits = ()

    def cleared(self, fault: CellFault | None) -> CellFault | None:
        """The cell's own fault, unless it is its number format, which is not used where the column has another."""
        if fault and fault.rule == rules.CELL_NUMBER_FORMAT.id and self._field.format and not self._literal:
            return None
        return fault

    def read(self, text: str, stored: StoredValue) -> tuple[CellValue, CellFault | None]:
        """The cell's value, or Blank and why it has none."""
        field = self._field
        if not text or text.isspace():
            if field.required:
                return Blank(field.column), _required(field)
            return "", None
        if text in _WORDS and not self._literal:
            return Blank(field.column, text), _missing(field, text)
        try:
            value = self._reader(text, stored)
        except BadCell as bad:
            return Blank(field.column), _bad(text, f"is not of the type {field.type}", bad)
        try:
            for limit in self._limits:
                limit(value, text.strip())
        except BadCell as bad:
            return Blank(field.column), _bad(text, f"is not allowed in the column `{shown(field.column)}`", bad)
        return value, None


def _blank(column: str, text: str) -> Blank:
    return Blank(column, text.strip())


def _required(field: FieldSpec) -> CellFault:
    return CellFault(
        rules.ROW_BLANK_VALUE.id,
        f"the column `{shown(field.column)}` is required, and the cell is blank",
        "Fill the cell, or declare the column `required: false`.",
        "",
    )


def _missing(field: FieldSpec, text: str) -> CellFault:
    hint = "Fill the cell or empty it."
    return CellFault(
        rules.ROW_MISSING_VALUE.id,
        f"the cell reads {text}, as programs write where a value is missing",
        hint if field.required else f"{hint} The column may be blank.",
        text,
    )


def _bad(text: str, what: str, bad: BadCell) -> CellFault:
    message = f"`{shown(text)}` {what}: {bad.message}"
    return CellFault(rules.CELL_BAD_VALUE.id, message, bad.hint, shown(text))
