"""What the schema is built of: mappings with known keys, lists that may be one value, mappings with free keys.

They take the nodes of the tree, and tell every fault to the findings that validation carries as its context. A key that
may be left out and has a faulty value is treated as left out, so that the rest of the job can still be checked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.fields import ComputedFieldInfo, FieldInfo
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import CoreSchema, PydanticUseDefault, core_schema

from batchmail.finding import Finding, Findings
from batchmail.manifest.faults import bad_value, carried, missing_key, no_value, told, unknown_key
from batchmail.manifest.scalars import JsonSchema
from batchmail.manifest.tree import Mapping, Node, Scalar, Sequence, Unreadable, in_workbook, walk
from batchmail.manifest.wording import named
from batchmail.wording import listed


def _title(name: str, field: FieldInfo | ComputedFieldInfo) -> str:
    return field.alias or to_camel(name)


def _model_title(part: type) -> str:
    words = part.__name__.replace("_", " ")
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: f" {found[1].lower()}", words)


class Part(BaseModel):
    """A mapping of the manifest, its fields the known keys in snake_case."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        field_title_generator=_title,
        model_title_generator=_model_title,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
    )

    #: Whether a text in its place may be a secret, and is not to be repeated.
    hides_text: ClassVar[bool] = False
    #: Whether a fault in any of its keys spoils the whole: a default would be another list of people.
    all_or_nothing: ClassVar[bool] = False
    #: The fields of which a fault spoils the whole, besides those that must be there.
    decisive: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def known_keys(cls) -> dict[str, FieldInfo]:
        """The known keys as the manifest writes them."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}

    @classmethod
    def missing_keys(cls, mapping: Mapping) -> list[str]:
        """The keys that this mapping must have and has not."""
        return [key for key, field in cls.known_keys().items() if field.is_required() and key not in mapping.entries]

    @model_validator(mode="wrap")
    @classmethod
    def read(cls, node: object, read: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """The part that a mapping declares. Raises the fault of any other node, and `told` where it cannot be had."""
        known = cls.known_keys()
        mapping = mapping_of(node, f"the keys {listed(known)}", hidden=cls.hides_text)
        strange = list(cls._strange_keys(mapping))
        for finding in strange:
            findings_of(info).add(finding)
        part = read({key: value for key, value in mapping.entries.items() if key in known})
        if cls._spoilt(mapping, strange):
            raise told()
        return part

    @classmethod
    def _spoilt(cls, mapping: Mapping, strange: list[Finding]) -> bool:
        """Whether what was not understood may have been a key that matters."""
        if cls.all_or_nothing:
            return bool(strange) or not mapping.complete
        return bool(cls.decisive) and (bool(strange) or not mapping.complete)

    @classmethod
    def _strange_keys(cls, mapping: Mapping) -> Iterator[Finding]:
        known = cls.known_keys()
        for key, value in mapping.entries.items():
            if key not in known:
                yield from cls._unknown(value, known)
        for key in cls.missing_keys(mapping):
            yield missing_key(mapping, key, known[key].description or "", cls._needed_below(key))

    @classmethod
    def _unknown(cls, value: Node, known: Iterable[str]) -> Iterator[Finding]:
        """What is told of a key that is not known: in a workbook at every row that has it."""
        keys = dict.fromkeys(node.key for node in walk(value) if isinstance(node, Scalar | Unreadable))
        for where in keys if in_workbook(value) else [value.key]:
            yield unknown_key(value, where, known, cls._elsewhere(str(value.route[-1])))

    @classmethod
    def _elsewhere(cls, key: str) -> str:  # noqa: ARG003  the whole manifest looks for it
        """The whole key that was meant by one that is known further below; empty where there is none."""
        return ""

    @classmethod
    def _needed_below(cls, key: str) -> list[str]:
        """The keys that must be there below a key."""
        kind = cls.known_keys()[key].annotation
        if not (isinstance(kind, type) and issubclass(kind, Part)):
            return []
        return [key for key, field in kind.known_keys().items() if field.is_required()]

    @field_validator("*", mode="wrap")
    @classmethod
    def pass_over(cls, node: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        """The value of a key; its default where the fault of the value was told and can be passed over."""
        try:
            return read(node)
        except ValidationError as error:
            for finding in carried(error):
                findings_of(info).add(finding)
            if cls._needs(info.field_name or ""):
                raise told() from None
            raise PydanticUseDefault from None

    @classmethod
    def _needs(cls, name: str) -> bool:
        return cls.all_or_nothing or name in cls.decisive or cls.model_fields[name].is_required()


def findings_of(info: ValidationInfo) -> Findings:
    """Where the faults are told."""
    assert isinstance(info.context, Findings)
    return info.context


_KEYS_BELOW = "Write each key on a line of its own below, indented, followed by a colon, a space and its value."


def mapping_of(node: object, takes: str, *, hidden: bool = False) -> Mapping:
    """The mapping at a node. Raises the fault of anything else."""
    match node:
        case Mapping():
            return node
        case Unreadable():
            raise told()
        case Scalar() if node.nothing:
            raise no_value(node, takes)
        case _:
            assert isinstance(node, Node)
            hint = _rows_below(node) if in_workbook(node) else _KEYS_BELOW
            raise bad_value(node, takes, hint, hidden=hidden)


def _rows_below(node: Node) -> str:
    if isinstance(node, Sequence):
        quoted = named(node, '"1"', "…")
        return f"A number alone is a place in a list; as a name it stands in double quotes: {quoted}"
    return f"Write each key in a row of its own: {named(node, '…')} in column A, its value in column B."


@dataclass(frozen=True)
class Items:
    """Reads a list; one value alone too where `alone` is set."""

    takes: str
    alone: bool = True
    least: int = 0
    hint: str = ""

    def _items(self, node: object) -> tuple[Node, ...]:
        match node:
            case Unreadable():
                raise told()
            case Scalar() if node.nothing:
                raise no_value(node, self.takes)
            case Sequence(in_one_row=True) if self.hint:
                raise bad_value(node.items[0], self.takes, self._hint(node))
            case Sequence(items=items) if len(items) >= self.least:
                return items
            case Scalar() if self.alone or (node.in_cell and not self.hint):
                return (node,)
            case Sequence():
                raise bad_value(node, self.takes, "The list is empty: write at least one.")
            case _:
                assert isinstance(node, Node)
                raise bad_value(node, self.takes, self._hint(node))

    def _hint(self, node: Node) -> str:
        if not in_workbook(node):
            return self.hint or f"Write {self.takes}."
        if self.hint:
            return f"Number them: {named(node, '1', '…')}, then {named(node, '2', '…')}."
        return "Write one value in column B, and others beside it in C, D and so on."

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._items, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        several = handler(schema) | ({"minItems": self.least} if self.least else {})
        return {"anyOf": [several["items"], several]} if self.alone else several


@dataclass(frozen=True)
class Entries:
    """Reads a mapping whose keys are the user's own."""

    takes: str

    def _entries(self, node: object) -> dict[str, Node]:
        return mapping_of(node, self.takes).entries

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._entries, handler(source))
