"""Folders that batchmail made, and may therefore clear: a marker in them tells them from all others.

The marker also lists what batchmail writes there, as patterns. Nothing else is ever removed, and the marker stays: a
clearing that was cut off is gone on with by the next.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePath

from batchmail.errors import BatchmailError
from batchmail.private_file import replace_private

_FOREIGN = "What is in it would be lost. Name another folder, a new or an empty one; or move this one away."
_HELD = "Close what another program has open there, or move the folder away. Then run this command again."


class FolderTaken(BatchmailError):
    """A folder is wanted that somebody else made, or that cannot be cleared."""

    def __init__(self, folder: Path, what: str, reason: str, hint: str) -> None:
        super().__init__(f"{folder.as_posix()}: {what} cannot have this folder: {reason}", hint)


def claim(folder: Path, marker: str, what: str) -> None:
    """Make a folder, or take one that is empty or carries the marker; only its owner may look into it.

    `what` is it that wants the folder. Nothing is removed. Raises FolderTaken, also where the folder has files and no
    marker.
    """
    try:
        if folder.exists() and not (folder / marker).exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FolderTaken(folder, what, "batchmail did not make this folder", _FOREIGN)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / marker).touch()
    except OSError as error:
        raise _unusable(folder, what, error) from None


def clear(folder: Path, marker: str, what: str, writes: Iterable[str]) -> None:
    """Claim a folder, and remove from it what batchmail wrote there: files of other people are left alone.

    `writes` are patterns, as in `Path.glob`, of what is about to be written. Raises FolderTaken, like `claim`.
    """
    claim(folder, marker, what)
    try:
        written = (folder / marker).read_text(encoding="utf-8", errors="replace").splitlines()
        coming = list(writes)
        _note(folder / marker, dict.fromkeys([*written, *coming]))
        for pattern in dict.fromkeys([*written, *coming]):
            _remove(folder, pattern)
        _note(folder / marker, coming)
    except OSError as error:
        raise _unusable(folder, what, error) from None


def _note(marker: Path, patterns: Iterable[str]) -> None:
    replace_private(marker, "".join(f"{pattern}\n" for pattern in patterns))


def _remove(folder: Path, pattern: str) -> None:
    """Remove the files in the folder that a pattern names, and the folders that are empty then."""
    if not pattern.strip() or PurePath(pattern).anchor:
        return
    home = folder.resolve()
    for path in sorted(folder.glob(pattern), reverse=True):  # what is in a folder comes before it
        if not path.parent.resolve().is_relative_to(home):
            continue  # a link leads out of the folder
        if path.is_dir() and not path.is_symlink():
            with suppress(OSError):  # somebody else's files are in it
                path.rmdir()
        else:
            path.unlink(missing_ok=True)


def _unusable(folder: Path, what: str, error: OSError) -> FolderTaken:
    return FolderTaken(folder, what, error.strerror or str(error), _HELD)
