"""A text file: checked as a whole when it is opened, read in flat memory, and found again at any line."""

import codecs
from array import array
from bisect import bisect_left
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import TextLocation
from batchmail.recipients.base import SheetBroken
from batchmail.recipients.encodings import Encoding, UnknownEncoding, candidates, encoding_of
from batchmail.recipients.sheet_file import FileState, changed, opened
from batchmail.recipients.wording import did_you_mean, shown

#: The file is checked in pieces of so many bytes; where each begins is remembered, to find lines again.
_PIECE_BYTES = 65_536
_SAMPLE_BYTES = 120
#: No line, and no record of several lines, has more characters: it would be read into memory as one.
LONGEST_LINE = 4_000_000
_NUL = "\0"


class TextPosition:
    """A line and column, from 1, that moves along a text. Lines end with LF, CR or both."""

    def __init__(self) -> None:
        self.line = 1
        self.column = 1
        self.after_return = False

    def move(self, text: str) -> None:
        """Go on to the end of the next piece of the text."""
        if self.after_return and text.startswith("\n"):
            text = text[1:]
            self.after_return = False
        if not text:
            return
        breaks = text.count("\n")
        if "\r" in text:
            breaks += text.count("\r") - text.count("\r\n")
        if breaks:
            self.line += breaks
            self.column = len(text) - max(text.rfind("\n"), text.rfind("\r"))
        else:
            self.column += len(text)
        self.after_return = text.endswith("\r")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file whose whole text fits its encoding; `offsets` and `lines` say on which line some of its bytes stand."""

    path: Path
    encoding: Encoding
    digest: str
    state: FileState
    offsets: Sequence[int]
    lines: Sequence[int]

    def read(self) -> Generator[str, None, None]:
        """The lines with their ends. Raises SheetBroken where the file has changed."""
        return self._read_at(self.encoding.mark_length)

    def read_from(self, line: int) -> Generator[str, None, None]:
        """The lines from one on (from 1), found without reading all that stand before it."""
        mark = max(bisect_left(self.lines, line) - 1, 0)
        with closing(self._read_at(self.offsets[mark])) as lines:
            yield from islice(lines, line - self.lines[mark], None)

    def _read_at(self, offset: int) -> Generator[str, None, None]:
        with opened(self.path, TextLocation(self.path)) as file:
            self.state.check(file, self.path)
            file.seek(offset)
            with closing(TextIOWrapper(file, self.encoding.codec, newline="")) as text:
                try:
                    yield from text
                except UnicodeDecodeError:
                    raise changed(self.path) from None
                self.state.check(file, self.path)


def text_file(path: Path, encoding_name: str, where: TextLocation) -> TextFile:
    """Open a text file and read it once. Raises SheetBroken; `where` is where the file is named."""
    with opened(path, where) as file:
        state = FileState.of(file)
        head = file.read(_PIECE_BYTES)
        check = _Check(path, head, _encoding(head, encoding_name, where))
        piece = head
        while piece:
            following = file.read(_PIECE_BYTES)
            check.take(piece, final=not following)
            piece = following
        state.check(file, path)
    return TextFile(path, check.encoding, check.digest.hexdigest(), state, check.offsets, check.lines)


class _Check:
    """Reads a file piece by piece: its digest, its lines, the first byte that does not belong."""

    def __init__(self, path: Path, head: bytes, encoding: Encoding) -> None:
        self._path = path
        self._head = head
        self._decoder = codecs.getincrementaldecoder(encoding.codec)()
        self._start = self._decoder.getstate()[1]
        self._position = TextPosition()
        self._taken = 0
        self.encoding = encoding
        self.digest = sha256()
        self.offsets = array("Q", [encoding.mark_length])
        self.lines = array("Q", [1])

    def take(self, piece: bytes, *, final: bool) -> None:
        """Check the next piece. Raises SheetBroken."""
        self.digest.update(piece)
        text_bytes = piece if self._taken else piece[self.encoding.mark_length :]
        try:
            text = self._decoder.decode(text_bytes, final)
        except UnicodeDecodeError as error:
            raise SheetBroken(self._misencoded(error)) from None
        if _NUL in text:
            self._position.move(text[: text.index(_NUL)])
            raise SheetBroken(self._binary())
        self._position.move(text)
        if self._position.column > LONGEST_LINE:
            raise SheetBroken(too_long(self._path, self._position.line))
        self._taken += len(piece)
        pending, state = self._decoder.getstate()
        if state == self._start and not self._position.after_return:
            self.offsets.append(self._taken - len(pending))
            self.lines.append(self._position.line)

    def _misencoded(self, error: UnicodeDecodeError) -> Finding:
        whole = bytes(error.object)
        self._position.move(whole[: error.start].decode(self.encoding.codec, "replace"))
        where = TextLocation(self._path, self._position.line, self._position.column)
        line = whole[whole.rfind(b"\n", 0, error.start) + 1 :].partition(b"\n")[0]
        sample = line if len(line) <= _SAMPLE_BYTES else whole[error.start :].partition(b"\n")[0]
        bad = whole[error.start : error.end]
        message = f"the byte 0x{bad[0]:02X} is not {self.encoding.codec.upper()}"
        return rules.SHEET_ENCODING.finding(message, where, self._hint(sample), text=_escaped(sample))

    def _hint(self, sample: bytes) -> str:
        found = candidates(self._head, sample.rstrip(b"\r"), besides=self.encoding.codec)
        save = "save the file as UTF-8 (in a spreadsheet program: CSV UTF-8)"
        if not found:
            return f"Name its encoding as `encoding:` under `recipients` in the manifest, or {save}."
        first, *others = found
        readings = ", ".join(f"in {each.name} it would read `{each.sample}`" for each in (first, *others))
        if first.name == "utf-8":
            return f"The line is UTF-8: {readings}. Write `encoding: utf-8` under `recipients` in the manifest."
        right = "that" if not others else f"the reading in {first.name}"
        hint = f"{readings[0].upper()}{readings[1:]}. If {right} is right, write `encoding: {first.name}` "
        return f"{hint}under `recipients` in the manifest; otherwise {save}."

    def _binary(self) -> Finding:
        where = TextLocation(self._path, self._position.line, self._position.column)
        hint = "Save it as CSV UTF-8. If it is UTF-16 without a byte order mark, write `encoding: utf-16`."
        return rules.SHEET_BROKEN.finding("a NUL character, which no text has", where, hint, text="\\x00")


def too_long(path: Path, line: int) -> Finding:
    """The finding for a line, or a record that begins on it, with more than LONGEST_LINE characters."""
    message = f"more than {LONGEST_LINE:,} characters in one row"
    return rules.SHEET_BROKEN.finding(message, TextLocation(path, line, 1), "Is this the right file?")


def _encoding(head: bytes, name: str, where: TextLocation) -> Encoding:
    try:
        return encoding_of(head, name)
    except UnknownEncoding:
        hint = did_you_mean(name, ("utf-8", "cp932", "cp949", "utf-16"), "Common ones are: utf-8, cp932, cp949.")
        finding = rules.SHEET_ENCODING.finding(f"`{shown(name)}` is no encoding", where, hint, text=shown(name))
        raise SheetBroken(finding) from None


def _escaped(raw: bytes) -> str:
    """Bytes as text, those beyond ASCII in hexadecimal."""
    return shown(raw.decode("ascii", "backslashreplace").strip())
