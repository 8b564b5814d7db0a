"""Rows of a job with their values in the keys' column and their keys in that of the values."""

from collections.abc import Sequence

from batchmail import rules
from batchmail.finding import Finding
from batchmail.manifest.dotted import steps_of
from batchmail.manifest.job_sheet import SettingRow
from batchmail.manifest.schema import Manifest

#: So many rows tell it.
LOOKED_AT = 50


def swapped_columns(rows: Sequence[SettingRow]) -> Finding | None:
    """That the columns A and B stand the wrong way round: no key is known, and most of the values are keys."""
    keys = sum(_is_key(row.values[0].text or "") for row in rows)
    if 2 * keys <= len(rows) or any(_is_key(row.key) for row in rows):
        return None
    return rules.MANIFEST_UNKNOWN_KEY.finding(
        "the keys stand in column B and the values in column A",
        rows[0].where,
        "Swap the two columns: keys in A (name, provider.kind, message.to, …), their values in B.",
    )


def _is_key(text: str) -> bool:
    steps = steps_of(text.strip())
    return steps is not None and steps[0] in Manifest.known_keys()
