"""What strace saw, as steps, and a disk that has taken some of them when the power fails.

A write is sure to be on the disk when the file was synced after it; a name when its folder was. What came after may be
there, or not, or in part: in sectors of 512 bytes, and in any order.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from random import Random
from typing import assert_never

SECTOR = 512
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)(?:<(?P<path>.*?)>)?", re.DOTALL)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FILE = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})*)>")
_SUBJECT = re.compile(rb'"subject":\s*"(job\d+) (\d+)"')


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes went into a file at an offset."""

    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was cut, or stretched, to a length."""

    path: str
    length: int


@dataclass(frozen=True, slots=True)
class Synced:
    """All that went into a file is on the disk; of a folder, all its names."""

    path: str


@dataclass(frozen=True, slots=True)
class Made:
    """A file or folder was made."""

    path: str
    folder: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """A file is gone."""

    path: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The first byte of the request that brings a row's mail left."""

    key: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has a row's mail in its accept log."""

    key: str


Step = Written | Cut | Synced | Made | Removed | Begun | Taken


def steps_of(log: Path) -> list[Step]:
    """What was done, in order: a sync when it had ended, all else when it began."""
    steps = list(_steps(_whole_calls(log.read_text(encoding="ascii"))))
    return [step for step in steps if not (isinstance(step, Begun) and not step.key)]


def _whole_calls(text: str) -> Iterator[tuple[str, str]]:
    """Process and call; a call that another interrupted in the log comes where it ended, but a sending where it began.

    Only syncs and openings take long enough for that to matter; each process is in one call at a time.
    """
    unfinished: dict[str, str] = {}
    for line in text.splitlines():
        process, _, call = line.partition(" ")
        call = call.lstrip()
        if call.endswith("<unfinished ...>"):
            begun = call.removesuffix("<unfinished ...>").rstrip()
            unfinished[process] = begun
            if begun.startswith(("sendto(", "write(")):
                unfinished[process] = ""
                yield process, f"{begun.rstrip(', ')}) = 0"
        elif call.startswith("<... "):
            begun = unfinished.pop(process)
            if begun:
                yield process, begun + call.partition("resumed>")[2]
        else:
            yield process, call


def _steps(calls: Iterable[tuple[str, str]]) -> Iterator[Step]:
    waiting: dict[tuple[str, str], int] = {}
    found: list[Step] = []
    for process, text in calls:
        call = _CALL.match(text)
        if call is None or int(call["result"]) < 0:
            continue
        if _is_sending(call):
            _sent(process, call["arguments"], waiting, found)
        else:
            found.extend(_filed(call))
    assert not waiting, "a request has no mail that can be recognised"
    return iter(found)


def _is_sending(call: "re.Match[str]") -> bool:
    """Python's own loop sends to sockets, uvloop writes to them."""
    file = _FILE.match(call["arguments"])
    to_socket = file is not None and _text(file[2]).startswith("socket:")
    return call["name"] == "sendto" or (call["name"] == "write" and to_socket)


def _sent(process: str, arguments: str, waiting: dict[tuple[str, str], int], found: list[Step]) -> None:
    """A request begins with its head; whose mail it brings is only seen in its body."""
    data = _bytes(arguments)
    connection = (process, arguments.partition("<")[0])
    if data.startswith(b"POST "):
        waiting[connection] = len(found)
        found.append(Begun(""))
    subject = _SUBJECT.search(data)
    if subject and connection in waiting:
        found[waiting.pop(connection)] = Begun(subject[2].decode())


def _filed(call: "re.Match[str]") -> Iterator[Step]:
    name, arguments = call["name"], call["arguments"]
    file = _FILE.match(arguments)
    path = _text(file[2]) if file else ""
    match name:
        case "openat" if "O_CREAT" in arguments:
            yield Made(_text(call["path"] or ""), folder=False)
        case "mkdir" | "mkdirat":
            yield Made(_bytes(arguments).decode(), folder=True)
        case "unlink" | "unlinkat":
            yield Removed(_bytes(arguments).decode())
        case "pwrite64":
            yield Written(path, int(arguments.rpartition(", ")[2]), _bytes(arguments))
        case "write" if path.endswith("/index.jsonl"):
            subject = _SUBJECT.search(_bytes(arguments))
            assert subject is not None
            yield Taken(subject[2].decode())
        case "ftruncate":
            yield Cut(path, int(arguments.rpartition(", ")[2]))
        case "fsync" | "fdatasync":
            yield Synced(path)


def _bytes(arguments: str) -> bytes:
    text = _TEXT.search(arguments)
    return bytes.fromhex(text[1].replace("\\x", "")) if text else b""


def _text(escaped: str) -> str:
    return bytes.fromhex(escaped.replace("\\x", "")).decode()


Change = Written | Cut


@dataclass(slots=True)
class File:
    """A file on the disk: what is sure to be in it, and what was asked for since."""

    sure: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            apply(self.sure, change)
        self.pending.clear()

    def after(self, changes: Iterable[Change]) -> bytes:
        """Its content, had these been done."""
        content = bytearray(self.sure)
        for change in changes:
            apply(content, change)
        return bytes(content)


def apply(content: bytearray, change: Change) -> None:
    """Do a change."""
    match change:
        case Written(_, offset, data):
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(data)] = data
        case Cut(_, length):
            del content[length:]
            content.extend(bytes(length - len(content)))
        case _:
            assert_never(change)


def some(changes: list[Change], random: Random) -> Iterator[list[Change]]:
    """What of the unsynced changes may be on the disk: none, all, all but one, the first, any; or one in part."""
    yield []
    if not changes:
        return
    yield changes
    gone = random.randrange(len(changes))
    yield changes[:gone] + changes[gone + 1 :]
    yield changes[: random.randrange(len(changes)) + 1]
    yield [change for change in changes if random.random() < 0.5]
    torn = random.randrange(len(changes))
    yield changes[:torn] + list(_torn(changes[torn], random))
    yield changes[:torn] + list(_torn(changes[torn], random)) + changes[torn + 1 :]


def _torn(change: Change, random: Random) -> Iterator[Change]:
    """Only some sectors of a write."""
    if isinstance(change, Cut):
        return
    for start in range(0, len(change.data), SECTOR):
        if random.random() < 0.5:
            yield Written(change.path, change.offset + start, change.data[start : start + SECTOR])


class Disk:
    """The journal's files as the steps leave them."""

    def __init__(self, journal: PurePath) -> None:
        self.files = {str(journal): File(), f"{journal}-wal": File(), f"{journal}-journal": File()}

    def take(self, step: Step) -> None:
        """Do a step."""
        match step:
            case Written(path) | Cut(path) if path in self.files:
                self.files[path].pending.append(step)
            case Synced(path) if path in self.files:
                self.files[path].sync()
            case Removed(path) if path in self.files:
                self.files[path] = File()

    def save(self, folder: Path, chosen: dict[str, list[Change]]) -> Path:
        """Put the files into a folder, with these of their unsynced changes; gives the journal there."""
        folder.mkdir(exist_ok=True)
        for path, file in self.files.items():
            target = folder / PurePath(path).name
            content = file.after(chosen.get(path, []))
            target.unlink(missing_ok=True)
            if content or path.endswith(".db"):
                target.write_bytes(content)
        return folder / next(PurePath(path).name for path in self.files)
