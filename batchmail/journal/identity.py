"""Whether a journal is still the file that it was: a copy does not know what the original has sent since.

Two signs, each of which survives what people do in good faith. A file that is renamed, or seen through a bind mount or
from another machine of the network, keeps the number that its file system has given it; a copied or restored one gets
another. And how often the journal was opened to be written stands in a small file beside it (`.seal`) too: where that
has counted further, an older journal was put in the place of a newer one.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from batchmail.errors import JournalCopied
from batchmail.journal.connection import Database
from batchmail.journal.sqlite_rows import Meaning
from batchmail.private_file import replace_private

_KNOWN = "SELECT id, file, openings FROM main.identity"
_REMEMBER = "INSERT OR REPLACE INTO main.identity (one, id, file, openings) VALUES (1, ?, ?, ?)"
_IDENTITY: Meaning[tuple[str, str, int]] = Meaning((str, str, int), lambda row: (row[0], row[1], row[2]))


@dataclass(frozen=True, slots=True)
class _Seal:
    """What stands beside a journal: whose it is, and how often that was opened."""

    id: str
    openings: int


def identify(database: Database, *, adopt: bool) -> None:
    """Count an opening, and remember which file this is; to be called in a transaction.

    Raises JournalCopied where it is not the file that it was, unless the user has said with `adopt` that it may be
    used. A journal of an older version, which has no identity, gets one.
    """
    path = database.path
    here = _file_number(path)
    identity, file, openings = _known(database) or (token_hex(8), here, 0)
    seal = _read_seal(path)
    newest = seal.openings if seal and seal.id == identity else 0
    if not adopt and newest > openings:
        raise JournalCopied(path, "an older journal was put in its place, as from a backup")
    if not adopt and file and here and file != here:
        raise JournalCopied(path, "it was copied from elsewhere, or put back from a backup")
    database.run(_REMEMBER, (identity, here, max(openings, newest) + 1))


def seal(database: Database) -> None:
    """Tell beside the journal how far it has come, once that is on the disk. Without a seal, less is noticed."""
    known = _known(database)
    if known:
        with suppress(OSError):
            replace_private(_seal_path(database.path), json.dumps({"id": known[0], "openings": known[2]}))


def _known(database: Database) -> tuple[str, str, int] | None:
    return next(_IDENTITY.of(database.path, database.rows(_KNOWN)), None)


def _file_number(path: Path) -> str:
    """The file system's own number for a file; empty where it has none."""
    return str(path.stat().st_ino or "")


def _read_seal(path: Path) -> _Seal | None:
    """What stands beside the journal, if that is ours and whole."""
    try:
        told = json.loads(_seal_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    match told:
        case {"id": str(identity), "openings": int(openings)}:
            return _Seal(identity, openings)
        case _:
            return None


def _seal_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.seal")
