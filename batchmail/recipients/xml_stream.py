"""The XML parts of a workbook, read in pieces and in flat memory."""

from collections.abc import Generator, Iterator
from typing import NoReturn, Protocol
from xml.parsers import expat

_PIECE_BYTES = 65_536


class XmlRefused(Exception):
    """A part that is not what a workbook has: why, and what to do where saving it again is not enough."""

    def __init__(
        self, reason: str, hint: str = "Open it in the spreadsheet program and save it again as .xlsx."
    ) -> None:
        super().__init__(reason)
        self.hint = hint


class Handler(Protocol):
    """Takes what a part is made of, in order. Names have the prefix that they are written with."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        ...

    def end(self, name: str) -> None:
        """An element ends."""
        ...

    def text(self, text: str) -> None:
        """Text inside of the element."""
        ...


class Source(Protocol):
    """Where the bytes of a part come from."""

    def read(self, size: int, /) -> bytes:
        """Some of the bytes; none at the end."""
        ...


def parse(source: Source, handler: Handler) -> Generator[None, None, None]:
    """Hand a part to a handler, pausing after each piece. Raises XmlRefused and ExpatError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = _check_declaration
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    while piece := source.read(_PIECE_BYTES):
        parser.Parse(piece, False)
        yield
    parser.Parse(b"", True)
    yield


def elements(source: Source) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a part as they begin: their names without prefix, and their attributes."""
    handler = _Elements()
    for _ in parse(source, handler):
        yield from handler.found
        handler.found.clear()


class _Elements:
    def __init__(self) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.found.append((local(name), attributes))

    def end(self, name: str) -> None:
        """Nothing is known by its end."""

    def text(self, text: str) -> None:
        """Nothing is said by text."""


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    """Office programs write no other encodings (ECMA-376 part 2, 8.1.4); expat would ask Python for them."""
    if encoding and encoding.lower() not in ("utf-8", "utf-16"):
        raise XmlRefused("one of its parts is neither UTF-8 nor UTF-16")


def _refuse_doctype(*_: object) -> NoReturn:
    raise XmlRefused("it declares a document type, which could define entities")
