"""The whole job against an emulator on this machine: no credentials, no waiting, nothing leaves."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from batchmail.emulator import REHEARSALS
from batchmail.errors import BatchmailError
from batchmail.journal import hold, open_journal
from batchmail.journal.base import Journal
from batchmail.pipeline import OpenedJob

#: Lies in every folder that a rehearsal has made, so that no other is ever removed.
MARKER = ".batchmail-rehearsal"


class RehearsalBlocked(BatchmailError):
    """The folder of the rehearsal cannot be cleared of an earlier one."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder.as_posix()}: the rehearsal cannot have this folder: {reason}",
            "Close what another program has open there, or move the folder away. Then run this command again.",
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
    """Everything that a rehearsal needs, on this machine alone. What an earlier one left in the folder is removed.

    Raises JournalBusy where the same job is being rehearsed, RehearsalBlocked where the folder is another's.
    """
    with hold(folder.with_name(f"{folder.name}.rehearsal")):
        _clear(folder)
        with _started(opened, folder) as rehearsal:
            yield rehearsal


@contextmanager
def _started(opened: OpenedJob, folder: Path) -> Iterator[Rehearsal]:
    mails = folder / "mails"
    with REHEARSALS[opened.job.provider.kind](mails, opened.provider.account) as emulator:
        provider = opened.provider.at(emulator.base_url, emulator.access_token)
        journal = open_journal(folder / "journal.db", opened.job.mailing)
        try:
            yield Rehearsal(replace(opened, provider=provider), journal, folder, mails)
        finally:
            journal.close()


def _clear(folder: Path) -> None:
    marker = folder / MARKER
    try:
        if folder.exists():
            if not marker.exists():
                raise RehearsalBlocked(folder, "batchmail did not make this folder")
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
        marker.touch()
    except OSError as error:
        raise RehearsalBlocked(folder, error.strerror or str(error)) from None
