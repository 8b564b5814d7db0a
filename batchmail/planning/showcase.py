"""The rows that show best what a job sends: every branch of its templates, every script, and the extremes."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from batchmail.message import Message
from batchmail.row import Row

#: Rows are remembered by what they show; after so many combinations only rows that show something new are.
COMBINATIONS = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A row that is shown, its message, and why it was chosen."""

    row: Row
    message: Message
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    row: Row
    message: Message
    traits: frozenset[str]


class Showcase:
    """Looks at every message; keeps one for each combination of what messages can show, and the extremes."""

    def __init__(self, used: Iterable[int]) -> None:
        """`used` are the positions of the columns that the templates use."""
        self._used = tuple(used)
        self._by_traits: dict[frozenset[str], _Seen] = {}
        self._known: set[str] = set()
        self._extremes: dict[str, tuple[int, _Seen]] = {}

    def look(self, row: Row, message: Message, branches: frozenset[str]) -> None:
        """Consider a row that took these branches."""
        seen = _Seen(row, message, branches | frozenset(self._traits(row, message)))
        new = not seen.traits <= self._known
        if new or (seen.traits not in self._by_traits and len(self._by_traits) < COMBINATIONS):
            self._by_traits.setdefault(seen.traits, seen)
            self._known |= seen.traits
        self._measure("longest", len(message.subject) + len(message.body), seen)
        blank = sum(1 for position in self._used if not row.texts[position].strip())
        if blank:
            self._measure("most blank cells", blank, seen)

    def shown(self) -> tuple[Shown, ...]:
        """The rows in their order: as few as show all that any row shows, and the extremes."""
        reasons: dict[int, list[str]] = {}
        chosen: dict[int, _Seen] = {}
        for seen, why in (*self._cover(), *((seen, [name]) for name, (_, seen) in self._extremes.items())):
            chosen[seen.row.position] = seen
            reasons.setdefault(seen.row.position, []).extend(why)
        return tuple(Shown(chosen[at].row, chosen[at].message, tuple(reasons[at])) for at in sorted(chosen))

    def _measure(self, name: str, amount: int, seen: _Seen) -> None:
        if name not in self._extremes or amount > self._extremes[name][0]:
            self._extremes[name] = (amount, seen)

    def _cover(self) -> Iterator[tuple[_Seen, list[str]]]:
        """Always the row that shows most of what is not shown yet, the earlier one of two; with what it adds."""
        left = set(self._known)
        candidates = sorted(self._by_traits.values(), key=lambda seen: seen.row.position)
        while left:
            best = max(candidates, key=lambda seen: len(left & seen.traits))
            yield best, sorted(left & best.traits)
            left -= best.traits
        if not self._known and candidates:
            yield candidates[0], ["first"]

    def _traits(self, row: Row, message: Message) -> Iterator[str]:
        if message.attachments:
            yield f"{len(message.attachments)} file{'s' if len(message.attachments) > 1 else ''}"
        if len(message.recipients) > 1:
            yield "several recipients"
        for position in self._used:
            text = row.texts[position]
            if not text.isascii():
                yield from scripts(text)


def scripts(text: str) -> set[str]:
    """What a text is written in beside plain ASCII: `Hangul`, `Han characters`, `other characters`."""
    return {_script(character) for character in set(text) if not character.isascii()}


#: Scripts by the first word of their characters' names in Unicode.
_SCRIPTS = {
    **{name.upper(): name for name in ("Hangul", "Hiragana", "Katakana", "Greek", "Cyrillic", "Arabic", "Thai")},
    "CJK": "Han characters",
    "LATIN": "Latin with accents",
}


@lru_cache(maxsize=10_000)
def _script(character: str) -> str:
    word = unicodedata.name(character, "").partition(" ")[0].partition("-")[0]
    return _SCRIPTS.get(word, "other characters")
