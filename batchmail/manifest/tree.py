"""What a manifest is made of before its fields are known: mappings, sequences and scalars, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from batchmail.job import Route
from batchmail.location import TextLocation

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as it was written; what it means is for its field to say.

    `text` is the content, `written` what stands in the file (quotes included). Both may be a secret, so neither
    is part of the repr. `start` is the place of the value, `content` that of the content's first character;
    later lines of the content begin at column `margin`. `key` is the place of the key, or `start` without one.
    """

    route: Route
    key: TextLocation
    start: TextLocation
    text: str = field(repr=False)
    written: str = field(repr=False)
    plain: bool
    content: TextLocation
    margin: int

    @property
    def where(self) -> TextLocation:
        """Where a finding about it points: the value, or its key where nothing is written."""
        return self.start if self.written else self.key

    @property
    def block(self) -> bool:
        """Whether it is a text below a | or >."""
        return self.written.startswith(("|", ">"))

    @property
    def nothing(self) -> bool:
        """Whether no value is written: nothing at all, `~` or `null`."""
        return self.plain and self.text in _NOTHING


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    route: Route
    key: TextLocation
    start: TextLocation
    items: "tuple[Node, ...]"

    @property
    def where(self) -> TextLocation:
        """Where a finding about it points: its start."""
        return self.start


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values. Not `complete` where a key was told to be no key, or to stand twice, and is left out."""

    route: Route
    key: TextLocation
    start: TextLocation
    entries: "dict[str, Node]"
    complete: bool

    @property
    def where(self) -> TextLocation:
        """Where a finding about it points: its own key, or its start without one."""
        return self.key


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that YAML could not tell; it has its finding already."""

    route: Route
    key: TextLocation
    start: TextLocation

    @property
    def where(self) -> TextLocation:
        """Where it begins."""
        return self.start


Node = Scalar | Sequence | Mapping | Unreadable


def walk(node: Node) -> Iterator[Node]:
    """A node and all that are in it."""
    yield node
    match node:
        case Mapping(entries=entries):
            for value in entries.values():
                yield from walk(value)
        case Sequence(items=items):
            for item in items:
                yield from walk(item)
        case _:
            pass
