"""The file that a report is written to: whole or not at all, and for its owner's eyes."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from batchmail.errors import BatchmailError


class ReportUnwritable(BatchmailError):
    """The report cannot be written where it should be."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"{path.as_posix()}: the report cannot be written: {error.strerror or error}",
            f"{_remedy(path, error)} Nothing is lost, the journal has all results: "
            f"`batchmail report JOB --out OTHER{path.suffix}` writes them elsewhere.",
        )


def _remedy(path: Path, error: OSError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError() if not path.parent.is_dir():
            return f"Create the folder {path.parent.as_posix()} first."
        case PermissionError():
            return "If it is open in a spreadsheet program, close it there; else check the rights of file and folder."
        case _:
            return "Check the disk and the folder."


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that becomes `path` when the block ends well, and is gone when it does not.

    It stands in the folder of `path` until then, and only its owner may read it. Raises OSError where the folder
    or the file that stands there cannot be written.
    """
    _require_writable(path)
    descriptor, name = tempfile.mkstemp(prefix=".batchmail-report-", suffix=".part", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _require_writable(path: Path) -> None:
    """Raises PermissionError for a write-protected file: moving another into its place would get around that."""
    with suppress(FileNotFoundError):
        if not path.stat().st_mode & stat.S_IWUSR:
            raise PermissionError(errno.EACCES, "the file is write-protected", str(path))


def _sync(folder: Path) -> None:
    """Make the move durable, where the system can open a folder for that (Windows cannot)."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def texts_into(file: BinaryIO, encoding: str) -> Iterator[TextIOWrapper]:
    """The file as a text file that writes line breaks as they are given, and `?` for half a surrogate pair."""
    text = TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        yield text
    finally:
        text.detach()
