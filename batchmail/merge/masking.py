"""Where the tags of Jinja2 stand in a text, so that HTML around them can be read by what knows HTML alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from jinja2 import Environment

_NEWLINE = re.compile(r"\r\n|\r|\n")
#: The first of 65,534 characters that are nobody's (Unicode, section 23.5): one for each tag of a template.
_FIRST = 0xF0000
_LAST = 0xFFFFD
#: What stands for a tag in a text that another program reads; the tag's number is in the first group or the second.
WORD = re.compile(r"<!--\s*bmtag(\d+)x\s*-->|bmtag(\d+)x")
_MASK = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")


class Kind(Enum):
    """What a tag is: one that prints, one that decides, or a comment."""

    EXPRESSION = auto()
    STATEMENT = auto()
    COMMENT = auto()


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ … }}`, `{% … %}` or `{# … #}`; `name` is a statement's first word."""

    start: int
    end: int
    text: str
    kind: Kind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Masked:
    """A template's text with line ends of one character, and its tags in order."""

    text: str
    tags: tuple[Tag, ...]

    def replaced(self, written: Callable[[int, Tag], str]) -> str:
        """The text with something else in the place of each tag, told by its number."""
        pieces, at = [], 0
        for number, tag in enumerate(self.tags):
            pieces += [self.text[at : tag.start], written(number, tag)]
            at = tag.end
        return "".join([*pieces, self.text[at:]])

    def worded(self, bare: Callable[[int, Tag], bool]) -> str:
        """The text with a word in the place of each tag, within a comment unless it must stand there bare."""

        def written(number: int, tag: Tag) -> str:
            word = f"bmtag{number}x"
            return word if bare(number, tag) else f"<!--{word}-->"

        return self.replaced(written)

    def unworded(self, made: str) -> str:
        """What was made of the worded text, with the tags in their places."""
        return WORD.sub(lambda match: self.tags[int(match[1] or match[2])].text, made)

    def hidden(self) -> str:
        """The text with each tag blotted out by a character of its own: all else keeps its line and column."""
        return self.replaced(lambda number, tag: re.sub(r"[^\n]", mark(number), tag.text))

    def tags_in(self, text: str) -> list[Tag]:
        """The tags that are blotted out in a part of the hidden text."""
        numbers = dict.fromkeys(ord(found) - _FIRST for found in _MASK.findall(text))
        return [self.tags[number] for number in numbers if number < len(self.tags)]


def tags_kept(made: str) -> list[int]:
    """The numbers of the tags whose words are in what was made of a worded text, in order."""
    return [int(first or second) for first, second in WORD.findall(made)]


def mark(number: int) -> str:
    """The character that blots a tag out."""
    return chr(min(_FIRST + number, _LAST))


def masked(source: str, environment: Environment) -> Masked:
    """A template with its tags found. Raises TemplateSyntaxError."""
    text = _NEWLINE.sub("\n", source)
    tags: list[Tag] = []
    at = start = 0
    name = ""
    for _, kind, value in environment.lex(text):
        at = text.find(value, at)
        if kind in _BEGIN:
            start, name = at, ""
        elif kind == "name":
            name = name or value
        at += len(value)
        if kind in ("raw_begin", "raw_end"):
            tags.append(Tag(at - len(value), at, value, Kind.STATEMENT, "raw"))
        elif kind in _END:
            tags.append(Tag(start, at, text[start:at], _END[kind], name))
    return Masked(text, tuple(tags))


_BEGIN = frozenset({"variable_begin", "block_begin", "comment_begin"})
_END = {"variable_end": Kind.EXPRESSION, "block_end": Kind.STATEMENT, "comment_end": Kind.COMMENT}
