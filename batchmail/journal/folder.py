"""The folder and the file of a journal, made so that others on the machine cannot read who got which mail."""

import os
import stat
import tempfile
from pathlib import Path

from batchmail.errors import JournalExposed, JournalUnusable
from batchmail.private_file import make_private_folder


def make_folder(path: Path) -> None:
    """Make a journal's folder where there is none, out of sight of version control.

    Raises JournalUnusable, and JournalExposed where others may put another journal there.
    """
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise JournalUnusable(path, f"its folder cannot be made ({error.strerror or error})") from error
    _require_own(path, path.parent)


def is_there(path: Path) -> bool:
    """Whether a journal's file is there. Raises JournalUnusable where that cannot be seen, or it is no file."""
    try:
        exists, is_file = path.exists(), path.is_file()
    except OSError as error:
        raise JournalUnusable(path, f"its folder cannot be read ({error.strerror or error})") from error
    if exists and not is_file:
        raise JournalUnusable(path, "it is not a file")
    return exists


def make_file(path: Path) -> None:
    """Make a journal's file where there is none, for its owner alone. Raises JournalUnusable, and JournalExposed.

    SQLite gives the files that it puts beside it the same rights.
    """
    make_folder(path)
    if is_there(path):
        _require_own(path, path)
        return
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise JournalUnusable(path, f"its file cannot be made ({error.strerror or error})") from error


def _require_own(path: Path, place: Path) -> None:
    """Refuse a journal's folder or file that others may write, on systems that tell. Raises JournalExposed.

    Root is let in everywhere: in a container, it often works on the folder of somebody who has no name there.
    """
    if os.name != "posix":
        return
    try:
        found = place.stat()
    except OSError as error:
        raise JournalUnusable(path, f"its folder cannot be read ({error.strerror or error})") from error
    name, user = place.as_posix(), os.geteuid()
    elsewhere = "Keep a journal in a folder of your own, with --journal."
    if user not in (found.st_uid, 0):
        raise JournalExposed(path, f"{name} belongs to another user", elsewhere)
    if found.st_mode & _others(found) and _keeps_rights(path.parent):
        shared = found.st_mode & stat.S_ISVTX  # as /tmp is: everybody puts files there
        raise JournalExposed(
            path, f"others may write {name}", elsewhere if shared else f"Close it to them:  chmod go-w {name}"
        )


def _others(found: os.stat_result) -> int:
    """Rights of others to write. A group with its owner's number is that owner's own, as many systems make one."""
    return stat.S_IWOTH if found.st_gid == found.st_uid else stat.S_IWGRP | stat.S_IWOTH


def _keeps_rights(folder: Path) -> bool:
    """Whether a file is closed to others where we ask for that: on a memory stick or a share, all are open to all."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".rights-", dir=folder) as file:
            return not os.fstat(file.fileno()).st_mode & stat.S_IWOTH
    except OSError:
        return True
