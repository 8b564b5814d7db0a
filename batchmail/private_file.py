"""Files that their owner alone may read, replaced as a whole: a crash leaves the old content or the new one."""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TRIES = 20
_PAUSE_SECONDS = 0.05


def make_private_folder(folder: Path) -> None:
    """Make a folder where there is none, closed to others and out of sight of version control. Raises OSError.

    Its own name is on the disk when this returns, even where a run before was cut off in the midst of making it: a file
    in a folder that a power loss undoes is lost, however often it was synced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _durable_names(folder.parent):
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            if not folder.is_dir():
                raise
        else:
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def replace_private(path: Path, text: str) -> None:
    """Write a file anew; it is on the disk when this returns. Where the path is a link, its target is replaced.

    Raises OSError, and then the file is what it was.
    """
    path = path.resolve()
    write_private(path, [text.encode("utf-8")], path.parent)


def write_private(path: Path, pieces: Iterable[bytes], draft_folder: Path) -> None:
    """Write a file as a whole; it is on the disk when this returns. Until then it is in `draft_folder`, a neighbour.

    Raises OSError, and then there is no such file, or the one that was there before.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=draft_folder)  # readable by its owner alone
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        with _durable_names(path.parent):
            _move(written, path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _move(written: Path, path: Path) -> None:
    """Give a file its name. Windows refuses that for the instant in which somebody else reads the old one."""
    for _ in range(_TRIES if os.name == "nt" else 0):
        with suppress(PermissionError):
            written.replace(path)
            return
        time.sleep(_PAUSE_SECONDS)
    written.replace(path)


@contextmanager
def _durable_names(folder: Path) -> Iterator[None]:
    """Bring the names to the disk that a folder is given meanwhile. Raises OSError before that, and never after.

    Windows and some network drives have no call for it: they see to it. A folder that may be written and entered, but
    not read, is left to the system.
    """
    descriptor = _opened(folder) if os.name == "posix" else None
    try:
        yield
        if descriptor is not None:
            with suppress(OSError):  # the file is there, and its content is on the disk
                os.fsync(descriptor)
    finally:
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def _opened(folder: Path) -> int | None:
    with suppress(PermissionError):
        return os.open(folder, os.O_RDONLY)
    return None
