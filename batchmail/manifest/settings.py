"""The settings of providers: from the dataclasses that providers declare to parts of the schema, and back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints
from warnings import catch_warnings, simplefilter

from pydantic import Field as Described
from pydantic import GetCoreSchemaHandler, ValidationInfo, create_model
from pydantic_core import CoreSchema, core_schema

from batchmail import rules
from batchmail.job import Bytes, Folder, ProviderShape, ProviderSpec, TemplateText, UnusableProvider, Url
from batchmail.manifest import tree
from batchmail.manifest.faults import fault, missing_key, told
from batchmail.manifest.parts import Part, findings_of, mapping_of
from batchmail.manifest.paths import PathText
from batchmail.manifest.quantities import Size, size_text
from batchmail.manifest.scalars import Flag, OneOf, Template, Text, Whole, scalar_of
from batchmail.manifest.secrets import SecretReference
from batchmail.manifest.urls import UrlText
from batchmail.manifest.wording import shown
from batchmail.secret import Secret
from batchmail.wording import listed

_KINDS_OF_VALUES: dict[object, object] = {
    str: Text(),
    bool: Flag(),
    int: Whole(0),
    Bytes: Size(),
    Url: UrlText(),
    Folder: PathText("the path of a folder"),
    Secret: SecretReference(),
    TemplateText: Template("a template, or a number", blank=False, number=True),
}


class SettingsPart(Part):
    """Settings as the manifest writes them. A text in their place is not repeated: it may be a secret."""

    hides_text: ClassVar[bool] = True
    #: The provider's own dataclass.
    settings: ClassVar[type]

    def decoded(self, folder: Path) -> object:
        """The provider's dataclass, with its own defaults for what is not written; `folder` is the manifest's."""
        hints = get_type_hints(self.settings)
        values: dict[str, object] = {}
        for field in _fields(self.settings):
            value = getattr(self, field.name)
            if _without_none(hints[field.name]) is Folder and isinstance(default := value or field.default, str):
                values[field.name] = str(folder / default)
            elif value is not None:
                values[field.name] = value.decoded(folder) if isinstance(value, SettingsPart) else value
        return self.settings(**values)


class ProviderPart(SettingsPart):
    """A kind of provider with its settings."""

    kind: str

    def spec(self, folder: Path) -> ProviderSpec:
        """What the job knows of its provider; `folder` is the manifest's."""
        return ProviderSpec(self.kind, self.decoded(folder))


@dataclass(frozen=True)
class ProviderChoice:
    """Reads a provider by its kind; `parts` are the kinds that can be read, some or all that `shapes` names."""

    shapes: Mapping[str, ProviderShape | UnusableProvider]
    parts: Mapping[str, type[ProviderPart]]

    def _check_kind(self, node: object, info: ValidationInfo) -> object:
        """The same node, once its kind is known to be one. Raises the fault where it is none."""
        mapping = mapping_of(node, "the key `kind` and the settings of that provider", hidden=True)
        if "kind" not in mapping.entries:
            findings_of(info).add(missing_key(mapping, "kind", f"one of {listed(self.shapes)}"))
            raise told()
        kind = mapping.entries["kind"]
        shape = self._shape(kind)
        if isinstance(shape, UnusableProvider):
            raise fault(rules.PROVIDER_UNUSABLE.finding(str(shape), kind.where, shape.hint, text=shape.kind))
        return node

    def _shape(self, kind: tree.Node) -> ProviderShape | UnusableProvider:
        """What is known of a kind. All kinds are asked for only where this one is not known: they may take long."""
        shape = self.shapes.get(kind.text) if isinstance(kind, tree.Scalar) else None
        if shape is None:
            known = OneOf(tuple(self.shapes))
            shape = self.shapes[known.read(scalar_of(kind, known.takes))]
        return shape

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {kind: handler.generate_schema(part) for kind, part in self.parts.items()}
        by_kind = core_schema.tagged_union_schema(choices, discriminator=_kind) if choices else _NO_CHOICE
        return core_schema.with_info_before_validator_function(self._check_kind, by_kind)


#: For kinds that are not known, which are told before.
_NO_CHOICE = core_schema.any_schema()


def _kind(node: object) -> str:
    assert isinstance(node, tree.Mapping)
    kind = node.entries["kind"]
    assert isinstance(kind, tree.Scalar)
    return kind.text


