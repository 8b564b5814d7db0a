"""Broken YAML in words for people: what stands there, and what was probably meant.

The manifest's own text is not repeated beyond a line's key: broken lines may hold secrets too.
"""

import re
from dataclasses import dataclass
from typing import Literal, assert_never

from batchmail import rules
from batchmail.finding import Finding
from batchmail.manifest.source import Source

#: A value that begins with {{ or {% without a quote before it; YAML reads it as a mapping.
_BARE_TEMPLATE = re.compile(r"""\s*(?:-\s+)*(?:[^"'#:{\[]+:\s+)?(?P<opening>\{[{%])""")
_TAB_INDENTATION = re.compile(r" *\t")
_KEY = re.compile(r"\s*(?:-\s+)*(?P<key>[\w-]+):(?:\s|$)")

QUOTE_TEMPLATE = 'Put the whole value in quotes: to: "{{ email }}"'


@dataclass(frozen=True, slots=True)
class Breakage:
    """What a YAML parser stumbled over: its own words, where it gave up, and where the broken thing began."""

    problem: str
    index: int
    began: int


@dataclass(frozen=True, slots=True)
class _Explanation:
    """A sentence for a family of the parser's words, and where it points: see `_place`."""

    pattern: str
    message: str
    hint: str
    points_at: Literal["problem", "beginning", "backslash"] = "problem"


#: The words are those of PyYAML's scanner.py and parser.py.
_EXPLANATIONS = (
    _Explanation(
        "mapping values are not allowed",
        "a colon that is not the first of its line",
        "Where the colon belongs to the value, put the value in quotes; else check the indentation.",
    ),
    _Explanation(
        "could not find expected ':'",
        "a line that is no `key: value`",
        "A key is followed by a colon and a space; a line that continues a text is indented.",
        points_at="beginning",
    ),
    _Explanation(
        "sequence entries are not allowed",
        "a list item where none can stand",
        "A list begins on the line below its key, each item with `- `.",
    ),
    _Explanation(
        "escape",
        "a backslash in double quotes that begins no known escape",
        "Use single quotes, or write the backslash twice.",
        points_at="backslash",
    ),
    _Explanation(
        "unexpected end of stream|unexpected document separator",
        "a quote that is never closed",
        "Close it, with the same kind of quote.",
        points_at="beginning",
    ),
    _Explanation(
        "expected ',' or",
        "a bracket that is not closed, or with a comma missing inside",
        "Every [ wants its ], every { its }. A text with brackets of its own is put in quotes.",
        points_at="beginning",
    ),
    _Explanation(
        "cannot start any token",
        "a character that no value can begin with",
        "Put the value in quotes.",
    ),
    _Explanation(
        "chomping or indentation|a comment or a line break",
        "something behind the | or > that begins a text",
        "The text begins on the next line, indented.",
    ),
    _Explanation(
        "directive|incompatible",
        "a line that begins with %",
        "Take it out: a manifest needs no YAML directives.",
    ),
    _Explanation(
        "alphabetic|tag|URI|expected ' '|expected '!'",
        "a value that begins with !, & or *, which mean something of their own in YAML",
        "Put the value in quotes.",
    ),
    _Explanation(
        "<block end>|<document start>",
        "something that does not belong to what stands before it",
        "Check the indentation, and for text behind a closing quote.",
    ),
)
_OTHERWISE = _Explanation(
    "",
    "something that is not YAML",
    "Look for a quote, bracket or colon that is missing here or in the line above.",
)


def explain(source: Source, breakage: Breakage) -> Finding:
    """The finding for broken YAML."""
    lines = dict.fromkeys(source.place(index).line or 1 for index in (breakage.index, breakage.began))
    for number in lines:
        index = source.start(number)
        if tab := _TAB_INDENTATION.match(source.line(number)):
            return _tab(source, index + tab.end() - 1)
        if bare := _BARE_TEMPLATE.match(source.line(number)):
            return bare_template(source, index + bare.start("opening"))
    found = next((each for each in _EXPLANATIONS if re.search(each.pattern, breakage.problem)), _OTHERWISE)
    return syntax(source, _place(source, breakage, found), found.message, found.hint)


def _place(source: Source, breakage: Breakage, found: _Explanation) -> int:
    """Where the parser gave up, where the broken thing began, or the last backslash before the parser gave up."""
    match found.points_at:
        case "problem":
            return breakage.index
        case "beginning":
            return breakage.began
        case "backslash":
            backslash = source.text.rfind("\\", 0, breakage.index + 1)
            return breakage.index if backslash < 0 else backslash
        case _:
            assert_never(found.points_at)


def syntax(source: Source, index: int, message: str, hint: str) -> Finding:
    """A finding of broken YAML at a place, with the key of its line as the offending text."""
    where = source.place(index)
    key = _KEY.match(source.line(where.line or 1))
    return rules.MANIFEST_SYNTAX.finding(message, where, hint, text=f"{key['key']}: …" if key else "")


def bare_template(source: Source, index: int) -> Finding:
    """The finding for `to: {{ email }}` without quotes."""
    opening = source.text[index : index + 2]
    message = f"a value that begins with {opening} and has no quotes around it, which YAML takes for something else"
    return rules.MANIFEST_SYNTAX.finding(message, source.place(index), QUOTE_TEMPLATE, text=opening)


def _tab(source: Source, index: int) -> Finding:
    return syntax(source, index, "a line that is indented with a tab", "Indent with spaces: YAML allows no tabs there.")
