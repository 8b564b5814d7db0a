"""Folders that batchmail made, and may therefore clear: a marker in them tells them from all others."""

import shutil
from pathlib import Path

from batchmail.errors import BatchmailError

_FOREIGN = "What is in it would be lost. Name another folder, a new or an empty one; or move this one away."
_HELD = "Close what another program has open there, or move the folder away. Then run this command again."


class FolderTaken(BatchmailError):
    """A folder is wanted that somebody else made, or that cannot be cleared."""

    def __init__(self, folder: Path, what: str, reason: str, hint: str) -> None:
        super().__init__(f"{folder.as_posix()}: {what} cannot have this folder: {reason}", hint)


def clear(folder: Path, marker: str, what: str) -> None:
    """Make a folder, or empty one that carries the marker; only its owner may look into it.

    `what` is it that wants the folder. Raises FolderTaken, also where the folder has files and no marker.
    """
    try:
        if folder.exists():
            ours = (folder / marker).exists()
            if not ours and (not folder.is_dir() or any(folder.iterdir())):
                raise FolderTaken(folder, what, "batchmail did not make this folder", _FOREIGN)
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
        (folder / marker).touch()
    except OSError as error:
        raise FolderTaken(folder, what, error.strerror or str(error), _HELD) from None
