"""What separates the cells of a text file, and in which line its table begins."""

import csv
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from batchmail.recipients.text_file import TextFile

DELIMITERS = ",;\t|"

#: Excel takes such a first line for the separator of all others, and does not show it.
_NAMED = re.compile(r'"?sep=([^\w"\r\n ])"?\s*', re.IGNORECASE)
#: A cell in quotes, which may go on below.
_QUOTED = re.compile(r'(?:(?<=[,;\t|])|(?<![^\r\n]))"(?:[^"]|"")*"?')
_LINES_LOOKED_AT = 50
_CHARACTERS_LOOKED_AT = 100_000


@dataclass(frozen=True, slots=True)
class Layout:
    """The separator, and the line (from 1) from which on there are records."""

    delimiter: str
    first_line: int


def layout_of(text: TextFile, header: int | None) -> Layout:
    """The layout of a text file whose header is in a line (from 1), or in the first one that is not blank."""
    with closing(text.read()) as lines:
        named = _NAMED.fullmatch(next(lines, ""))
    first_line = header or (2 if named else 1)
    if named:
        return Layout(named[1], first_line)
    if text.path.suffix.lower() == ".tsv":
        return Layout("\t", first_line)
    return Layout(_delimiter(_beginning(text, first_line)), first_line)


def _beginning(text: TextFile, first_line: int) -> list[str]:
    """The first lines of the table."""
    taken: list[str] = []
    characters = 0
    with closing(text.read_from(first_line)) as lines:
        for line in islice((line for line in lines if line.strip()), _LINES_LOOKED_AT):
            characters += len(line)
            if taken and characters > _CHARACTERS_LOOKED_AT:
                break
            taken.append(line)
    return taken


def _delimiter(lines: Sequence[str]) -> str:
    """The one that the header has outside of quotes; of several, the only one that cuts all rows into as many cells."""
    header = _QUOTED.sub("", "".join(lines)).lstrip("\r\n").partition("\n")[0].partition("\r")[0]
    there = [delimiter for delimiter in DELIMITERS if delimiter in header]
    even = [delimiter for delimiter in there if _is_even(lines, delimiter)] if there[1:] else []
    return (even if len(even) == 1 else there or [","])[0]


def _is_even(lines: Sequence[str], delimiter: str) -> bool:
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter, strict=True)]
    except csv.Error:  # also where the last record goes on below
        return False
    return len(set(widths)) == 1
