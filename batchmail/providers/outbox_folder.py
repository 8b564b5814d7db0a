"""Mails in a folder, in the three forms that mail programs read: a file each, one file for all, or a Maildir.

The library's `mailbox` would read a whole mbox before it adds to it, its locks outlive a crash or do not exist on
Windows, and it gives a mail that is written again another name.
"""

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from io import FileIO
from pathlib import Path
from threading import Lock
from typing import Protocol

from batchmail.private_file import make_private_folder, write_private
from batchmail.providers.file_lock import FileBusy, exclusive

#: Another job in the same folder appends in a moment, in seconds.
_PATIENCE_SECONDS = 60.0
_EPOCH = datetime.fromtimestamp(0, UTC)
_IDENTITY = re.compile(r"[0-9A-Za-z]+(\.[0-9A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail to be written, with CRLF at the ends of its lines."""

    identity: str
    date: datetime | None
    pieces: tuple[bytes, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """A name for a file: the same for the same mail, so that one that is written again replaces itself."""
        if _IDENTITY.fullmatch(self.identity):
            return self.identity
        digest = blake2b(digest_size=16)
        for piece in self.pieces:
            digest.update(piece)
        return digest.hexdigest()

    def unix_lines(self) -> bytes:
        """The mail with LF at the ends of its lines."""
        return b"".join(self.pieces).replace(b"\r\n", b"\n")


class Store(Protocol):
    """Where mails are kept. Safe to be used by several threads."""

    @property
    def folder(self) -> Path:
        """The folder; it is made when it is needed."""
        ...

    def write(self, entry: Entry) -> str:
        """Put a mail there; it is on the disk when this returns its name. Raises OSError, and then it is not there."""
        ...


class _Making:
    """Makes a folder when its first mail comes: its name is brought to the disk once, not with every mail."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made = False

    def make(self, folder: Path, *inside: str) -> None:
        """Make it where it is not there, or no longer. Raises OSError."""
        with self._lock:
            if self._made and folder.is_dir():
                return
            make_private_folder(folder)
            for name in inside:
                (folder / name).mkdir(mode=0o700, exist_ok=True)
            self._made = True


@dataclass(frozen=True, slots=True)
class EmlFolder:
    """A file for each mail."""

    folder: Path
    _making: _Making = field(default_factory=_Making, repr=False)

    def write(self, entry: Entry) -> str:
        """The mail as a file of its own."""
        self._making.make(self.folder)
        name = f"{entry.name}.eml"
        write_private(self.folder / name, entry.pieces, self.folder)
        return name


@dataclass(frozen=True, slots=True)
class Maildir:
    """A file for each mail, in the folders that mail servers use (https://cr.yp.to/proto/maildir.html)."""

    folder: Path
    _making: _Making = field(default_factory=_Making, repr=False)

    def write(self, entry: Entry) -> str:
        """The mail as a new one, which nobody has seen. Its name has no colon, which Windows would not take."""
        self._making.make(self.folder, "tmp", "new", "cur")
        write_private(self.folder / "new" / entry.name, [entry.unix_lines()], self.folder / "tmp")
        return entry.name


@dataclass(frozen=True, slots=True)
class Mbox:
    """One file for all mails, the newest last (RFC 4155). Only here, a mail that is written again is there twice."""

    folder: Path
    _making: _Making = field(default_factory=_Making, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def write(self, entry: Entry) -> str:
        """The mail at the end of the file. What a crash left of another is ended first."""
        made = _from_line(entry) + entry.unix_lines() + b"\n"
        path = self.folder / "outbox.mbox"
        with self._lock:
            self._making.make(self.folder)
            try:
                with exclusive(path, _PATIENCE_SECONDS), FileIO(path, "a+", opener=_private) as file:
                    _append(file, made)
            except FileBusy:
                raise OSError(f"another program keeps {path.name}") from None
        return entry.name


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _append(file: FileIO, made: bytes) -> None:
    """Write at the end of a file, all or nothing. Raises OSError."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(end - 2, 0))
    last = file.read(2)
    missing = b"" if not end or last == b"\n\n" else b"\n" if last.endswith(b"\n") else b"\n\n"
    try:
        rest = memoryview(missing + made)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except BaseException:
        file.truncate(end)
        raise


def _from_line(entry: Entry) -> bytes:
    moment = (entry.date or _EPOCH).astimezone(UTC)
    return f"From MAILER-DAEMON {moment.ctime()}\n".encode("ascii")
