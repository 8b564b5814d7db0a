"""What is written as one value: each kind reads a scalar as its field means it, never as YAML would guess.

`no`, `01234`, `2026-10` and `1:30` reach a text as they were written; a number is digits and nothing else.
The kinds stand in the annotations of the schema's fields and give their JSON Schema too.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from batchmail.job import TemplateText
from batchmail.manifest.faults import bad_value, fault, no_value, not_yet, told
from batchmail.manifest.tree import Node, Scalar, Unreadable
from batchmail.manifest.wording import named, shown
from batchmail.wording import did_you_mean, listed

JsonSchema = dict[str, object]

_ANYTHING_BUT_BLANK = r"[\s\S]*\S[\s\S]*"
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def scalar_of(node: object, takes: str, *, hidden: bool = False) -> Scalar:
    """The scalar at a node. Raises the fault of a list, of keys, and of no value at all."""
    match node:
        case Unreadable():
            raise told()
        case Scalar() if node.nothing:
            raise no_value(node, takes)
        case Scalar():
            return node
        case _:
            assert isinstance(node, Node)
            raise bad_value(node, takes, f"Write {takes}.", hidden=hidden)


class ScalarKind(ABC):
    """How a scalar of the manifest becomes a value."""

    @property
    @abstractmethod
    def takes(self) -> str:
        """What it accepts, to be read after "takes"."""

    @abstractmethod
    def read(self, scalar: Scalar) -> object:
        """The value. Raises the fault of a scalar that it does not accept."""

    @abstractmethod
    def json_schema(self) -> JsonSchema:
        """What an editor is told of it."""

    def validate(self, node: object) -> object:
        """The value at a node. Raises its fault."""
        return self.read(scalar_of(node, self.takes))

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return self.json_schema()


@dataclass(frozen=True)
class Text(ScalarKind):
    """A text as it was written, where all of it matches `pattern` (a regular expression of Python and JavaScript).

    With `literal`, a template in it is told to be not yet available: it would be taken for a plain text.
    """

    takes: str = "a text"
    pattern: str = _ANYTHING_BUT_BLANK
    literal: bool = False

    def read(self, scalar: Scalar) -> str:
        if not re.fullmatch(self.pattern, scalar.text):
            raise bad_value(scalar, self.takes, f"Write {self.takes}.")
        if self.literal and ("{{" in scalar.text or "{%" in scalar.text):
            raise fault(not_yet(f"a template in {named(scalar)}", scalar.where, "Write it out.", scalar.text))
        return scalar.text

    def json_schema(self) -> JsonSchema:
        # A number is a text here: whatever is written arrives as it was written.
        pattern = r"\S" if self.pattern == _ANYTHING_BUT_BLANK else f"^{self.pattern}$"
        return {"type": ["string", "number"], "pattern": pattern}


@dataclass(frozen=True)
class Template(ScalarKind):
    """A Jinja2 template or expression, with its place.

    `blank` where it may be nothing but spaces, `number` where a number alone makes sense.
    """

    takes: str = "a text"
    blank: bool = field(default=True, kw_only=True)
    number: bool = field(default=False, kw_only=True)

    def read(self, scalar: Scalar) -> TemplateText:
        if not self.blank and not scalar.text.strip():
            raise bad_value(scalar, self.takes, f"Write {self.takes}, or take the key out.")
        return TemplateText(scalar.text, scalar.content, scalar.margin)

    def json_schema(self) -> JsonSchema:
        kind: JsonSchema = {"type": ["string", "number"] if self.number else "string"}
        return kind if self.blank else {**kind, "pattern": r"\S"}


@dataclass(frozen=True)
class Whole(ScalarKind):
    """A whole number in decimal digits; no upper bound where `high` is None."""

    low: int
    high: int | None = None

    @property
    def takes(self) -> str:
        if self.low == self.high:
            return f"the number {self.low}"
        return f"a whole number from {self.low} {f'to {self.high}' if self.high else 'up'}"

    def read(self, scalar: Scalar) -> int:
        number = int(scalar.text) if _WHOLE_NUMBER.fullmatch(scalar.text) else None
        if not scalar.plain and number is not None:
            raise bad_value(scalar, self.takes, "Take the quotes away: a number in quotes is a text.")
        if number is None:
            hint = "Write the number in digits alone."
            if scalar.in_cell:
                hint = "Write the number in digits alone, and give its cell the format General."
            raise bad_value(scalar, self.takes, hint)
        if number < self.low or (self.high is not None and number > self.high):
            raise bad_value(scalar, self.takes, f"Write {self.takes}.")
        return number

    def json_schema(self) -> JsonSchema:
        if self.low == self.high:
            return {"type": "integer", "const": self.low}
        highest = {} if self.high is None else {"maximum": self.high}
        return {"type": "integer", "minimum": self.low, **highest}


@dataclass(frozen=True)
class Flag(ScalarKind):
    """True or false, and no other word for it; in a workbook in capital letters too, as spreadsheets show it."""

    takes: str = "true or false"

    def read(self, scalar: Scalar) -> bool:
        text = scalar.text.lower() if scalar.in_cell else scalar.text
        if not scalar.plain and text in {"true", "false"}:
            raise bad_value(scalar, self.takes, "Take the quotes away: true and false in quotes are texts.")
        if text not in {"true", "false"}:
            raise bad_value(scalar, self.takes, "Write true or false.")
        return text == "true"

    def json_schema(self) -> JsonSchema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class OneOf(ScalarKind):
    """One of a few words; those in `later` are known, and not yet available."""

    words: tuple[str, ...]
    later: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def takes(self) -> str:
        return f"one of {listed(self.words)}"

    def read(self, scalar: Scalar) -> str:
        if scalar.text in self.later:
            available = [word for word in self.words if word not in self.later]
            what = f"{named(scalar)} `{shown(scalar.text)}`"
            hint = f"Available now: {listed(available)}."
            raise fault(not_yet(what, scalar.where, hint, scalar.text))
        if scalar.text not in self.words:
            raise bad_value(scalar, self.takes, did_you_mean(scalar.text, self.words, f"Write {self.takes}."))
        return scalar.text

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "enum": list(self.words)}
