"""Which file goes to whom: the personal files of all rows, remembered in little room."""

import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from batchmail.message import Message

#: A digest of the file (8 bytes), one of its people (4), and the row's position (4).
_RECORD = 16
_FILE = 8
_PEOPLE = 12

#: A part of a key belongs to the files' names where so large a part of the names holds it.
_SHARE = 0.1


@dataclass(slots=True)
class Naming:
    """Whether the names of one attachment's files hold one part of the key: how many do, and the rows of the others."""

    held: int = 0
    lacking: "array[int]" = field(default_factory=lambda: array("I"))

    @property
    def used(self) -> bool:
        """Whether this part of the key belongs to the names, so that a name without it is a wrong one."""
        return self.held >= _SHARE * (self.held + len(self.lacking)) > 0


@dataclass(frozen=True, slots=True)
class ForTwo:
    """A file that two rows have, by their positions."""

    first: int
    second: int


class Bindings:
    """Takes in the personal files of every row: 16 bytes for each, and 4 more for each that lacks its row's key."""

    def __init__(self) -> None:
        self._records = [bytearray() for _ in range(256)]
        self._namings: dict[tuple[int, int], Naming] = {}

    def look(self, message: Message, position: int, key: Sequence[str], folder: str) -> None:
        """Take a row in; `folder` is the beginning of paths that is no part of a file's name."""
        people = b""
        for attachment in message.attachments:
            if attachment.personal is None:
                continue
            people = people or _digest("\n".join(sorted(each.mailbox.casefold() for each in message.to)), 4)
            file = _digest(attachment.personal.file, _FILE)
            self._records[file[0]] += file + people + position.to_bytes(4, "big")
            name = str(attachment.path).removeprefix(folder)
            for number, part in enumerate(key):
                naming = self._namings.setdefault((attachment.personal.number, number), Naming())
                if holds(name, part):
                    naming.held += 1
                else:
                    naming.lacking.append(position)

    def by_attachment(self) -> dict[int, list[Naming]]:
        """How the files of each attachment are named, for each part of the key."""
        grouped: dict[int, list[Naming]] = {}
        for (number, _), naming in self._namings.items():
            grouped.setdefault(number, []).append(naming)
        return grouped

    def for_two(self) -> Iterator[ForTwo]:
        """Files that rows of different people have, each with the first of them."""
        for bucket in self._records:
            firsts: dict[bytes, bytes] = {}
            for at in range(0, len(bucket), _RECORD):
                record = bytes(bucket[at : at + _RECORD])
                first = firsts.setdefault(record[:_FILE], record)
                if record[:_PEOPLE] != first[:_PEOPLE]:
                    yield ForTwo(_position(first), _position(record))


def _position(record: bytes) -> int:
    return int.from_bytes(record[_PEOPLE:], "big")


def holds(name: str, part: str) -> bool:
    """Whether a file's name has a part of the key in it as a whole: `10.pdf` does not hold `1`."""
    name, part = folded(name), folded(part)
    at = name.find(part)
    while at >= 0:
        end = at + len(part)
        if not (_go_on(name[at - 1 : at], part[0]) or _go_on(part[-1], name[end : end + 1])):
            return True
        at = name.find(part, at + 1)
    return False


def folded(text: str) -> str:
    """A text as names are compared: whatever the case of its letters, and however they are composed."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _go_on(left: str, right: str) -> bool:
    """Whether two neighbours make one number or one word; scripts without capitals run their words together."""
    return (left.isdecimal() and right.isdecimal()) or (_cased(left) and _cased(right))


def _cased(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
