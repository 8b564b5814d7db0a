"""Where runs that are not the real mailing keep their traces: beside the journal, in a folder for each mailing."""

from pathlib import Path

from batchmail.cli.options import journal_path
from batchmail.delivery import Mailing

TESTS = "redirected"


def traces_folder(kind: str, journal: str | None, manifest: Path, mailing: Mailing) -> Path:
    """The folder of a kind of run, `rehearsal` for example; a journal with another name has folders of its own."""
    path = journal_path(journal, manifest)
    return (path.with_name(f"{path.name}.{kind}") if journal else path.with_name(kind)) / _name(mailing)


def tests_beside(journal: Path) -> tuple[Path, ...]:
    """The journals of the test sends beside a journal: they went through the same account, and used up its quota."""
    folders = (journal.with_name(TESTS), journal.with_name(f"{journal.name}.{TESTS}"))
    return tuple(sorted(found for folder in folders for found in folder.glob("*/journal.db")))


def _name(mailing: Mailing) -> str:
    """A name that every file system takes."""
    edition = "".join(c if c.isalnum() or c in "-_" else "_" for c in mailing.edition)
    return f"{mailing.job}.{edition}" if edition else mailing.job
