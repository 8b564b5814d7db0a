"""A text file: checked as a whole when it is opened, read in flat memory, and found again at any line."""

import codecs
import re
from array import array
from bisect import bisect_left
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader, TextIOWrapper
from itertools import islice
from pathlib import Path

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import Location, TextLocation
from batchmail.recipients.base import SheetBroken
from batchmail.recipients.detection import Detected, Undecided, detect
from batchmail.recipients.encodings import AUTO, Candidate, Encoding, UnknownEncoding, candidates, encoding_of
from batchmail.recipients.sheet_file import FileState, changed, opened
from batchmail.wording import did_you_mean, shown

#: The file is checked in pieces of so many bytes; where each begins is remembered, to find lines again.
_PIECE_BYTES = 65_536
_SAMPLE_BYTES = 120
#: No line, and no record of several lines, has more characters: it would be read into memory as one.
LONGEST_LINE = 4_000_000
_NUL = "\0"
_ESCAPE = "\x1b"
_ISO_2022 = re.compile(r"\x1b[$(]")


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
    detected: Detected | None = None

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


def text_file(path: Path, encoding_name: str, where: Location) -> TextFile:
    """Open a text file and read it once; where no encoding is named, more often if it is neither marked nor UTF-8.

    Raises SheetBroken; `where` is where the file is named.
    """
    with opened(path, where) as file:
        state = FileState.of(file)
        head = file.read(_PIECE_BYTES)
        encoding = _encoding(head, encoding_name, where)
        detected: Detected | None = None
        try:
            check = _checked(file, path, encoding)
        except _Misread as misread:
            verdict = Undecided() if encoding_name != AUTO or encoding.mark_length else detect(_pieces(file))
            if isinstance(verdict, Undecided):
                among = None if encoding_name != AUTO else ("utf-8", *verdict.fitting)
                raise SheetBroken(misread.told(head, among)) from None
            detected = verdict
            check = _checked(file, path, Encoding(detected.codec))
        state.check(file, path)
    return TextFile(path, check.encoding, check.digest.hexdigest(), state, check.offsets, check.lines, detected)


def _pieces(file: BufferedReader) -> Iterator[bytes]:
    """All bytes of a file, in pieces, from its start."""
    file.seek(0)
    while piece := file.read(_PIECE_BYTES):
        yield piece


def _checked(file: BufferedReader, path: Path, encoding: Encoding) -> "_Check":
    check = _Check(path, encoding)
    for piece in _pieces(file):
        check.take(piece)
    check.end()
    return check


class _Misread(Exception):
    """A file is no text in an encoding: where, the bytes there, and what is wrong with them."""

    def __init__(self, where: Location, codec: str, message: str, sample: bytes) -> None:
        super().__init__(message)
        self._where = where
        self._codec = codec
        self._sample = sample

    def told(self, head: bytes, among: Sequence[str] | None) -> Finding:
        """The finding, with what the text would be in other encodings; see `candidates`."""
        message = str(self)
        if not self._sample:
            hint = "Save it as CSV UTF-8. If it is UTF-16 without a byte order mark, write `encoding: utf-16`."
            return rules.SHEET_BROKEN.finding(message, self._where, hint, text="\\x00")
        hint = self._hint(candidates(head, self._sample.rstrip(b"\r"), besides=self._codec, among=among))
        return rules.SHEET_ENCODING.finding(message, self._where, hint, text=_escaped(self._sample))

    def _hint(self, found: Sequence[Candidate]) -> str:
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


class _Check:
    """Reads a file piece by piece: its digest, its lines, the first byte that does not belong."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._path = path
        self._decoder = codecs.getincrementaldecoder(encoding.codec)()
        self._start = self._decoder.getstate()[1]
        self._position = TextPosition()
        self._taken = 0
        self._escapes = encoding.codec == "utf-8"
        self.encoding = encoding
        self.digest = sha256()
        self.offsets = array("Q", [encoding.mark_length])
        self.lines = array("Q", [1])

    def take(self, piece: bytes) -> None:
        """Check the next piece. Raises SheetBroken and _Misread."""
        self.digest.update(piece)
        text = self._decode(piece if self._taken else piece[self.encoding.mark_length :])
        if _NUL in text:
            self._position.move(text[: text.index(_NUL)])
            raise _Misread(self._place(), self.encoding.codec, "a NUL character, which no text has", b"")
        if self._escapes and _ESCAPE in text and (found := _ISO_2022.search(text)):
            self._position.move(text[: found.start()])
            line = text[found.start() :].partition("\n")[0].encode()[:_SAMPLE_BYTES]
            message = "an escape sequence of ISO-2022, which is not UTF-8"
            raise _Misread(self._place(), self.encoding.codec, message, line)
        self._position.move(text)
        if self._position.column > LONGEST_LINE:
            raise SheetBroken(too_long(self._path, self._position.line))
        self._taken += len(piece)
        pending, state = self._decoder.getstate()
        if state == self._start and not self._position.after_return:
            self.offsets.append(self._taken - len(pending))
            self.lines.append(self._position.line)

    def end(self) -> None:
        """Check that the file does not end within a character. Raises _Misread."""
        self._decode(b"", final=True)

    def _decode(self, piece: bytes, *, final: bool = False) -> str:
        try:
            return self._decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            raise self._misencoded(error) from None

    def _misencoded(self, error: UnicodeDecodeError) -> _Misread:
        whole = bytes(error.object)
        self._position.move(whole[: error.start].decode(self.encoding.codec, "replace"))
        line = whole[whole.rfind(b"\n", 0, error.start) + 1 :].partition(b"\n")[0]
        sample = line if len(line) <= _SAMPLE_BYTES else whole[error.start :].partition(b"\n")[0]
        bad = whole[error.start : error.end]
        message = f"the byte 0x{bad[0]:02X} is not {self.encoding.codec.upper()}"
        return _Misread(self._place(), self.encoding.codec, message, sample or bad)

    def _place(self) -> TextLocation:
        return TextLocation(self._path, self._position.line, self._position.column)


def encoding_detected(path: Path, detected: Detected) -> Finding:
    """The finding that says which encoding was taken, why, and how some of the file reads in it."""
    samples = ", ".join(f"`{shown(sample)}`" for sample in detected.samples)
    message = f"read as {detected.title} ({detected.codec}): {detected.reason}"
    hint = f"It reads {samples}. If that is right, nothing is to be done; `encoding: {detected.codec}` settles it."
    return rules.SHEET_ENCODING_DETECTED.finding(message, TextLocation(path), hint)


def too_long(path: Path, line: int) -> Finding:
    """The finding for a line, or a record that begins on it, with more than LONGEST_LINE characters."""
    message = f"more than {LONGEST_LINE:,} characters in one row"
    return rules.SHEET_BROKEN.finding(message, TextLocation(path, line, 1), "Is this the right file?")


def _encoding(head: bytes, name: str, where: Location) -> Encoding:
    try:
        return encoding_of(head, name)
    except UnknownEncoding:
        hint = did_you_mean(name, ("utf-8", "cp932", "cp949", "utf-16"), "Common ones are: utf-8, cp932, cp949.")
        finding = rules.SHEET_ENCODING.finding(f"`{shown(name)}` is no encoding", where, hint, text=shown(name))
        raise SheetBroken(finding) from None


def _escaped(raw: bytes) -> str:
    """Bytes as text, those beyond ASCII in hexadecimal."""
    return shown(raw.decode("ascii", "backslashreplace").strip())
