"""How far this account has seen journals come, kept outside of their folders.

Whoever puts a whole folder back from a backup puts back all that is in it. What is told here is not in it.
"""

import json
import re
from contextlib import suppress
from pathlib import Path

from batchmail.private_file import make_private_folder, replace_private

_ID = re.compile(r"[0-9a-f]{16}")


class Logbook:
    """A small file for each journal in a folder of the account's own; without a folder, nothing is remembered.

    It has the journal's random id, a count and the journal's place: nothing about mails. That it cannot be read or
    written never stops anybody: less is noticed then.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def recall(self, journal: str) -> int:
        """How often a journal, named by its id, had been opened and closed when it was last noted; 0 for unknown."""
        page = self._page(journal)
        if page is None:
            return 0
        try:
            told = json.loads(page.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return 0
        match told:
            case {"turns": int(turns)}:
                return turns
            case _:
                return 0

    def note(self, journal: str, turns: int, path: Path) -> None:
        """Remember how far a journal has come, and where it lies."""
        page = self._page(journal)
        if page is None:
            return
        told = json.dumps({"turns": turns, "journal": path.absolute().as_posix()})
        with suppress(OSError, RuntimeError):  # the latter for links in a circle
            make_private_folder(page.parent)
            replace_private(page, told)

    def _page(self, journal: str) -> Path | None:
        """Where a journal is noted. An id that none has would lead anywhere, in a file that was tampered with."""
        return self._folder / f"{journal}.json" if self._folder and _ID.fullmatch(journal) else None
