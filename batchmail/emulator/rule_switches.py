"""The rules of an emulator as switches: a dataclass shown as JSON, and changed by JSON, each field by its type."""

import dataclasses
import re
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    Protocol,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from batchmail.emulator.control import Asked, Operation
from batchmail.emulator.exchange import Answer, Json, json_answer
from batchmail.emulator.json_fields import BadField, Shape, Unacceptable, amount, filled, listed, whole, written


class Rules(Protocol):
    """A frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Rules)

_LONGEST_SECONDS = 10**9
_LOWEST_REFUSAL, _HIGHEST_REFUSAL = 400, 599


class Ruled(Protocol[R]):
    """What follows rules."""

    rules: R

    def obey(self, rules: R) -> None:
        """Follow other rules from now on."""
        ...


class RuleSwitches(Generic[R]):
    """The rules that something follows, as operations of the control side at a path."""

    def __init__(self, ruled: Ruled[R], path: str = "rules") -> None:
        self._path = path
        self._ruled = ruled
        self._first = ruled.rules

    def operations(self) -> tuple[Operation, ...]:
        """What can be done with them."""
        return (
            Operation("GET", self._path, "limits, checks and guesses as they are", self.show),
            Operation("PATCH", self._path, "changes those that are named", self.change),
            Operation("DELETE", self._path, "puts them back to what they were at the start", self.put_back),
        )

    def show(self, asked: Asked) -> Answer:
        """All of them."""
        del asked
        return json_answer(200, rules_json(self._ruled.rules))

    def change(self, asked: Asked) -> Answer:
        """Some changed, or none where there is a fault in any."""
        self._ruled.obey(changed(self._ruled.rules, asked.object()))
        return self.show(asked)

    def put_back(self, asked: Asked) -> Answer:
        """As at the start."""
        self._ruled.obey(self._first)
        return self.show(asked)


def rules_json(rules: Rules) -> dict[str, Json]:
    """Rules as JSON: `requests_per_minute` is `requestsPerMinute`."""
    return {_camel(field.name): _shown(getattr(rules, field.name)) for field in dataclasses.fields(rules)}


def changed(rules: R, given: Mapping[str, object]) -> R:
    """Rules with other values. Raises Unacceptable."""
    hints = get_type_hints(type(rules), include_extras=True)
    names = {_camel(field.name): field.name for field in dataclasses.fields(rules)}
    values: dict[str, Any] = {}
    faults: list[BadField] = []
    for name, value in given.items():
        if name not in names:
            faults.append(BadField(name, written(value), f"the rules are {', '.join(names)}"))
            continue
        hint = hints[names[name]]
        try:
            values[names[name]] = _read(hint, value)
        except _Unfit:
            faults.append(BadField(name, written(value), _accepted(hint)))
    if faults:
        raise Unacceptable(*faults)
    return dataclasses.replace(rules, **values)


class _Unfit(Exception):
    """A value is of another type than asked for."""


def _read(hint: object, given: object) -> object:
    """A value of a type that rules have, out of JSON. Raises _Unfit."""
    options = get_args(hint)
    match get_origin(hint):
        case None:
            return _read_class(cast(type, hint), given)
        case origin if origin in (Union, UnionType):
            return _first_fit(options, given)
        case origin if origin is Literal:
            return _one_of(options, given)
        case origin if origin is Annotated:
            return _in_shape(hint, given)
        case origin if origin in (frozenset, tuple) and isinstance(given, list):
            return cast(type, origin)(_read(options[0], each) for each in given)
        case _:
            raise _Unfit


def _first_fit(hints: tuple[object, ...], given: object) -> object:
    for hint in hints:
        try:
            return _read(hint, given)
        except _Unfit:
            continue
    raise _Unfit


def _in_shape(hint: object, given: object) -> object:
    value = _read_class(str, given)
    if not re.fullmatch(_shape(hint).pattern, str(value)):
        raise _Unfit
    return value


def _shape(hint: object) -> Shape:
    _, shape = get_args(hint)
    assert isinstance(shape, Shape)
    return shape


def _one_of(words: tuple[object, ...], given: object) -> object:
    if not any(given == word and type(given) is type(word) for word in words):
        raise _Unfit
    return given


def _read_class(kind: type, given: object) -> object:
    if kind is NoneType and given is None:
        return None
    if dataclasses.is_dataclass(kind):
        return _read_refusal(kind, given)
    plain: dict[type, object] = {
        bool: given if isinstance(given, bool) else None,
        int: whole(given),
        float: amount(given, _LONGEST_SECONDS),
        str: filled(given),
    }
    value = plain.get(kind)
    if value is None:
        raise _Unfit
    return value


def _read_refusal(kind: type[Rules], given: object) -> object:
    """A refusal: its status, and the code that its vendor gives."""
    hints = get_type_hints(kind)
    if not isinstance(given, dict) or set(given) != {_camel(name) for name in hints}:
        raise _Unfit
    if whole(given["status"], _LOWEST_REFUSAL, _HIGHEST_REFUSAL) is None:
        raise _Unfit
    return kind(**{name: _read(hint, given[_camel(name)]) for name, hint in hints.items()})


def _accepted(hint: object) -> str:
    """What a type takes, in words."""
    options = get_args(hint)
    match get_origin(hint):
        case None:
            return _accepted_class(cast(type, hint))
        case origin if origin in (Union, UnionType):
            return listed([_accepted(option) for option in options])
        case origin if origin is Literal:
            return listed([written(option) for option in options])
        case origin if origin is Annotated:
            return _shape(hint).words
        case _:
            return "a list of texts" if options[0] is str else "a list of whole numbers from 0"


def _accepted_class(kind: type) -> str:
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        others = [f'"{_camel(name)}": {_accepted(hint)}' for name, hint in hints.items() if name != "status"]
        return f'{{"status": {_LOWEST_REFUSAL} to {_HIGHEST_REFUSAL}, {", ".join(others)}}}'
    words = {bool: "true or false", int: "a whole number from 0", float: f"a number from 0 to {_LONGEST_SECONDS}"}
    return "null" if kind is NoneType else words.get(kind, "a text that is not empty")


def _shown(value: object) -> Json:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return rules_json(value)
    if isinstance(value, frozenset | tuple):
        return [_shown(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return cast(Json, value)  # a text, a number, true, false or null: rules have nothing else


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