def provider_choice(
    shapes: Mapping[str, ProviderShape | UnusableProvider], kinds: Iterable[str] | None = None
) -> ProviderChoice:
    """What reads the providers of these kinds, all where none are named."""
    chosen = [shapes[kind] for kind in (shapes if kinds is None else kinds) if kind in shapes]
    parts = {shape.kind: _provider_part(shape) for shape in chosen if isinstance(shape, ProviderShape)}
    return ProviderChoice(shapes, parts)


def settings_fault(settings: type) -> str:
    """What is wrong with the settings that a plug-in declares; an empty text where a manifest can have them."""
    if not is_dataclass(settings) or not settings.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # typeshed
        return "its settings are no frozen dataclass"
    try:
        with catch_warnings():
            simplefilter("error", UserWarning)  # so pydantic tells of names that it needs itself
            _provider_part(ProviderShape("tried", settings))
    except Exception as error:  # noqa: BLE001  annotations are another's code, and pydantic objects in many ways
        return f"its settings cannot be read from a manifest: {shown(str(error), 200)}"
    return ""


def _provider_part(shape: ProviderShape) -> type[ProviderPart]:
    description = f"The provider `{shape.kind}`."
    kind = Annotated[str, OneOf((shape.kind,)), Described(description=description)]
    part = create_model(
        _class_name(shape.kind, "provider"),
        __base__=ProviderPart,
        __doc__=description,
        kind=(kind, ...),
        **_definitions(shape.settings),
    )
    part.settings = shape.settings
    return part


def _settings_part(settings: type) -> type[SettingsPart]:
    name = _class_name(settings.__name__.removesuffix("Settings"), "settings")
    # A dataclass without a docstring is given its signature for one.
    written = not (settings.__doc__ or "").startswith(f"{settings.__name__}(")
    doc = settings.__doc__ if written else None
    part = create_model(name, __base__=SettingsPart, __doc__=doc, **_definitions(settings))
    part.settings = settings
    return part


def _class_name(word: str, suffix: str) -> str:
    return re.sub(r"\W", "_", f"{word}_{suffix}")


def _definitions(settings: type) -> dict[str, Any]:
    """The fields of a part, as `create_model` takes them."""
    hints = get_type_hints(settings)
    return {field.name: _definition(field, hints[field.name]) for field in _fields(settings)}


def _fields(settings: type) -> Iterator[Field[Any]]:
    assert is_dataclass(settings), f"{settings} is no dataclass"
    return (field for field in fields(settings) if field.init)


def _definition(field: Field[Any], hint: object) -> tuple[object, object]:
    """The annotation and default of one setting. A default here only says that there is one; the dataclass has it."""
    annotation = _narrowed(field) or _annotation(hint)
    if field.default is MISSING and field.default_factory is MISSING:
        return annotation, ...
    written = size_text(field.default) if isinstance(field.default, int) and _is_size(hint) else field.default
    if isinstance(written, str | bool | int):
        annotation = Annotated[annotation, Described(json_schema_extra={"default": written})]
    return annotation, None


def _narrowed(field: Field[Any]) -> Any:  # noqa: ANN401  a type made at run time
    """The type of a setting whose metadata say what it takes; None where they do not."""
    match field.metadata:
        case {"pattern": pattern}:
            return Annotated[Any, Text(field.metadata["takes"], pattern)]
        case {"low": low, "high": high}:
            return Annotated[Any, Whole(low, high)]
        case _:
            return None


def _is_size(hint: object) -> bool:
    return _without_none(hint) is Bytes


def _annotation(hint: object) -> Any:  # noqa: ANN401  a type made at run time
    """The type of a setting as the schema reads it. Raises TypeError for a type that ProviderShape does not name."""
    wanted = _without_none(hint)
    if wanted in _KINDS_OF_VALUES:
        return Annotated[Any, _KINDS_OF_VALUES[wanted]]
    if get_origin(wanted) is Literal:
        return Annotated[Any, OneOf(get_args(wanted))]
    if isinstance(wanted, type) and is_dataclass(wanted):
        return _settings_part(wanted)
    raise TypeError(f"{hint} is no type of a provider's settings")


def _without_none(hint: object) -> object:
    if get_origin(hint) not in {Union, UnionType}:
        return hint
    present = [each for each in get_args(hint) if each is not NoneType]
    return present[0] if len(present) == 1 else hint
