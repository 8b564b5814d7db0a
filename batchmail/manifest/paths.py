"""Paths of files, and the suffixes by which their kind is told."""

import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

from batchmail.manifest.faults import bad_value, fault, not_yet
from batchmail.manifest.scalars import JsonSchema, ScalarKind
from batchmail.manifest.tree import Scalar
from batchmail.manifest.wording import named, shown
from batchmail.wording import listed


@dataclass(frozen=True)
class PathText(ScalarKind):
    """The path of a file, as written; with `suffixes`, of one of these kinds.

    The kinds in `later` are known and not yet available; `otherwise` says what to do with a file of any other.
    """

    takes: str = "the path of a file"
    suffixes: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    otherwise: str = ""

    def read(self, scalar: Scalar) -> str:
        text = scalar.text
        if not may_be_path(text):
            raise bad_value(scalar, self.takes, "Write a path; a relative one begins at the manifest's folder.")
        suffix = PurePath(text).suffix.lower()
        if not self.suffixes or suffix in self.suffixes:
            return text
        if suffix in self.later:
            what = f"{named(scalar)}: a file such as `{shown(text)}`"
            raise fault(not_yet(what, scalar.where, f"Available now: {listed(self.suffixes)}.", text))
        hint = f"Its kind is told by its suffix: {listed(self.suffixes)}. {self.otherwise}".rstrip()
        raise bad_value(scalar, self.takes, hint)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "minLength": 1}


def may_be_path(text: str) -> bool:
    """Whether a text could name a file: not blank, and without control characters."""
    return bool(text.strip()) and not any(unicodedata.category(character) == "Cc" for character in text)
