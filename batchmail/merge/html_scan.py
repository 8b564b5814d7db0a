"""The elements of an HTML template with their places, read by the standard library's parser."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from batchmail.merge.masking import Masked

_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]*))?""")
#: Elements that have no end (HTML, section 13.1.2).
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an element; `at` counts the characters from the element's start."""

    name: str
    value: str
    quoted: bool
    at: int


@dataclass(frozen=True, slots=True)
class Element:
    """An element's start; `text` has the tag as written, line and column count from 1."""

    name: str
    line: int
    column: int
    text: str
    attributes: tuple[Attribute, ...]

    def get(self, name: str) -> str | None:
        """The value of an attribute, None where there is none."""
        return next((each.value for each in self.attributes if each.name == name), None)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a character of the tag."""
        before = self.text[:at]
        lines = before.count("\n")
        return self.line + lines, (at - before.rfind("\n")) if lines else self.column + at


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands within an element such as <style> or <script>, or within a comment."""

    name: str
    line: int
    column: int
    text: str


@dataclass(slots=True)
class Scan:
    """What an HTML text has in it, in order."""

    elements: list[Element] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


def scan(template: Masked) -> Scan:
    """The elements of a template's HTML, with the template's own tags blotted out (see `Masked.hidden`)."""
    parser = _Parser()
    parser.feed(template.hidden())
    parser.close()
    return parser.found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found = Scan()
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, offset = self.getpos()
        text = self.get_starttag_text() or ""
        written = {each.name: each for each in _attributes(text)}
        attributes = tuple(
            Attribute(name, value or "", written[name].quoted if name in written else True, written[name].at)
            for name, value in attrs
            if name in written
        )
        self.found.elements.append(Element(tag, line, offset + 1, text, attributes))
        self._within = tag if tag in ("style", "script", "title", "textarea") else ""

    def handle_endtag(self, tag: str) -> None:
        self._within = "" if tag == self._within else self._within

    def handle_data(self, data: str) -> None:
        if self._within:
            line, offset = self.getpos()
            self.found.pieces.append(Piece(self._within, line, offset + 1, data))

    def handle_comment(self, data: str) -> None:
        line, offset = self.getpos()
        self.found.pieces.append(Piece("comment", line, offset + 1, data))


def _attributes(tag: str) -> list[Attribute]:
    """The attributes of a start tag with their places in it."""
    begin = re.match(r"<[^\s/>]*", tag)
    found = []
    for match in _ATTRIBUTE.finditer(tag, begin.end() if begin else 0):
        value = match[2] or ""
        quoted = value[:1] in ('"', "'")
        found.append(Attribute(match[1].lower(), value.strip("\"'") if quoted else value, quoted, match.start()))
    return found
