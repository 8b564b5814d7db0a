"""Names of text encodings."""

import re
from dataclasses import dataclass

from batchmail.manifest.faults import bad_value
from batchmail.manifest.scalars import JsonSchema, ScalarKind
from batchmail.manifest.tree import Scalar
from batchmail.wording import did_you_mean, listed

#: Those that people need by name; any other that Python knows is accepted too.
_COMMON = ("auto", "utf-8", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr", "cp1252", "latin-1", "utf-16")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}")


@dataclass(frozen=True)
class EncodingName(ScalarKind):
    """The name of an encoding that Python can read text with, or `auto`."""

    takes: str = "the name of an encoding, such as auto, utf-8, cp932 or cp949"

    def read(self, scalar: Scalar) -> str:
        if scalar.text != "auto" and not _is_known(scalar.text):
            hint = did_you_mean(scalar.text, _COMMON, f"Common ones are: {listed(_COMMON)}.")
            raise bad_value(scalar, self.takes, hint)
        return scalar.text

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "examples": list(_COMMON)}


def _is_known(name: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    try:
        b"a".decode(name)
    except LookupError:
        return False
    except UnicodeError:  # known, and one byte is no character of it
        pass
    return True
