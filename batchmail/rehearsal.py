"""The whole job against an emulator on this machine: no credentials, no waiting, nothing leaves."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from batchmail.emulator import REHEARSALS
from batchmail.errors import BatchmailError
from batchmail.journal import open_journal
from batchmail.journal.base import Journal
from batchmail.pipeline import OpenedJob


class RehearsalBlocked(BatchmailError):
    """What an earlier rehearsal left cannot be removed."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            f"{folder.as_posix()}: the last rehearsal cannot be removed: {error.strerror or error}",
            "Close its report and mails in other programs, then run this command again.",
        )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A job turned to an emulator, with a journal and a folder of its own; `mails` has what the emulator accepted."""

    opened: OpenedJob
    journal: Journal
    folder: Path
    mails: Path


@contextmanager
def rehearsing(opened: OpenedJob, folder: Path) -> Iterator[Rehearsal]:
    """Everything that a rehearsal needs, on this machine alone. What an earlier one left in the folder is removed."""
    _clear(folder)
    mails = folder / "mails"
    with REHEARSALS[opened.job.provider.kind](mails, opened.provider.account) as emulator:
        provider = opened.provider.at(emulator.base_url, emulator.access_token)
        journal = open_journal(folder / "journal.db", opened.job.mailing)
        try:
            yield Rehearsal(replace(opened, provider=provider), journal, folder, mails)
        finally:
            journal.close()


def _clear(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise RehearsalBlocked(folder, error) from None
