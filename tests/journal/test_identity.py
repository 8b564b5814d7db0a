"""A journal that is a copy, or an older one in a newer one's place, is noticed; what is done in good faith is not."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from batchmail.errors import JournalCopied, JournalExposed, JournalGone, JournalUnusable
from batchmail.journal import hold, open_journal, view_journal
from tests.journal.child import told_by
from tests.journal.desk import MAILING, Desk, older, row

posix = pytest.mark.skipif(sys.platform == "win32", reason="rights are inherited from the folder there")
root = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root may give files away")


def made(path: Path, key: str = "1") -> None:
    """A run that has planned one row."""
    desk = Desk(open_journal(path, MAILING))
    desk.enrol(row(1, key))
    desk.journal.close()


def test_a_journal_is_opened_again_and_again(path: Path) -> None:
    for _ in range(3):
        made(path)


def test_a_folder_that_is_renamed_keeps_its_journal(path: Path, tmp_path: Path) -> None:
    made(path)
    moved = path.parent.rename(tmp_path / "another name") / path.name
    made(moved)


def test_a_journal_that_is_reached_by_a_link_is_the_same(path: Path, tmp_path: Path) -> None:
    made(path)
    link = tmp_path / "link"
    try:
        link.symlink_to(path.parent, target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    made(link / path.name)
    made(path)


def test_a_copied_folder_is_noticed_until_it_is_adopted(path: Path, tmp_path: Path) -> None:
    made(path)
    copied = Path(shutil.copytree(path.parent, tmp_path / "copy")) / path.name
    for _ in range(2):
        with pytest.raises(JournalCopied, match="it was copied from elsewhere") as raised:
            open_journal(copied, MAILING)
        assert "--adopt" in str(raised.value)
    open_journal(copied, MAILING, adopt=True).close()
    made(copied)
    made(path)


def test_an_older_journal_in_the_same_place_is_noticed_until_it_is_adopted(path: Path, tmp_path: Path) -> None:
    made(path)
    backup = shutil.copy(path, tmp_path / "backup.db")
    made(path, "sent since")
    shutil.copyfile(backup, path)  # into the same file: the file system sees no other one
    with pytest.raises(JournalCopied, match="an older journal was put in its place"):
        open_journal(path, MAILING)
    open_journal(path, MAILING, adopt=True).close()
    made(path)


def test_a_journal_that_was_put_back_in_the_place_of_itself_is_noticed(path: Path) -> None:
    made(path)
    backup = shutil.copy(path, path.with_name("backup.db"))  # while both are there, they cannot have the same number
    Path(backup).replace(path)
    with pytest.raises(JournalCopied):
        open_journal(path, MAILING)


def test_a_journal_that_is_gone_is_missed_until_everybody_is_to_be_written_to_anew(path: Path) -> None:
    made(path)
    path.unlink()
    for left in (False, True):
        path.touch() if left else None
        with pytest.raises(JournalGone, match=r"the journal is gone.*\n.*--adopt"):
            open_journal(path, MAILING)
        assert path.exists() is left
    open_journal(path, MAILING, adopt=True).close()
    made(path)


def test_a_folder_that_is_deleted_as_a_whole_is_a_new_beginning(path: Path) -> None:
    made(path)
    shutil.rmtree(path.parent)
    made(path)


def test_the_seal_of_another_journal_is_noticed(path: Path, tmp_path: Path) -> None:
    made(path)
    another = tmp_path / "another" / "journal.db"
    made(another)
    shutil.copyfile(another.with_name("journal.db.seal"), path.with_name("journal.db.seal"))
    with pytest.raises(JournalCopied, match="is damaged or that of another journal"):
        open_journal(path, MAILING)
    open_journal(path, MAILING, adopt=True).close()
    made(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"id": 1}', b'{"id": "x", "openings": "many"}'])
def test_a_seal_that_is_damaged_is_noticed(path: Path, content: bytes) -> None:
    made(path)
    path.with_name("journal.db.seal").write_bytes(content)
    with pytest.raises(JournalCopied, match=r"its seal, journal\.db\.seal, is damaged"):
        open_journal(path, MAILING)
    open_journal(path, MAILING, adopt=True).close()
    made(path)


def test_a_journal_without_its_seal_is_refused(path: Path) -> None:
    made(path)
    path.with_name("journal.db.seal").unlink()
    with pytest.raises(JournalCopied, match=r"its seal, journal\.db\.seal, is gone"):
        open_journal(path, MAILING)
    open_journal(path, MAILING, adopt=True).close()
    made(path)


def test_a_first_run_that_died_before_it_sealed_the_journal_has_sent_nothing(path: Path) -> None:
    open_journal(path, MAILING).close()
    path.with_name("journal.db.seal").unlink()
    made(path)


def test_a_journal_that_cannot_be_sealed_is_not_used(path: Path) -> None:
    path.with_name("journal.db.seal").mkdir(parents=True)
    path.parent.chmod(0o700)
    with pytest.raises(JournalUnusable, match=r"its seal, journal\.db\.seal, cannot be written"):
        open_journal(path, MAILING, adopt=True)


def test_a_run_that_died_before_it_sealed_the_journal_is_no_copy(path: Path) -> None:
    made(path)
    seal = path.with_name("journal.db.seal")
    before = seal.read_bytes()
    made(path)
    seal.write_bytes(before)
    made(path)


def test_a_journal_of_the_first_version_is_adopted_in_silence(path: Path, tmp_path: Path) -> None:
    with older(path, 1):
        pass
    copied = Path(shutil.copytree(path.parent, tmp_path / "copy")) / path.name
    assert list(view_journal(copied, MAILING).all_records()) == []
    made(copied)
    made(copied)


def test_a_journal_of_the_first_version_in_the_place_of_a_newer_one_is_noticed(path: Path) -> None:
    made(path)
    path.unlink()
    with older(path, 1) as old:
        old.execute("INSERT INTO mailing (job, edition) VALUES ('invoices', '2026-10')")
    with pytest.raises(JournalCopied, match="an older journal was put in its place"):
        open_journal(path, MAILING)
    open_journal(path, MAILING, adopt=True).close()
    made(path)


def test_a_copy_may_be_looked_at(path: Path, tmp_path: Path) -> None:
    made(path)
    copied = Path(shutil.copytree(path.parent, tmp_path / "copy")) / path.name
    view = view_journal(copied, MAILING)
    assert [record.key for record in view.all_records()] == ["1"]
    view.close()


@posix
@pytest.mark.parametrize("name", [".", "journal.db"])
def test_a_journal_that_others_may_write_is_refused(path: Path, name: str) -> None:
    made(path)
    (path.parent / name).chmod(0o777)
    with pytest.raises(JournalExposed, match=r"others may write .*\n.*chmod go-w"):
        open_journal(path, MAILING)
    if name == ".":
        with pytest.raises(JournalExposed), hold(path):
            pytest.fail("it is held")


@posix
def test_a_folder_of_the_owners_own_group_is_safe(path: Path) -> None:
    made(path)
    path.parent.chmod(0o770)
    found = path.parent.stat()
    if found.st_uid == found.st_gid:
        made(path)
    else:
        with pytest.raises(JournalExposed):
            open_journal(path, MAILING)


@root
def test_a_folder_that_a_group_may_write_is_refused(path: Path) -> None:
    made(path)
    os.chown(path.parent, -1, 12_345)
    path.parent.chmod(0o770)
    with pytest.raises(JournalExposed, match="others may write"):
        open_journal(path, MAILING)


@root
def test_root_uses_the_journal_of_whoever_owns_the_folder(path: Path) -> None:
    made(path)
    for each in (path.parent, *path.parent.iterdir()):
        os.chown(each, 12_345, 12_345)
    made(path)


AS_ANOTHER = """
import os, sys
from pathlib import Path
from batchmail.errors import JournalExposed
from batchmail.journal import open_journal
from tests.journal.desk import MAILING
os.setuid(12_345)
try:
    open_journal(Path(sys.argv[1]), MAILING)
except JournalExposed as error:
    print(error.message)
"""


@root
def test_another_users_journal_is_refused(path: Path, tmp_path: Path) -> None:
    made(path)
    for each in (tmp_path, *tmp_path.parents[:3], path.parent):
        each.chmod(each.stat().st_mode | 0o055)
    (line,) = told_by(AS_ANOTHER, path)
    assert line.endswith("belongs to another user")
