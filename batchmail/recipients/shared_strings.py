"""The texts of a workbook, which its cells name by number (ECMA-376 part 1, 18.4)."""

import re
from array import array
from typing import IO

from batchmail.recipients.xml_stream import local, parse

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATES = range(0xD800, 0xE000)


class SharedStrings:
    """Texts by their numbers, packed: millions of them take little more memory than in the file."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("I", [0])  # no workbook that is read has more bytes

    def append(self, text: str) -> None:
        """Take the next text in."""
        self._bytes += text.encode("utf-8")
        self._ends.append(len(self._bytes))

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode("utf-8")

    def __len__(self) -> int:
        return len(self._ends) - 1


def shared_strings(source: IO[bytes]) -> SharedStrings:
    """The texts of the part sharedStrings.xml; readings of Japanese words (rPh) are no part of a text."""
    handler = _Strings()
    for _ in parse(source, handler):
        pass
    return handler.strings


def unescaped(text: str) -> str:
    """A text with its characters written as _xHHHH_ (18.18.94: ST_Xstring) in their places."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return found[0] if number in _SURROGATES else chr(number)


class _Strings:
    def __init__(self) -> None:
        self.strings = SharedStrings()
        self._pieces: list[str] = []
        self._in_text = False
        self._in_reading = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        match local(name):
            case "t":
                self._in_text = not self._in_reading
            case "rPh":
                self._in_reading = True
            case "si":
                self._pieces.clear()

    def end(self, name: str) -> None:
        match local(name):
            case "t":
                self._in_text = False
            case "rPh":
                self._in_reading = False
            case "si":
                self.strings.append(unescaped("".join(self._pieces)))

    def text(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)
