"""The lines of a mail's head: texts, people and file names in ASCII (RFC 5322, RFC 2047, RFC 2231), folded.

Everything is written in 7 bits but mailboxes whose local part is not ASCII (RFC 6532). Control characters, which the
plan has refused already, become spaces: no text can add a line.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from urllib.parse import quote

from batchmail.message import Address

_LINE = 76
#: RFC 5322 lets a line have 998 characters; so much of a word leaves room for what stands beside it.
_WORD = 900
#: `=?utf-8?b?…?=` may have 75 characters (RFC 2047, section 2): 60 of Base64, which hold 45 bytes.
_FRAME = len("=?utf-8?b??=")
_ENCODED_BYTES = 45
_WITHIN_CHARACTERS = range(0x80, 0xC0)  # bytes of UTF-8 that begin none

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_VISIBLE = re.compile(r"[!-~]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MAILBOX = re.compile("[^\x00-\x20\x7f-\xa0\u2028\u2029<>]+")
#: What is left of a line beside `filename*10*=` and a semicolon.
_ESCAPED = _LINE - 16
#: Many mails have the same sender, copies and subject, which are folded once.
_LINES = 256
#: Many mails have the same attachments.
_FILENAMES = 256

#: A word of a line, and whether it has to be encoded.
_Word = tuple[str, bool]


@lru_cache(maxsize=_LINES)
def text_line(name: str, text: str) -> str:
    """A header field with a text, for example the subject."""
    line = one_line(text)
    if len(name) + len(line) < _LINE - 1 and _is_plain(line):
        return f"{name}: {line}\r\n"
    return _folded(name, _words(line))


@lru_cache(maxsize=_LINES)
def address_line(name: str, addresses: tuple[Address, ...]) -> str:
    """A header field with people. Raises ValueError for a mailbox that would be read as anything else."""
    words: list[_Word] = []
    for address in addresses:
        words += _person(address)
        words[-1] = (f"{words[-1][0]},", False)
    last, _ = words[-1]
    return _folded(name, [*words[:-1], (last.removesuffix(","), False)])


def word_line(name: str, words: Iterable[str]) -> str:
    """A header field with words that mean something to programs and are never encoded, for example addresses in <>."""
    return _folded(name, ((one_line(word), False) for word in words))


@lru_cache(maxsize=_FILENAMES)
def filename_parameter(filename: str) -> str:
    """A file name after a content disposition; one that is not plain ASCII in numbered pieces (RFC 2231)."""
    shown = one_line(filename)
    if _is_plain_filename(shown):
        return f';\r\n filename="{shown}"'
    pieces = list(_escaped(shown))
    if len(pieces) == 1:
        return f";\r\n filename*={pieces[0]}"
    return "".join(f";\r\n filename*{number}*={piece}" for number, piece in enumerate(pieces))


@lru_cache(maxsize=_FILENAMES)
def name_parameter(filename: str) -> str:
    """A file name after a media type, for readers that do not know RFC 2231: in encoded words where it is not ASCII."""
    shown = one_line(filename)
    words = [shown] if _is_plain_filename(shown) else _encoded(shown, _LINE - len(' name=""'))
    return ';\r\n name="' + "\r\n ".join(words) + '"'


def one_line(text: str) -> str:
    """A text without control characters and line breaks of any kind: spaces stand in their place."""
    return _CONTROLS.sub(" ", text) if not text.isprintable() else text


def _person(address: Address) -> Iterator[_Word]:
    """The words of a name with its mailbox."""
    if not _MAILBOX.fullmatch(address.mailbox):
        raise ValueError(f"no mailbox: {address.mailbox!r}")
    name = one_line(address.name).strip()
    if not name:
        yield address.mailbox, False
        return
    if "=?" not in name and len(name) < _LINE and _ATOMS.fullmatch(name):
        yield from ((word, False) for word in name.split(" "))
    elif "=?" not in name and len(name) < _LINE // 2 and name.isascii():
        yield '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"', False
    else:
        yield name, True
    yield f"<{address.mailbox}>", False


def _words(line: str) -> Iterator[_Word]:
    """The words of a text. Those side by side that are to be encoded are one: spaces between encoded words are lost."""
    if "  " in line or line != line.strip(" "):
        yield line, True
        return
    for plain, words in groupby(line.split(" "), _is_plain_word):
        if plain:
            yield from ((word, False) for word in words)
        else:
            yield " ".join(words), True


def _is_plain(line: str) -> bool:
    """Whether a line can stand as it is: no encoded word is needed, and nothing could be taken for one."""
    return line.isascii() and "=?" not in line and "  " not in line and line == line.strip(" ") and line != ""


def _escaped(filename: str) -> Iterator[str]:
    """A file name in %XX, in pieces that fit into a line and divide no character."""
    piece = "utf-8''"
    for character in filename:
        escaped = quote(character, safe="", errors="replace")
        if len(piece) + len(escaped) > _ESCAPED:
            yield piece
            piece = ""
        piece += escaped
    yield piece


def _is_plain_filename(filename: str) -> bool:
    return (
        _is_plain(filename) and len(filename) < _LINE - len(' filename="";') and not {'"', "\\"}.intersection(filename)
    )


def _is_plain_word(word: str) -> bool:
    return "=?" not in word and len(word) < _WORD and _VISIBLE.fullmatch(word) is not None


def _folded(name: str, words: Iterable[_Word]) -> str:
    """A header field in lines of at most 76 characters, where its words allow that."""
    start = f"{name}:"
    lines = [start]
    for text, to_encode in words:
        for word in _encoded(text, _LINE - 1 - len(lines[-1])) if to_encode else (text,):
            # Some readers take a line break after the name for a part of the text.
            if len(lines[-1]) + len(word) < _LINE or (lines[-1] is start and not to_encode):
                lines[-1] += f" {word}"
            else:
                lines.append(f" {word}")
    return "\r\n".join([*lines, ""])


def _encoded(text: str, room: int) -> Iterator[str]:
    """A text in encoded words, the first of at most `room` characters if that is enough for a character."""
    data = text.encode("utf-8", "replace")
    start = 0
    while start < len(data):
        size = (room - _FRAME) // 4 * 3
        end = start + (min(size, _ENCODED_BYTES) if size >= _ENCODED_BYTES // 4 else _ENCODED_BYTES)
        while end < len(data) and data[end] in _WITHIN_CHARACTERS:
            end -= 1
        yield f"=?utf-8?b?{b64encode(data[start:end]).decode('ascii')}?="
        start, room = end, _LINE - 1
