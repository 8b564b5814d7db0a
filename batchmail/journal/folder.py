"""The folder and the file of a journal, made so that others on the machine cannot read who got which mail."""

from pathlib import Path

from batchmail.errors import JournalUnusable
from batchmail.private_file import make_private_folder


def make_folder(path: Path) -> None:
    """Make a journal's folder where there is none, out of sight of version control. Raises JournalUnusable."""
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise JournalUnusable(path, f"its folder cannot be made ({error.strerror or error})") from error


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
    """Make a journal's file where there is none, for its owner alone. Raises JournalUnusable.

    SQLite gives the files that it puts beside it the same rights.
    """
    make_folder(path)
    if is_there(path):
        return
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise JournalUnusable(path, f"its file cannot be made ({error.strerror or error})") from error
