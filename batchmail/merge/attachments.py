"""The files that go with a message: found within the manifest's folder, measured and hashed once."""

import mimetypes
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePath

from batchmail.finding import Rule
from batchmail.merge.folder_loader import leads_out
from batchmail.merge.patterns import Listing, is_pattern, plain
from batchmail.rules import (
    ATTACHMENT_AMBIGUOUS,
    ATTACHMENT_EMPTY,
    ATTACHMENT_MISSING,
    ATTACHMENT_OUTSIDE,
    FILE_UNREADABLE,
)

#: Hashes of files are remembered for so many files; a job with more personal files than this hashes each once anyway.
REMEMBERED_FILES = 10_000
#: The names in so many folders are remembered, for patterns.
REMEMBERED_FOLDERS = 64
#: More files than this fit no pattern: `*` over a whole disk was hardly meant.
MOST_FITTING = 1_000
#: So many of the files that a pattern fits are named.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that can be attached; size in bytes, digest SHA-256 in hex, `real` its path with links followed."""

    path: Path
    size: int
    digest: str
    real: str


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
        self._listing = lru_cache(maxsize=REMEMBERED_FOLDERS)(Listing)

    def find(self, name: str, *, literal: bool) -> FoundFile | FileFault:
        """The file of a name. Only a path that the manifest spells out (`literal`) may lead outside of its folder."""
        if not name.strip():
            return FileFault(ATTACHMENT_MISSING, "the path of an attachment is blank", "Give the file's name.")
        try:
            return self._find(name, literal=literal)
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name that no file can have
            return _unreadable(name, error)

    def fitting(self, pattern: str, *, literal: bool, several: bool) -> tuple[FoundFile, ...] | FileFault:
        """The files that a pattern fits, in order of their names: one, or where `several`, one or more."""
        try:
            return self._fitting(pattern, literal=literal, several=several)
        except (OSError, RuntimeError, ValueError) as error:
            return _unreadable(plain(pattern), error)

    def _fitting(self, pattern: str, *, literal: bool, several: bool) -> tuple[FoundFile, ...] | FileFault:
        shown = plain(pattern)
        if not literal and leads_out(shown):
            return _outside(shown)
        paths = list(islice(self._walk(self._folder, PurePath(pattern).parts), MOST_FITTING + 1))
        if not paths:
            return FileFault(ATTACHMENT_MISSING, f"no file fits `{shown}`", f"Looked in {self._folder.as_posix()}.")
        if len(paths) > (MOST_FITTING if several else 1):
            return _ambiguous(shown, paths, several=several)
        found = [self._find(self._name(path), literal=literal) for path in paths]
        fault = next((each for each in found if isinstance(each, FileFault)), None)
        return fault or tuple(each for each in found if isinstance(each, FoundFile))

    def _name(self, path: Path) -> str:
        inside = path.is_relative_to(self._folder)
        return (path.relative_to(self._folder) if inside else path).as_posix()

    def _walk(self, folder: Path, parts: Sequence[str]) -> Iterator[Path]:
        """The files below a folder whose path fits."""
        part, rest = parts[0], parts[1:]
        for path in self._named(folder, part):
            if rest:
                yield from self._walk(path, rest)
            elif path.is_file():
                yield path

    def _named(self, folder: Path, part: str) -> Iterator[Path]:
        if not is_pattern(part):
            yield _spelt(folder, plain(part))
        elif folder.is_dir():
            yield from (folder / name for name in self._listing(folder).fitting(part))

    def outside(self, name: str) -> FileFault | None:
        """What is wrong with a path that a row chose, where it leads outside of the manifest's folder."""
        if leads_out(name):
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
        return _spelt(self._folder, name)


def _spelt(folder: Path, name: str) -> Path:
    path = folder / name
    if path.exists():
        return path
    spelt = (folder / unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    return next((other for other in spelt if other.exists()), path)


def _outside(name: str) -> FileFault:
    return FileFault(
        ATTACHMENT_OUTSIDE,
        f"`{name}` leads outside of the manifest's folder",
        "Put the file into the manifest's folder, or a folder in it.",
    )


def _ambiguous(shown: str, paths: Sequence[Path], *, several: bool) -> FileFault:
    names = ", ".join(path.name for path in paths[:_NAMED])
    if several:
        hint = "Write a pattern that fits fewer."
        return FileFault(ATTACHMENT_AMBIGUOUS, f"`{shown}` fits more than {MOST_FITTING:,} files", hint)
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    hint = "Take away what is not meant, write more of the name, or `several: true` to attach all of them."
    return FileFault(ATTACHMENT_AMBIGUOUS, f"`{shown}` fits {names}{more}", hint)


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
    return FoundFile(path, size, digest.hexdigest(), os.path.normcase(os.path.realpath(path)))


@lru_cache(maxsize=1)
def _types() -> mimetypes.MimeTypes:
    """Python's own table, not the machine's: the same file gets the same type everywhere. It takes 20 ms to make."""
    return mimetypes.MimeTypes(filenames=())


def media_type(filename: str) -> str:
    """The media type that a file's name suggests."""
    guessed, encoding = _types().guess_type(filename)
    return guessed if guessed and not encoding else "application/octet-stream"
