"""Which encoding a text file without a mark is in: told where it is certain, never guessed.

The whole file is read by every encoding that it may be in. One is taken only if the file fits it, is a text of its
script, and is so much likelier to be that than any other that fits, that chance is no explanation. Windows-1252 and the
Chinese encodings are rivals that make a file ambiguous; they are never taken.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

from batchmail.recipients.readings import EscapedReading, ScriptReading, UnicodeReading
from batchmail.recipients.scripts import ALPHABETIC, JAPANESE, KOREAN, SIMPLIFIED, TRADITIONAL

#: By so many bits an encoding must be likelier than the next: chance does this once in a million files.
CERTAIN_BITS = 20.0
#: After so many pieces an encoding that has become so much less likely than another is not read on.
_ENOUGH_PIECES = 32
_HOPELESS = 1.2
#: Encodings of one byte a character; the first fits any file.
_ALPHABETS = ("latin_1", "cp1251", "cp1253", "cp1255", "cp1256", "cp874", "koi8_r")
_PROPOSED = {"latin_1": "cp1252"}
_REPLACED = "\ufffd"
_ASCII = re.compile(r"[\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Detected:
    """The encoding that a file is in: its codec and title, why it is taken, and how some of the file reads in it."""

    codec: str
    title: str
    reason: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """No encoding is certain; `fitting` are those that the file fits as a whole, the likeliest first."""

    fitting: tuple[str, ...] = ()


def detect(pieces: Iterable[bytes]) -> Detected | Undecided:
    """The encoding of a file that is neither marked nor UTF-8; its bytes come in pieces."""
    wide = [UnicodeReading("utf-16-le", "UTF-16"), UnicodeReading("utf-16-be", "UTF-16")]
    escaped = [EscapedReading(codec, "Japanese", JAPANESE) for codec in ("iso2022_jp", "iso2022_jp_ext")]
    scripts = _scripts()
    utf_8 = _DamagedUtf8()
    for number, piece in enumerate(pieces):
        utf_8.take(piece)
        for reading in (*wide, *escaped, *scripts):
            reading.take(piece)
        if number == _ENOUGH_PIECES:
            scripts = _hopeful(scripts)
    for reading in (*wide, *escaped, *scripts):
        reading.take(b"", final=True)
    return _of_wide(wide) or _of_escaped(escaped) or _of_scripts(scripts, damaged=utf_8.is_likely)


def _scripts() -> list[ScriptReading]:
    return [
        ScriptReading("cp949", "Korean", KOREAN),
        ScriptReading("cp932", "Japanese", JAPANESE),
        ScriptReading("euc_jp", "Japanese", JAPANESE),
        ScriptReading("gb18030", "Chinese", SIMPLIFIED),
        ScriptReading("big5", "Chinese", TRADITIONAL),
        *(ScriptReading(codec, "alphabetic", ALPHABETIC) for codec in _ALPHABETS),
    ]


def _hopeful(readings: list[ScriptReading]) -> list[ScriptReading]:
    """The readings that may still be the right one."""
    fitting = [reading for reading in readings if reading.fits]
    least = min((reading.bits() for reading in fitting), default=0.0)
    return [reading for reading in fitting if reading.bits() <= least * _HOPELESS]


def _of_wide(readings: list[UnicodeReading]) -> Detected | None:
    texts = [reading for reading in readings if reading.is_text]
    if len(texts) != 1:
        return None
    (only,) = texts
    reason = "its line breaks are two bytes each, and all its characters exist; the other way round they do not"
    return Detected(only.codec, only.title, reason, tuple(only.samples))


def _of_escaped(readings: list[EscapedReading]) -> Detected | None:
    only = next((reading for reading in readings if reading.is_text), None)
    if only is None:
        return None
    return Detected(only.codec, only.title, "its escape sequences say so", tuple(only.samples))


def _of_scripts(readings: list[ScriptReading], *, damaged: bool) -> Detected | Undecided:
    fitting = sorted((reading for reading in readings if reading.fits), key=ScriptReading.bits)
    codecs_fitting = tuple(_PROPOSED.get(reading.codec, reading.codec) for reading in fitting)
    if not fitting or damaged or not fitting[0].is_text:
        return Undecided(codecs_fitting)
    best = fitting[0]
    lead = (fitting[1].bits() - best.bits()) * best.variety() if len(fitting) > 1 else CERTAIN_BITS
    if lead < CERTAIN_BITS:
        return Undecided(codecs_fitting)
    return Detected(best.codec, best.title, _reason(best), tuple(best.samples))


def _reason(best: ScriptReading) -> str:
    usual = f"{best.usual_part():.0%} of its {best.characters():,} characters beyond ASCII are usual in {best.title}"
    return f"{usual}, and in no other encoding is it a text"


class _DamagedUtf8:
    """Whether a file is UTF-8 with a few bytes that are not: then no other encoding is right."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._right = 0
        self._wrong = 0

    def take(self, piece: bytes) -> None:
        """Read the next piece."""
        text = self._decoder.decode(piece)
        wrong = text.count(_REPLACED)
        self._wrong += wrong
        self._right += len(_ASCII.sub("", text)) - wrong

    @property
    def is_likely(self) -> bool:
        """Whether more characters are UTF-8 than are not."""
        return self._right > self._wrong
