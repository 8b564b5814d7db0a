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
#: Each time after so many pieces it is seen whether to read on, and in which encodings: those that are not so much
#: less likely than the first. What is no text after so many characters will be none; what is not certain after the
#: most pieces is left to the user.
_ENOUGH_PIECES = 16
_MOST_PIECES = 128
_ENOUGH_CHARACTERS = 10_000
_HOPELESS_BITS = 60.0
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
    detector = _Detector()
    for piece in pieces:
        if detector.is_hopeless():
            break
        detector.take(piece)
    return detector.verdict()


class _Detector:
    """A file in all encodings that it may be in, of which ever fewer are read on."""

    def __init__(self) -> None:
        self._wide = [UnicodeReading("utf-16-le", "UTF-16"), UnicodeReading("utf-16-be", "UTF-16")]
        self._escaped = [EscapedReading(codec, "Japanese", JAPANESE) for codec in ("iso2022_jp", "iso2022_jp_ext")]
        self._scripts = _scripts()
        self._utf_8 = _DamagedUtf8()
        self._pieces = 0
        self._undecided: Undecided | None = None

    def take(self, piece: bytes) -> None:
        """Read the next piece."""
        self._pieces += 1
        self._utf_8.take(piece)
        for reading in (*self._wide, *self._escaped, *self._scripts):
            reading.take(piece)
        if self._pieces % _ENOUGH_PIECES == 0 and not any(each.fits for each in (*self._wide, *self._escaped)):
            self._narrow()

    def _narrow(self) -> None:
        """See in which encodings to read on."""
        fitting = _by_likelihood(self._scripts)
        verdict = _of_scripts(fitting, damaged=self._utf_8.is_likely)
        if isinstance(verdict, Detected):
            self._scripts = [each for each in fitting if _lead(fitting[0], each) < _HOPELESS_BITS]
        elif self._pieces >= _MOST_PIECES or not fitting or _is_no_text(fitting[0]):
            self._undecided = verdict

    def is_hopeless(self) -> bool:
        """Whether nothing that follows could make an encoding certain."""
        return self._undecided is not None

    def verdict(self) -> Detected | Undecided:
        """What is certain at the end of the file."""
        if self._undecided:
            return self._undecided
        for reading in (*self._wide, *self._escaped, *self._scripts):
            reading.take(b"", final=True)
        scripts = _of_scripts(_by_likelihood(self._scripts), damaged=self._utf_8.is_likely)
        return _of_wide(self._wide) or _of_escaped(self._escaped) or scripts


def _is_no_text(reading: ScriptReading) -> bool:
    """Whether so much has been read that it is sure to be no text of the reading's script."""
    return reading.characters() >= _ENOUGH_CHARACTERS and not reading.is_text


def _by_likelihood(readings: list[ScriptReading]) -> list[ScriptReading]:
    return sorted((reading for reading in readings if reading.fits), key=ScriptReading.bits)


def _scripts() -> list[ScriptReading]:
    return [
        ScriptReading("cp949", "Korean", KOREAN),
        ScriptReading("cp932", "Japanese", JAPANESE),
        ScriptReading("euc_jp", "Japanese", JAPANESE),
        ScriptReading("gb18030", "Chinese", SIMPLIFIED),
        ScriptReading("big5", "Chinese", TRADITIONAL),
        *(ScriptReading(codec, "alphabetic", ALPHABETIC) for codec in _ALPHABETS),
    ]


def _lead(one: ScriptReading, other: ScriptReading) -> float:
    """By how many bits one reading is likelier than another; what is repeated in a file proves it only once."""
    return (other.bits() - one.bits()) * one.variety()


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


def _of_scripts(fitting: list[ScriptReading], *, damaged: bool) -> Detected | Undecided:
    codecs_fitting = tuple(_PROPOSED.get(reading.codec, reading.codec) for reading in fitting)
    if not fitting or damaged or not fitting[0].is_text:
        return Undecided(codecs_fitting)
    best = fitting[0]
    if len(fitting) > 1 and _lead(best, fitting[1]) < CERTAIN_BITS:
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
