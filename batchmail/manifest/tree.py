"""What a manifest is made of before its fields are known: mappings, sequences and scalars, each with its place.

In a workbook, the place of a value is its cell, that of a list or a group of keys the first cell that belongs to it.
`name` is then what the workbook's rows call it; in YAML it is empty, as the keys themselves tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from batchmail.job import Route
from batchmail.location import CellLocation, Location

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as it was written; what it means is for its field to say.

    `text` is the content, `written` what stands in the file (quotes included). Both may be a secret, so neither
    is part of the repr. `start` is the place of the value, `content` that of the content's first character;
    later lines of the content begin at column `margin`. `key` is the place of the key, or `start` without one.
    """

    route: Route
    key: Location
    start: Location
    text: str = field(repr=False)
    written: str = field(repr=False)
    plain: bool
    content: Location
    margin: int
    name: str = ""

    @property
    def where(self) -> Location:
        """Where a finding about it points: the value, or its key where nothing is written; in a workbook, its cell."""
        return self.start if self.written or self.in_cell else self.key

    @property
    def in_cell(self) -> bool:
        """Whether it is a cell of a workbook, as its user sees it."""
        return isinstance(self.start, CellLocation)

    @property
    def block(self) -> bool:
        """Whether it is a text below a | or >."""
        return not self.in_cell and self.written.startswith(("|", ">"))

    @property
    def nothing(self) -> bool:
        """Whether no value is written: nothing at all; in YAML, `~` or `null` too."""
        return not self.text if self.in_cell else self.plain and self.text in _NOTHING


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; `in_one_row` where its items are cells beside each other."""

    route: Route
    key: Location
    start: Location
    items: "tuple[Node, ...]"
    name: str = ""
    in_one_row: bool = False

    @property
    def where(self) -> Location:
        """Where a finding about it points: its start."""
        return self.start


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values. Not `complete` where a key was told to be no key, or to stand twice, and is left out."""

    route: Route
    key: Location
    start: Location
    entries: "dict[str, Node]"
    complete: bool
    name: str = ""

    @property
    def where(self) -> Location:
        """Where a finding about it points: its own key, or its start without one."""
        return self.key


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that could not be read; it has its finding already."""

    route: Route
    key: Location
    start: Location
    name: str = ""

    @property
    def where(self) -> Location:
        """Where it begins."""
        return self.start


Node = Scalar | Sequence | Mapping | Unreadable


def in_workbook(node: Node) -> bool:
    """Whether a node was written in a workbook, and hints are to speak of rows and cells."""
    return isinstance(node.start, CellLocation)


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
