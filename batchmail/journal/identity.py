"""Whether a journal is still the file that it was: a copy does not know what the original has sent since.

Three signs, each of which survives what people do in good faith. A file that is renamed, or seen through a bind mount
or from another machine of the network, keeps the number that its file system has given it; a copied or restored one
gets another. And how often the journal was opened and closed, its turns, stands in a small file beside it (`.seal`) and
in the account's own logbook: where one of them has counted further, an older journal was put in the place of a newer
one. Only the logbook tells when a whole folder was put back into the same files. Times of files are no sign: programs
for backups set them, and whoever changes a file's rights changes them too.
"""

from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from batchmail.errors import JournalCopied, JournalDoubtful, JournalGone
from batchmail.journal.connection import Database
from batchmail.journal.logbook import Logbook
from batchmail.journal.seal import Seal, read_seal, seal_path, write_seal
from batchmail.journal.sqlite_rows import Meaning

_TABLE = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?"
_MAILING = "SELECT 1 FROM main.mailing LIMIT 1"
_DELIVERY = "SELECT 1 FROM main.delivery LIMIT 1"
_KNOWN = "SELECT id, file, openings FROM main.identity"
_REMEMBER = "INSERT OR REPLACE INTO main.identity (one, id, file, openings) VALUES (1, ?, ?, ?)"
_COUNT = "UPDATE main.identity SET openings = openings + 1"

_OLDER = "an older journal was put in its place, as from a backup"


@dataclass(frozen=True, slots=True)
class _Identity:
    """What a journal says of itself: its id, the number of its file, and its turns."""

    id: str
    file: str
    turns: int


_IDENTITY = Meaning((str, str, int), lambda row: _Identity(*row))


def require_newest(database: Database, logbook: Logbook) -> None:
    """Raises JournalCopied or JournalGone where a journal may lack what was sent."""
    if found := doubt(database, logbook):
        raise found


def doubt(database: Database, logbook: Logbook) -> JournalDoubtful | None:
    """Why a journal may lack what was sent; None where it is the file that it was.

    A journal of the first version, which has no identity, and no seal either, is taken for what it says.
    """
    path, seal, identity = database.path, read_seal(database.path), _known(database)
    if identity:
        reason = _reason(database, identity, seal, logbook)
        return JournalCopied(path, reason) if reason else None
    if seal is None:
        return None
    return JournalCopied(path, _OLDER) if _has(database, "mailing", _MAILING) else JournalGone(path)


def _reason(database: Database, identity: _Identity, seal: Seal | None, logbook: Logbook) -> str:
    path, name = database.path, seal_path(database.path).name
    if max(_sealed(seal, identity.id), logbook.recall(identity.id)) > identity.turns:
        return _OLDER
    if identity.file and identity.file != (_file_number(path) or identity.file):
        return "it was copied from elsewhere, or put back from a backup"
    if seal and seal.id != identity.id:
        return f"its seal, {name}, is damaged or that of another journal"
    # A run that was cut off before it could seal a new journal has sent nothing.
    return f"its seal, {name}, is gone" if seal is None and _has(database, "delivery", _DELIVERY) else ""


def lost(path: Path) -> JournalDoubtful | None:
    """The same of a journal that has no file, or an empty one: whether there has been another."""
    return JournalGone(path) if read_seal(path) else None


def identify(database: Database, logbook: Logbook) -> None:
    """Count an opening, and remember which file this is; to be called in a transaction. Then `attest`.

    A journal without an identity gets one, as does a copy that was adopted: the original may live on and count too.
    """
    path = database.path
    here, identity, seal = _file_number(path), _known(database), read_seal(path)
    if identity is None:
        database.run(_REMEMBER, (token_hex(8), here, 1))
        return
    is_copy = identity.file and here and identity.file != here
    newest = max(identity.turns, _sealed(seal, identity.id), logbook.recall(identity.id))
    database.run(_REMEMBER, (token_hex(8) if is_copy else identity.id, here, newest + 1))


def count_closing(database: Database, logbook: Logbook) -> None:
    """Count that a journal is closed: a copy that was made while it was open is an older one from then on."""
    with database.transaction():
        database.run(_COUNT)
    attest(database, logbook)


def attest(database: Database, logbook: Logbook) -> None:
    """Tell beside the journal and in the logbook how far it has come, once that is on the disk.

    In this order: whoever is cut off in between has told too little, which is no sign of anything. Raises
    JournalUnusable.
    """
    identity = _known(database)
    if identity:
        write_seal(database.path, Seal(identity.id, identity.turns))
        logbook.note(identity.id, identity.turns, database.path)


def _known(database: Database) -> _Identity | None:
    if not database.one(_TABLE, ("identity",)):
        return None
    return next(_IDENTITY.of(database.path, database.rows(_KNOWN)), None)


def _has(database: Database, table: str, any_row: str) -> bool:
    return bool(database.one(_TABLE, (table,)) and database.one(any_row))


def _sealed(seal: Seal | None, journal: str) -> int:
    """How far a journal had come when it was sealed; 0 where the seal is none of its own."""
    return seal.turns if seal and seal.id == journal else 0


def _file_number(path: Path) -> str:
    """The file system's own number for a file; empty where it has none."""
    return str(path.stat().st_ino or "")
