"""The types that a column may be declared to have: from a cell's text, or a workbook's own value, to a template's."""

import re
from collections.abc import Callable
from datetime import datetime, time

from batchmail.job import FieldSpec, FieldType
from batchmail.recipients.field_format import BadFormat, date_printer, number_printer, truth_printer
from batchmail.recipients.field_values import BadCell, day, decimal, integer, moment, truth
from batchmail.row import StoredValue
from batchmail.values import (
    Addresses,
    CellValue,
    ShownBoolean,
    ShownDate,
    ShownDateTime,
    ShownDecimal,
    ShownInteger,
)

#: Reads a cell that is not blank, from its text and what a workbook stores in it. Raises BadCell.
CellReader = Callable[[str, StoredValue], CellValue]

#: Schemes that do nothing but lead somewhere: a `javascript:` link would be run by whoever reads the mail.
_URL = re.compile(r"(?i:https?://[^\s<>\"'`\\/?#]+(?:[/?#][^\s<>\"`\\]*)?|mailto:[^\s<>\"`\\]+@[^\s<>\"`\\]+)")
_SEPARATOR = re.compile(r"[;,\r\n]")


def cell_reader(field: FieldSpec) -> CellReader:
    """How the cells of a declared column are read. Raises BadFormat where its type cannot have its format.

    Without a format a value prints as its cell's text.
    """
    return _TYPES[field.type](field.format)


def _texts(written: str | None) -> CellReader:
    _refuse_format(written)
    return lambda text, _: text


def _words(written: str | None) -> CellReader:
    _refuse_format(written)
    return lambda text, _: text.strip()


def _web_addresses(written: str | None) -> CellReader:
    _refuse_format(written)

    def read(text: str, _: StoredValue) -> str:
        address = text.strip()
        if not _URL.fullmatch(address):
            raise BadCell("it is no web address", "Write it as https://example.com/page, or as mailto:kim@example.com.")
        return address

    return read


def _addresses(written: str | None) -> CellReader:
    _refuse_format(written)
    return lambda text, _: text.strip()


def _several_addresses(written: str | None) -> CellReader:
    _refuse_format(written)

    def read(text: str, _: StoredValue) -> Addresses:
        addresses = Addresses(part.strip() for part in _SEPARATOR.split(text) if part.strip())
        if not addresses:
            raise BadCell("it has no address", "Write addresses with semicolons between them.")
        return addresses

    return read


def _integers(written: str | None) -> CellReader:
    printer = number_printer(written, whole=True) if written else None

    def read(text: str, stored: StoredValue) -> ShownInteger:
        value = integer(text, stored)
        return ShownInteger.of(value, printer(value) if printer else text.strip())

    return read


def _decimals(written: str | None) -> CellReader:
    printer = number_printer(written, whole=False) if written else None

    def read(text: str, stored: StoredValue) -> ShownDecimal:
        value = decimal(text, stored)
        return ShownDecimal.of(value, printer(value) if printer else text.strip())

    return read


def _days(written: str | None) -> CellReader:
    printer = date_printer(written, timed=False) if written else None

    def read(text: str, stored: StoredValue) -> ShownDate:
        value = day(text, stored)
        return ShownDate.of(value, printer(datetime.combine(value, time())) if printer else text.strip())

    return read


def _moments(written: str | None) -> CellReader:
    printer = date_printer(written, timed=True) if written else None

    def read(text: str, stored: StoredValue) -> ShownDateTime:
        value = moment(text, stored)
        return ShownDateTime.of(value, printer(value) if printer else text.strip())

    return read


def _truths(written: str | None) -> CellReader:
    printer = truth_printer(written) if written else None

    def read(text: str, stored: StoredValue) -> ShownBoolean:
        value = truth(text, stored)
        return ShownBoolean.of(value, printer(value) if printer else text.strip())

    return read


def _refuse_format(written: str | None) -> None:
    if written is not None:
        raise BadFormat("texts and addresses are printed as they stand", "Leave the format out.")


_TYPES: dict[FieldType, Callable[[str | None], CellReader]] = {
    "text": _texts,
    "email": _addresses,
    "emails": _several_addresses,
    "integer": _integers,
    "decimal": _decimals,
    "date": _days,
    "datetime": _moments,
    "boolean": _truths,
    "choice": _words,
    "url": _web_addresses,
}
