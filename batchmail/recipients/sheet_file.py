"""The file that a sheet is kept in: whether it can be read, and whether it is still the same."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import Location, TextLocation
from batchmail.recipients.base import SheetBroken
from batchmail.wording import did_you_mean, shown

_NAMES_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class FileState:
    """What shows that a file was written again: its size in bytes and when it was changed."""

    size: int
    modified_nanoseconds: int

    @classmethod
    def of(cls, file: BufferedReader) -> "FileState":
        """The state of an open file."""
        status = os.fstat(file.fileno())
        return cls(status.st_size, status.st_mtime_ns)

    def check(self, file: BufferedReader, path: Path) -> None:
        """Raise SheetBroken where the open file is no longer in this state."""
        if FileState.of(file) != self:
            raise changed(path)


@contextmanager
def opened(path: Path, where: Location) -> Iterator[BufferedReader]:
    """The file, open for reading. Raises SheetBroken at `where` for whatever cannot be opened or read.

    Reading from a pipe or a device could last for ever; only regular files are opened.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SheetBroken(_not_a_file(path, where))
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise SheetBroken(_missing(path, where)) from None
    except OSError as error:
        raise SheetBroken(_unreadable(path, where, error)) from None


def changed(path: Path) -> SheetBroken:
    """What is raised where a file is not the one that was opened."""
    return SheetBroken(
        rules.SHEET_BROKEN.finding(
            f"`{shown(path.name)}` was changed while it was being read",
            TextLocation(path),
            "Close it in other programs, then run this command again.",
        )
    )


def _missing(path: Path, where: Location) -> Finding:
    names: list[str] = []
    try:
        for each in path.parent.iterdir():
            names.append(each.name)
            if len(names) == _NAMES_LOOKED_AT:
                break
    except OSError:
        otherwise = f"The folder {shown(path.parent.as_posix())} is not there."
    else:
        otherwise = f"Looked in {shown(path.parent.as_posix())}."
    message = f"`{shown(path.name)}` is not there"
    return rules.FILE_MISSING.finding(message, where, did_you_mean(path.name, names, otherwise), text=shown(path.name))


def _not_a_file(path: Path, where: Location) -> Finding:
    what = "is a folder" if path.is_dir() else "is no file"
    return rules.FILE_UNREADABLE.finding(f"`{shown(path.name)}` {what}", where, "Name a file.", text=shown(path.name))


def _unreadable(path: Path, where: Location, error: OSError) -> Finding:
    if isinstance(error, PermissionError):
        message = f"`{shown(path.name)}` may not be read by this account, or another program holds it"
        hint = "Close it in other programs, and check its rights."
    else:
        message = f"`{shown(path.name)}` cannot be read: {error.strerror or type(error).__name__}"
        hint = "Check its name, its rights and the disk."
    return rules.FILE_UNREADABLE.finding(message, where, hint, text=shown(path.name))
