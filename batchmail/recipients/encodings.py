"""Encodings of text files: named, or told by a mark, or UTF-8; others are detected (see `detection`) or proposed."""

import codecs
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batchmail.recipients.scripts import lead_byte
from batchmail.wording import shown

AUTO = "auto"

#: Byte order marks; the longer ones first, for one begins another.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Encodings that begin with a mark, and what they are without one.
_MARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}

#: So many characters beyond ASCII are looked at, and this part of them must be what one expects.
_LOOKED_AT = 1_000
_LIKELY = 0.6
_MOST_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding without a byte order mark, and the length in bytes of the mark before the text."""

    codec: str
    mark_length: int = 0


class UnknownEncoding(Exception):
    """No encoding that Python can read text with has this name."""


def encoding_of(head: bytes, name: str = AUTO) -> Encoding:
    """The encoding of a file that begins with `head`. Raises UnknownEncoding."""
    if name == AUTO:
        return next((Encoding(codec, len(mark)) for mark, codec in _MARKS if head.startswith(mark)), Encoding("utf-8"))
    try:
        "".encode(name)
        known = codecs.lookup(name).name
        codecs.getincrementaldecoder(known)
    except (LookupError, UnicodeError):
        raise UnknownEncoding(name) from None
    bare = _MARKED.get(known, known)
    for mark, codec in _MARKS:
        if head.startswith(mark) and (codec == bare or codec.rpartition("-")[0] == known):
            return Encoding(codec, len(mark))
    return Encoding(bare)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An encoding that a text may be in, and how the text would read."""

    name: str
    sample: str


def candidates(head: bytes, sample: bytes, *, besides: str, among: Sequence[str] | None = None) -> list[Candidate]:
    """The encodings that fit the file's head and the line with the first bad byte, the likeliest first.

    `among` are those that fit the file as a whole, the likeliest first, where that is known.
    """
    found: list[tuple[float, Candidate]] = []
    for name, expected in _EXPECTED:
        if name == besides or (among is not None and name not in among):
            continue
        try:
            beginning = codecs.getincrementaldecoder(name)().decode(head)
            text = sample.decode(name)
        except UnicodeError:
            continue
        foreign = [character for character in text + beginning if not character.isascii()][:_LOOKED_AT]
        likely = sum(map(expected, foreign)) / len(foreign) if foreign else 0.0
        if likely >= _LIKELY:
            found.append((likely, Candidate(name, shown(text.strip()))))
    found.sort(key=lambda each: -each[0] if among is None else among.index(each[1].name))
    return [candidate for _, candidate in found[:_MOST_CANDIDATES]]


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣" and lead_byte(character, "euc_kr") > 0


def _is_cp932(character: str) -> bool:
    return _is_kana(character) or "ｦ" <= character <= "ﾟ" or 0x88 <= lead_byte(character, "cp932") <= 0x98  # noqa: PLR2004  the common kanji


def _is_euc_jp(character: str) -> bool:
    return _is_kana(character) or 0xB0 <= lead_byte(character, "euc_jp") <= 0xCF  # noqa: PLR2004  the same


def _is_gb(character: str) -> bool:
    return 0xB0 <= lead_byte(character, "gb2312") <= 0xD7  # noqa: PLR2004  the common hanzi


def _is_big5(character: str) -> bool:
    return 0xA4 <= lead_byte(character, "big5") <= 0xC6  # noqa: PLR2004  the common hanzi


def _is_kana(character: str) -> bool:
    return "ぁ" <= character <= "ヾ" or character in "、。「」々"


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN") or character in "€£§°–—‘’“”…"


#: What one expects among the characters beyond ASCII of a text that is in an encoding.
_EXPECTED: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("utf-8", lambda character: character.isprintable()),
    ("cp949", _is_hangul),
    ("cp932", _is_cp932),
    ("euc_jp", _is_euc_jp),
    ("gb18030", _is_gb),
    ("big5", _is_big5),
    ("cp1252", _is_latin),
)
