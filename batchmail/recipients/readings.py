"""A text file as one encoding reads it, piece by piece: whether it fits, and whether it is a text."""

import codecs
import re
import unicodedata
from collections import Counter

from batchmail.recipients.scripts import ASCII_BITS, FILLER, Script

#: So many of the characters beyond ASCII must be what one expects in the script, and what is usual there.
_EXPECTED = 0.85
_USUAL = 0.6
#: So much of a sheet is separators, addresses and numbers at least.
_LEAST_ASCII = 0.2
_SAMPLES = 3

_ASCII = re.compile(r"[\x00-\x7f]+")
_WORDS = re.compile(r"[^\x00-\x7f]+(?: [^\x00-\x7f]+)*")
#: Characters that no text has; a file of another kind, or one read in the wrong way, is full of them.
_STRANGE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_NEVER_IN_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})
_LINE_ENDS = frozenset("\t\r\n\f\v")


class Reading:
    """What is known of a file read in one encoding; it no longer `fits` after the first byte that does not."""

    def __init__(self, codec: str, title: str) -> None:
        self.codec = codec
        self.title = title
        self.fits = True
        self.samples: list[str] = []
        self._decoder = codecs.getincrementaldecoder(codec)()

    def take(self, piece: bytes, *, final: bool = False) -> None:
        """Read the next piece."""
        if not self.fits:
            return
        try:
            text = self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            self.fits = False
            return
        self.fits = not _STRANGE.search(text) and self._look(text)
        if len(self.samples) < _SAMPLES:
            self.samples = list(dict.fromkeys((*self.samples, *_WORDS.findall(text))))[:_SAMPLES]

    def _look(self, text: str) -> bool:
        """Take note of a piece of the text; whether there may be such a text."""
        raise NotImplementedError


class UnicodeReading(Reading):
    """A file read as UTF-16: a text where it has line breaks, no character that does not exist, and enough ASCII."""

    def __init__(self, codec: str, title: str) -> None:
        super().__init__(codec, title)
        self._seen: set[str] = set()
        self._ascii = 0
        self._characters = 0

    def _look(self, text: str) -> bool:
        fresh = set(text) - self._seen
        self._seen |= fresh
        self._characters += len(text)
        self._ascii += len(text) - len(_ASCII.sub("", text))
        return all(unicodedata.category(each) not in _NEVER_IN_TEXT for each in fresh - _LINE_ENDS)

    @property
    def is_text(self) -> bool:
        """Whether the file is a text, read so."""
        return (
            self.fits and not self._seen.isdisjoint("\r\n") and self._ascii >= _LEAST_ASCII * max(self._characters, 1)
        )


class ScriptReading(Reading):
    """A file read in the encoding of a script: a text where its characters are those that the script uses."""

    def __init__(self, codec: str, title: str, script: Script) -> None:
        super().__init__(codec, title)
        self._script = script
        self._characters: Counter[str] = Counter()
        self._ascii = 0

    def _look(self, text: str) -> bool:
        foreign = _ASCII.sub("", text)
        self._characters.update(foreign)
        self._ascii += len(text) - len(foreign)
        return True

    def bits(self) -> float:
        """How improbable the text is, in bits."""
        return self._script.bits(self._kinds()) + ASCII_BITS * self._ascii

    def variety(self) -> float:
        """What part of the characters beyond ASCII is not a repetition; these alone prove something."""
        return len(self._characters) / max(self._characters.total(), 1)

    @property
    def is_text(self) -> bool:
        """Whether the file is a text of the script, read so."""
        if not self.fits or FILLER in self._characters:
            return False
        return self._part(self._script.expected) >= _EXPECTED and self.usual_part() >= _USUAL

    def usual_part(self) -> float:
        """What part of the characters beyond ASCII is usual in the script."""
        return self._part(self._script.usual)

    def characters(self) -> int:
        """How many characters beyond ASCII there are."""
        return self._characters.total()

    def _part(self, kinds: frozenset[str]) -> float:
        counts = self._kinds()
        return sum(counts[kind] for kind in kinds) / max(counts.total(), 1)

    def _kinds(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for character, number in self._characters.items():
            counts[self._script.kind_of(character)] += number
        return counts


class EscapedReading(ScriptReading):
    """A file of seven bits whose escape sequences (ISO 2022) say where another script begins and ends."""

    def take(self, piece: bytes, *, final: bool = False) -> None:
        """Read the next piece."""
        self.fits = self.fits and piece.isascii()
        super().take(piece, final=final)

    @property
    def is_text(self) -> bool:
        """Whether the file has escape sequences, and is a text of the script."""
        return self.characters() > 0 and super().is_text
