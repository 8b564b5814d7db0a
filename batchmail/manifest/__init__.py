"""YAML, or the rows of a workbook, to a Job: the shape, its checks, and the place of every value.

`loading.py` is the way through: bytes (files), nodes with places (nodes, tree), the shape (schema, parts, settings),
the job (decode). The rows of a workbook (job_sheet) become the same nodes (cells), and go the same way. What a scalar
means is said by its field: scalars, quantities, paths, encodings, urls, secrets.
"""

from batchmail.manifest.job_sheet import JobSheet, SettingCell, SettingRow
from batchmail.manifest.json_schema import json_schema
from batchmail.manifest.loading import load, load_sheet
from batchmail.manifest.schema import is_edition
from batchmail.manifest.settings import settings_fault

__all__ = [
    "JobSheet",
    "SettingCell",
    "SettingRow",
    "is_edition",
    "json_schema",
    "load",
    "load_sheet",
    "settings_fault",
]
