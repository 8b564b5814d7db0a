"""Numbers, durations and plurals as people read them."""

import re
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from unicodedata import east_asian_width

#: What no shell of Windows reads as anything else.
_PLAIN = re.compile(r"[\w@.,:=+/\\-]+")
_UNITS = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def grouped(number: int) -> str:
    """1204 as 1,204."""
    return f"{number:,}"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: 1 row, 1,204 rows."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """The two largest units of a time: 9 min 48 s, 2 days 3 h; tenths below ten seconds."""
    if seconds < 10:  # noqa: PLR2004  below it, tenths tell something
        return f"{seconds:.1f} s"
    left = round(seconds)
    parts: list[str] = []
    for name, size in _UNITS:
        amount, left = divmod(left, size)
        if amount or parts:
            parts.append(f"{amount} {name}{'s' if name == 'day' and amount != 1 else ''}")
    return " ".join(part for part in parts[:2] if not part.startswith("0 "))


def lasting(seconds: float) -> str:
    """A time as somebody plans with it: 2 days 3 h, over 3 days."""
    days = int(seconds // 86_400)
    return f"{duration(seconds)}, over {days + 1} days" if days else duration(seconds)


def about(seconds: float) -> str:
    """How long something will take, to stand behind what it is; empty where that is unknown, or no time at all."""
    return f", about {lasting(seconds)}" if seconds >= 1 else ""


def moment(at: datetime, now: datetime) -> str:
    """A time to come: 14:02:07 today, Sun 22 Nov 09:12 on another day."""
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%a} {at.day} {at:%b %H:%M}"


def as_typed(arguments: Sequence[str]) -> str:
    """A command that can be pasted into this system's command line; nothing in it steers the terminal."""
    return printable(as_typed_on_windows(arguments) if sys.platform == "win32" else shlex.join(arguments))


def as_typed_on_windows(arguments: Sequence[str]) -> str:
    """A command for `cmd` and PowerShell: both take words in double quotes as they are, but for `%` and `$`."""
    return " ".join(each if _PLAIN.fullmatch(each) else _in_quotes(each) for each in arguments)


def _in_quotes(argument: str) -> str:
    """Backslashes count where a quote follows (Microsoft C startup code, "Parsing C command-line arguments")."""
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', argument)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'


def wrapped(text: str, columns: int) -> list[str]:
    """A text in lines of so many columns of a terminal, broken at spaces where there are some."""
    lines = [""]
    left = columns
    for word in re.findall(r"\s*\S+", text):
        needed = _columns(word)
        if needed <= left:
            lines[-1] += word
            left -= needed
            continue
        *whole, last = _broken(word.lstrip(), columns)
        lines += [*whole, last]
        left = columns - _columns(last)
    return lines[1:] if len(lines) > 1 and not lines[0] else lines


def _broken(word: str, columns: int) -> list[str]:
    """A word in parts that fit, one where it fits as a whole."""
    parts, left = [""], columns
    for character in word:
        needed = _columns(character)
        if needed > left:
            parts.append("")
            left = columns
        parts[-1] += character
        left -= needed
    return parts


def _columns(text: str) -> int:
    """How wide a terminal shows a text: East Asian wide characters take two columns (Unicode, UAX #11)."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def size(number: int) -> str:
    """A number of bytes: 940 bytes, 12 kB, 3.4 MB."""
    if number < 1_000:  # noqa: PLR2004  the unit's own size
        return count(number, "byte")
    kilobytes = number / 1_000
    return f"{kilobytes:,.0f} kB" if kilobytes < 1_000 else f"{kilobytes / 1_000:,.1f} MB"  # noqa: PLR2004  likewise


def printable(text: str) -> str:
    """A text without characters that could steer a terminal; line breaks and tabs stay."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
