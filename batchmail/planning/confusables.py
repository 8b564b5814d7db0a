"""Letters that are taken for others (Unicode Technical Standard 39, as far as domains have use for it)."""

import unicodedata
from functools import lru_cache

#: Cyrillic, Greek and Armenian letters that look like a Latin one in common fonts.
_TWINS = str.maketrans(
    {
        **dict(zip("абвгеёзіїјкмнорсѕтухһԁӏԛԝпь", "a6bree3iijkmhopcstyxhdlqwnb", strict=True)),
        **dict(zip("αβγεηικνοοpρτυχω", "abyenikvoopptuxw", strict=True)),
        **dict(zip("օոսցհզ", "onughq", strict=True)),
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
    }
)
_DIGITS = str.maketrans("01", "ol")
_PAIRS = (("rn", "m"), ("vv", "w"))

#: Scripts that are written together, and with Latin.
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})


def skeleton(text: str) -> str:
    """A text as a hasty reader sees it: two that look alike have the same."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    seen = bare.translate(_TWINS).translate(_DIGITS)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return seen


def disguised(label: str) -> str:
    """The Latin word that a label of another alphabet is read as; empty where it cannot be taken for one."""
    letters = [each for each in label if each.isalpha()]
    if not letters or any(_script(each) == "LATIN" for each in letters):
        return ""
    read = label.translate(_TWINS)
    return read if read.isascii() else ""


def mixes_scripts(text: str) -> bool:
    """Whether one word has letters of alphabets that nobody writes together, as Latin and Cyrillic."""
    if text.isascii():
        return False
    scripts = {_script(each) for each in text if each.isalpha()}
    alphabets = scripts - _EAST_ASIAN
    return len(alphabets) > 1 or (len(alphabets) < len(scripts) and not alphabets <= {"LATIN"})


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "OTHER").replace("-", " ").partition(" ")[0]
