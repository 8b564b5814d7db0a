"""The files that go with a message: found within the manifest's folder, measured and hashed once."""

import mimetypes
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path, PurePosixPath, PureWindowsPath

from batchmail.finding import Rule
from batchmail.rules import ATTACHMENT_EMPTY, ATTACHMENT_MISSING, ATTACHMENT_OUTSIDE, FILE_UNREADABLE

#: Hashes of files are remembered for so many files; a job with more personal files than this hashes each once anyway.
REMEMBERED_FILES = 10_000


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that can be attached; size in bytes, digest SHA-256 in hex."""

    path: Path
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class FileFault:
    """Why a file cannot be attached."""

    rule: Rule
    message: str
    hint: str


class AttachmentFinder:
    """Finds attachments by the paths that templates give."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._inside = folder.resolve()
        self._measure = lru_cache(maxsize=REMEMBERED_FILES)(_measure)

    def find(self, name: str, *, literal: bool) -> FoundFile | FileFault:
        """The file of a name. Only a path that the manifest spells out (`literal`) may lead outside of its folder."""
        if not name.strip():
            return FileFault(ATTACHMENT_MISSING, "the path of an attachment is blank", "Give the file's name.")
        try:
            return self._find(name, literal=literal)
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name that no file can have
            return _unreadable(name, error)

    def outside(self, name: str) -> FileFault | None:
        """What is wrong with a path that a row chose, where it leads outside of the manifest's folder."""
        if _leads_out(name):
            return _outside(
                name
            )  # told by its name alone: asking for a network share would make the machine log in there
        try:
            resolved = self._existing(name).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            return _unreadable(name, error)
        return None if resolved.is_relative_to(self._inside) else _outside(name)

    def _find(self, name: str, *, literal: bool) -> FoundFile | FileFault:
        if not literal and (fault := self.outside(name)):
            return fault
        path = self._existing(name)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not there"
            return FileFault(ATTACHMENT_MISSING, f"`{name}` {what}", f"Looked for {path.as_posix()}.")
        found = self._measure(path)
        if not found.size:
            return FileFault(ATTACHMENT_EMPTY, f"`{name}` is empty", "Make the file again, or leave it out.")
        return found

    def _existing(self, name: str) -> Path:
        """The path of a name; a file system may keep accents and Hangul composed or decomposed."""
        path = self._folder / name
        if path.exists():
            return path
        spelt = (self._folder / unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
        return next((other for other in spelt if other.exists()), path)


def _leads_out(name: str) -> bool:
    """Whether a path is absolute or climbs, on any system."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    climbing = ".." in windows.parts or ".." in posix.parts
    return climbing or bool(windows.drive or windows.root or posix.root)


def _outside(name: str) -> FileFault:
    return FileFault(
        ATTACHMENT_OUTSIDE,
        f"`{name}` leads outside of the manifest's folder",
        "Put the file into the manifest's folder, or a folder in it.",
    )


def _unreadable(name: str, error: Exception) -> FileFault:
    reason = error.strerror if isinstance(error, OSError) else ""
    hint = "Close it in other programs, and check its name and rights."
    return FileFault(FILE_UNREADABLE, f"`{name}` cannot be read: {reason or error}", hint)


def _measure(path: Path) -> FoundFile:
    digest = sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
    return FoundFile(path, size, digest.hexdigest())


#: Python's own table, not the machine's: the same file gets the same type everywhere.
_TYPES = mimetypes.MimeTypes(filenames=())


def media_type(filename: str) -> str:
    """The media type that a file's name suggests."""
    guessed, encoding = _TYPES.guess_type(filename)
    return guessed if guessed and not encoding else "application/octet-stream"
