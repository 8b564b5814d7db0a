"""Korean particles: 은 or 는, 을 or 를, as the sound that a word ends with asks for.

The libraries for it on the package index are abandoned, or days old; the rule is that of standard Korean orthography.
"""

import re

#: The particles by their forms after a consonant and after a vowel.
_PAIRS = (
    "은/는",
    "이/가",
    "을/를",
    "과/와",
    "으로/로",
    "아/야",
    "이여/여",
    "이나/나",
    "이랑/랑",
    "이며/며",
    "이다/다",
    "이라/라",
)
_FORMS = {form: tuple(pair.split("/")) for pair in _PAIRS for form in (pair, *pair.split("/"))}

_FIRST, _LAST = "가", "힣"
_FINALS = 28
_RIEUL = 8
#: How digits sound in Korean: the final of 영 일 이 삼 사 오 육 칠 팔 구, as in a syllable.
_DIGITS = {"0": 21, "1": 8, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": 8, "8": 8, "9": 0}
#: The letters whose Korean names end with a consonant: 엘, 엠, 엔, 알.
_LETTERS = {"l": 8, "m": 16, "n": 4, "r": 8}
#: What stands in brackets, and marks, are not read aloud: 삼성(주).
_UNREAD = re.compile(r"(\([^()]*\)|[^\w가-힣])+$")


class UnknownParticle(ValueError):
    """A particle that is none of the pairs."""

    def __init__(self, particle: str) -> None:
        super().__init__(f"`{particle}` is no particle: the known ones are {', '.join(_PAIRS)}")


def with_particle(word: str, particle: str) -> str:
    """A word with the form of a particle that fits it: `김민수` and 은/는 (or one of the two) give `김민수는`.

    Both forms are written where the sound is not known: `髙橋은(는)`. Raises UnknownParticle.
    """
    if particle not in _FORMS:
        raise UnknownParticle(particle)
    after_consonant, after_vowel = _FORMS[particle]
    final = _final(word)
    if final is None:
        optional = after_consonant.removesuffix(after_vowel)
        both = f"({optional}){after_vowel}" if optional != after_consonant else f"{after_consonant}({after_vowel})"
        return f"{word}{both}"
    vowel = final == 0 or (final == _RIEUL and after_consonant == "으로")
    return f"{word}{after_vowel if vowel else after_consonant}"


def _final(word: str) -> int | None:
    """The number of the final consonant that a word is spoken with, 0 for none; None where nobody knows."""
    spoken = _UNREAD.sub("", word)
    last = spoken[-1:].lower()
    if _FIRST <= last <= _LAST:
        return (ord(last) - ord(_FIRST)) % _FINALS
    if last in _DIGITS:
        return _DIGITS[last] if last != "0" else _zeros(spoken)
    if last.isascii() and last.isalpha():
        return _letter(spoken)
    return None


def _zeros(spoken: str) -> int:
    """십 백 천 만 억: 10 ends with ㅂ, 100 with ㄱ, 1,000 to 10,000,000 with ㄴ, 100,000,000 with ㄱ; 0 alone is 영."""
    zeros = len(spoken) - len(spoken.rstrip("0"))
    if zeros == len(spoken) or not spoken[-zeros - 1].isdigit():
        return _DIGITS["0"]
    return {1: 17, 2: 1, 8: 1}.get(zeros, 4)


def _letter(spoken: str) -> int | None:
    """Single letters are spelt; words of another language are spoken in ways that their spelling does not tell."""
    if len(spoken) == 1 or spoken[-2:].isupper():
        return _LETTERS.get(spoken[-1].lower(), 0)
    return None
