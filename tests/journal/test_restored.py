"""A whole folder that is put back into the same files: nothing in it tells, but the account remembers."""

import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from batchmail.errors import JournalCopied
from batchmail.journal import Logbook, doubt_about, open_journal
from tests.journal.desk import MAILING, SENDING, SENT, Desk, row


@pytest.fixture
def logbook(tmp_path: Path) -> Logbook:
    return Logbook(tmp_path / "state" / "batchmail")


def run(path: Path, logbook: Logbook, key: str) -> None:
    """A run that sends one mail."""
    desk = Desk(open_journal(path, MAILING, logbook=logbook))
    desk.enrol(row(1, key))
    desk.go(key, SENDING, SENT)
    desk.journal.close()


def refused(path: Path, logbook: Logbook) -> str:
    """Why a journal is refused; whoever only looks at it is told the same."""
    with pytest.raises(JournalCopied) as raised:
        open_journal(path, MAILING, logbook=logbook)
    assert str(doubt_about(path, logbook)) == str(raised.value)
    return raised.value.what


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def write_in_place(backup: dict[str, bytes], folder: Path) -> None:
    """What `cp -a backup/. folder/` and `rsync --inplace` do."""
    for name, content in backup.items():
        with (folder / name).open("r+b") as file:
            file.truncate()
            file.write(content)


def replace_files(backup: dict[str, bytes], folder: Path) -> None:
    """What `rsync` does, and many a program for backups: a new file, which then gets the name."""
    for name, content in backup.items():
        (folder / "new").write_bytes(content)
        (folder / "new").replace(folder / name)


def replace_folder(backup: dict[str, bytes], folder: Path) -> None:
    """The folder as it is goes, another takes its name."""
    folder.rename(folder.with_name("old"))
    folder.mkdir(mode=0o700)
    for name, content in backup.items():
        (folder / name).write_bytes(content)


RESTORES = [write_in_place, replace_files, replace_folder]


@pytest.mark.parametrize("restore", RESTORES)
def test_a_folder_that_is_put_back_as_a_whole_is_noticed_until_it_is_adopted(
    path: Path, logbook: Logbook, restore: Callable[[dict[str, bytes], Path], None]
) -> None:
    run(path, logbook, "1")
    backup = contents(path.parent)
    run(path, logbook, "2")
    restore(backup, path.parent)
    assert "an older journal was put in its place" in refused(path, logbook)
    open_journal(path, MAILING, adopt=True, logbook=logbook).close()
    run(path, logbook, "3")
    run(path, logbook, "4")


def test_a_folder_that_is_put_back_by_tar_is_noticed(path: Path, logbook: Logbook, tmp_path: Path) -> None:
    run(path, logbook, "1")
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        tar.add(path.parent, ".batchmail")
    run(path, logbook, "2")
    with tarfile.open(tmp_path / "backup.tar") as tar:
        tar.extractall(path.parents[1], filter="data")
    refused(path, logbook)


def test_what_was_put_back_once_is_noticed_when_it_is_put_back_again(path: Path, logbook: Logbook) -> None:
    run(path, logbook, "1")
    backup = contents(path.parent)
    run(path, logbook, "2")
    for _ in range(3):
        write_in_place(backup, path.parent)
        refused(path, logbook)
        open_journal(path, MAILING, adopt=True, logbook=logbook).close()


def test_a_backup_that_was_made_during_a_run_is_noticed_after_it(path: Path, logbook: Logbook, tmp_path: Path) -> None:
    desk = Desk(open_journal(path, MAILING, logbook=logbook))
    desk.enrol(row(1), row(2))
    desk.go("1", SENDING, SENT)
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        live.backup(copy)
    seal = path.with_name("journal.db.seal").read_bytes()
    desk.go("2", SENDING, SENT)
    desk.journal.close()
    write_in_place({path.name: (tmp_path / "backup.db").read_bytes(), "journal.db.seal": seal}, path.parent)
    refused(path, logbook)


def test_a_journal_that_was_put_back_before_anything_else_was_sent_is_the_newest(path: Path, logbook: Logbook) -> None:
    run(path, logbook, "1")
    backup = contents(path.parent)
    write_in_place(backup, path.parent)
    run(path, logbook, "2")


def test_what_is_done_to_a_folder_in_good_faith_is_no_sign(path: Path, logbook: Logbook, tmp_path: Path) -> None:
    run(path, logbook, "1")
    for each in path.parent.iterdir():  # programs for backups set times, and people rights
        os.utime(each, (1, 1))
        each.chmod(0o600)
    run(path, logbook, "2")
    moved = Path(shutil.move(path.parent, tmp_path / "moved")) / path.name
    run(moved, logbook, "3")
    assert doubt_about(moved, logbook) is None


def test_an_adopted_copy_and_its_original_count_for_themselves(path: Path, logbook: Logbook, tmp_path: Path) -> None:
    run(path, logbook, "1")
    copied = Path(shutil.copytree(path.parent, tmp_path / "copy")) / path.name
    assert "it was copied from elsewhere" in refused(copied, logbook)
    open_journal(copied, MAILING, adopt=True, logbook=logbook).close()
    for number in range(3):
        run(copied, logbook, f"copy {number}")
    run(path, logbook, "2")
    run(copied, logbook, "the last")


def test_several_journals_are_remembered_side_by_side(path: Path, logbook: Logbook, tmp_path: Path) -> None:
    another = tmp_path / "another" / "journal.db"
    run(another, logbook, "1")
    run(path, logbook, "1")
    backup = contents(path.parent)
    run(path, logbook, "2")
    write_in_place(backup, path.parent)
    refused(path, logbook)
    run(another, logbook, "2")


def test_whoever_remembers_less_than_the_journal_is_no_obstacle(path: Path, logbook: Logbook, tmp_path: Path) -> None:
    run(path, logbook, "1")
    colleague = Logbook(tmp_path / "colleague")
    run(path, colleague, "2")
    run(path, logbook, "3")
    run(path, Logbook(), "4")
    run(path, colleague, "5")
