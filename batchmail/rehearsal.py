"""The whole job against an emulator on this machine: no credentials, no waiting, nothing leaves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

from batchmail.emulation import Rehearse
from batchmail.emulator import REHEARSALS
from batchmail.errors import BatchmailError
from batchmail.journal import hold, open_journal
from batchmail.journal.base import Journal
from batchmail.own_folder import clear
from batchmail.pipeline import OpenedJob
from batchmail.providers import ProviderKind

#: Lies in every folder that a rehearsal has made, so that no other is ever cleared.
MARKER = ".batchmail-rehearsal"
#: The folder `mails` is the emulator's: whatever it keeps.
_WRITES = ("journal.db", "journal.db[-.]*", "mails/**/*")


class NoRehearsal(BatchmailError):
    """There is no emulator of a provider."""

    exit_code = 2

    def __init__(self, kind: ProviderKind) -> None:
        source = f"the package {kind.distribution}" if kind.distribution else "batchmail"
        super().__init__(
            f"Jobs of the provider `{kind.kind}` cannot be rehearsed: {source} has no emulator of it",
            "`batchmail plan` checks the job all the same. For a trial, send to an address of your own first.",
        )


def rehearsal_of(kind: ProviderKind) -> Rehearse | None:
    """What starts the emulator of a kind of provider; None where there is none."""
    return kind.rehearsal or REHEARSALS.get(kind.kind)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A job turned to an emulator, with a journal and a folder of its own; `mails` has what the emulator accepted."""

    opened: OpenedJob
    journal: Journal
    folder: Path
    mails: Path


@contextmanager
def rehearsing(opened: OpenedJob, folder: Path, reports: Sequence[Path] = ()) -> Iterator[Rehearsal]:
    """Everything that a rehearsal needs, on this machine alone. What an earlier one left in the folder is removed.

    `reports` are those that will be written to the folder.

    Raises NoRehearsal where the provider has no emulator, JournalBusy where the same job is being rehearsed, and
    FolderTaken where the folder is another's.
    """
    rehearse = rehearsal_of(opened.kind)
    if rehearse is None:
        raise NoRehearsal(opened.kind)
    with hold(folder.with_name(f"{folder.name}.rehearsal")):
        clear(folder, MARKER, "the rehearsal", [*_WRITES, *(escape(path.name) for path in reports)])
        with _started(opened, rehearse, folder) as rehearsal:
            yield rehearsal


@contextmanager
def _started(opened: OpenedJob, rehearse: Rehearse, folder: Path) -> Iterator[Rehearsal]:
    mails = folder / "mails"
    with rehearse(mails, opened.provider.account) as emulator:
        provider = opened.provider.at(emulator.base_url, emulator.access_token)
        journal = open_journal(folder / "journal.db", opened.job.mailing)
        try:
            yield Rehearsal(replace(opened, provider=provider), journal, folder, mails)
        finally:
            journal.close()
