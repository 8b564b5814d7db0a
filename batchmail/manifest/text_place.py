"""Where the content of a scalar begins, and at which column its later lines do."""

from batchmail.location import TextLocation
from batchmail.manifest.source import Source


def content_place(source: Source, index: int, written: str, text: str) -> tuple[TextLocation, int]:
    """The place of the first character of a scalar's content, and the column at which its later lines begin.

    `index` is where the value begins, `written` what stands there, `text` the content. Exact for scalars on one line
    and for literal blocks; later lines of folded texts are not those of the file, so there the column is a good guess.
    """
    start = source.place(index)
    match written[:1]:
        case "|" | ">":
            return _block(source, start, text)
        case '"' | "'":
            content = source.place(index + 1)
        case _:
            content = start
    return content, _margin(content, written)


def _block(source: Source, start: TextLocation, text: str) -> tuple[TextLocation, int]:
    """The content begins on the line below the | or >; its indentation is what the file has and the content lacks."""
    first = (start.line or 1) + 1
    for offset, line in enumerate(text.split("\n")):
        if line.strip(" "):
            margin = _indentation(source.line(first + offset)) - _indentation(line) + 1
            return TextLocation(source.path, first, margin), margin
    return TextLocation(source.path, first, 1), 1


def _margin(content: TextLocation, written: str) -> int:
    later = written.splitlines()[1:]
    indented = next((_indentation(line) for line in later if line.strip()), None)
    return content.column or 1 if indented is None else indented + 1


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
