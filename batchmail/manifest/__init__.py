"""YAML to a Job: the shape, its checks, and the place of every value.

`loading.py` is the way through: bytes (files), nodes with places (nodes, tree), the shape (schema, parts, settings),
the job (decode). What a scalar means is said by its field: scalars, quantities, paths, encodings, urls, secrets.
"""

from batchmail.manifest.json_schema import json_schema
from batchmail.manifest.loading import load
from batchmail.manifest.schema import is_edition
from batchmail.manifest.settings import settings_fault

__all__ = ["is_edition", "json_schema", "load", "settings_fault"]
