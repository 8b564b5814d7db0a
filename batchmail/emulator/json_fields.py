"""A JSON object from a person's or a script's hand, read field by field; every fault in it is told at once."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from batchmail.emulator.exchange import Json

T = TypeVar("T")

#: No limit, number of bytes or number of seconds is larger.
MOST = 10**12

_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class BadField:
    """A field that cannot be used: its name, what was given in it (as JSON), and what it takes."""

    field: str
    given: str
    accepted: str

    def shown(self) -> dict[str, Json]:
        """The fault as JSON."""
        return {"field": _cut(self.field), "given": self.given, "accepted": self.accepted}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text has to look like (a regular expression), and that in words; stands in `Annotated[str, Shape(…)]`."""

    pattern: str
    words: str


class Unacceptable(Exception):
    """An object with faults: at least one."""

    def __init__(self, *faults: BadField) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = faults


def read_object(body: bytes) -> Mapping[str, object]:
    """The object of a request's body, {} for an empty one. Raises Unacceptable."""
    if not body:
        return {}
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unacceptable(BadField("(body)", _cut(body.decode("utf-8", "replace")), "a JSON object")) from None
    if not isinstance(value, dict):
        raise Unacceptable(BadField("(body)", written(value), "a JSON object"))
    return value


def written(value: object) -> str:
    """A value as JSON, cut where it is long."""
    return _cut(json.dumps(value, ensure_ascii=False))


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: a, b or c."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


class Fields:
    """The fields of an object, each taken by its name. `place` stands before the names in what is told of them.

    A field that is absent gives None, as one does that cannot be used; `end` tells.
    """

    def __init__(self, fields: Mapping[str, object], place: str = "") -> None:
        self._left = dict(fields)
        self._place = place
        self._known: list[str] = []
        self._faults: list[BadField] = []

    def take(self, name: str, accepted: str, read: Callable[[object], T | None]) -> T | None:
        """A field; `read` gives None for what it cannot use."""
        self._known.append(name)
        if name not in self._left:
            return None
        given = self._left.pop(name)
        value = read(given)
        if value is None:
            self.refuse(name, given, accepted)
        return value

    def number(self, name: str, least: int, most: int = MOST) -> int | None:
        """A whole number."""
        upper = f" to {most}" if most < MOST else ""
        return self.take(name, f"a whole number from {least}{upper}", lambda given: whole(given, least, most))

    def seconds(self, name: str, most: int) -> float | None:
        """A time in seconds, fractions too."""
        return self.take(name, f"seconds, from 0 to {most}", lambda given: amount(given, most))

    def flag(self, name: str) -> bool | None:
        """True or false."""
        return self.take(name, "true or false", lambda given: given if isinstance(given, bool) else None)

    def text(self, name: str) -> str | None:
        """A text that is not empty."""
        return self.take(name, "a text that is not empty", filled)

    def word(self, name: str, words: Sequence[str]) -> str | None:
        """One of some words."""
        return self.take(
            name, listed([written(word) for word in words]), lambda given: filled(given) if given in words else None
        )

    def refuse(self, name: str, given: object, accepted: str) -> None:
        """Tell that a field cannot be used."""
        self._faults.append(BadField(self._place + name, written(given), accepted))

    def end(self) -> None:
        """Raises Unacceptable for all that was wrong, and for fields that nobody knows."""
        unknown = [
            BadField(self._place + name, written(given), f"the fields are {', '.join(self._known)}")
            for name, given in self._left.items()
        ]
        if self._faults or unknown:
            raise Unacceptable(*self._faults, *unknown)


def whole(given: object, least: int = 0, most: int = MOST) -> int | None:
    """A whole number within bounds."""
    good = isinstance(given, int) and not isinstance(given, bool) and least <= given <= most
    return given if good and isinstance(given, int) else None


def amount(given: object, most: float) -> float | None:
    """A number from 0."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return float(given) if 0 <= given <= most else None


def filled(given: object) -> str | None:
    """A text that is not empty, and that UTF-8 can write."""
    if not isinstance(given, str) or not given:
        return None
    try:
        given.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return given


def _cut(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _no_constant(word: str) -> NoReturn:
    """Python reads NaN and Infinity as numbers; JSON has neither."""
    raise ValueError(word)
