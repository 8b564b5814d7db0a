"""Sheets to rows, each cell with its place, read as what the manifest declares its column to be."""

from batchmail.recipients.base import Sheet, SheetBroken
from batchmail.recipients.field_reader import FieldReader, check_fields
from batchmail.recipients.sheets import Places, check_columns, check_hidden, open_sheet

__all__ = [
    "FieldReader",
    "Places",
    "Sheet",
    "SheetBroken",
    "check_columns",
    "check_fields",
    "check_hidden",
    "open_sheet",
]
