"""The small file beside a journal that tells whose it is and how far it has come."""

import json
from dataclasses import dataclass
from pathlib import Path

from batchmail.errors import JournalUnusable
from batchmail.private_file import replace_private


@dataclass(frozen=True, slots=True)
class Seal:
    """The journal's id, and how often that was opened and closed; no id where the file is damaged."""

    id: str = ""
    turns: int = 0


def read_seal(path: Path) -> Seal | None:
    """What stands beside a journal; None where nothing does."""
    try:
        told = json.loads(seal_path(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError):
        return Seal()
    match told:
        case {"id": str(identity), "openings": int(turns)}:
            return Seal(identity, turns)
        case _:
            return Seal()


def write_seal(path: Path, seal: Seal) -> None:
    """Replace what stands beside a journal. Raises JournalUnusable: a journal without its seal is refused later."""
    try:
        replace_private(seal_path(path), json.dumps({"id": seal.id, "openings": seal.turns}))
    except OSError as error:
        reason = f"its seal, {seal_path(path).name}, cannot be written ({error.strerror or error})"
        raise JournalUnusable(path, reason) from error


def seal_path(path: Path) -> Path:
    """Where the seal of a journal lies."""
    return path.with_name(f"{path.name}.seal")
