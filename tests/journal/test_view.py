"""A journal that is only looked at: by plan, status and report, also while a send is writing it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.delivery import Counts, Mailing
from batchmail.journal import open_journal, view_journal
from tests.journal.desk import AT, MAILING, ROOT, SENDING, SENT, Desk, row


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.rglob("*"))


def test_a_journal_that_is_not_there_is_empty_and_none_is_made(path: Path, tmp_path: Path) -> None:
    desk = Desk(view_journal(path, MAILING))
    assert desk.journal.counts() == Counts()
    assert desk.journal.requests() == 0
    assert list(desk.journal.all_records()) == []
    roster = desk.plan(*(row(position) for position in range(1, 2_001)))
    assert roster.standing(1).send == 2_000
    desk.journal.close()
    assert files(tmp_path) == []


def test_an_empty_file_is_a_journal_that_is_about_to_be_made(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    desk = Desk(view_journal(path, MAILING))
    assert desk.plan(row(1)).standing(1).send == 1
    desk.journal.close()
    assert path.read_bytes() == b""


def test_a_mailing_that_the_file_does_not_know_is_empty(file_desk: Desk, path: Path) -> None:
    file_desk.enrol(row(1))
    desk = Desk(view_journal(path, Mailing("letters")))
    assert desk.journal.counts() == Counts()
    assert desk.plan(row(1)).standing(1).send == 1
    desk.journal.close()


def test_a_view_shows_what_another_is_writing(file_desk: Desk, path: Path) -> None:
    file_desk.enrol(row(1), row(2))
    view = Desk(view_journal(path, MAILING))
    assert view.states() == {"1": "queued", "2": "queued"}
    file_desk.go("1", SENDING, request=1)
    assert view.states() == {"1": "sending", "2": "queued"}
    assert view.plan(row(1), row(2)).standing(1).in_doubt == 1
    file_desk.go("1", SENT, request=1)
    assert (view.journal.counts(), view.journal.requests()) == (Counts(queued=1, sent=1), 1)
    assert view.plan(row(1), row(2), row(3)).sendable([1, 2, 3]) == [2, 3]
    view.journal.close()


def test_a_mailing_begun_after_the_view_was_opened_is_seen(file_desk: Desk, path: Path) -> None:
    view = Desk(view_journal(path, Mailing("letters")))
    assert view.states() == {}
    file_desk.journal.close()
    writer = Desk(open_journal(path, Mailing("letters")))
    writer.enrol(row(1))
    assert view.states() == {"1": "queued"}
    writer.journal.close()
    view.journal.close()


def test_a_view_hinders_no_writer_even_in_the_middle_of_a_page(file_desk: Desk, path: Path) -> None:
    file_desk.enrol(*(row(position) for position in range(1, 1_501)))
    view = Desk(view_journal(path, MAILING))
    records = view.journal.all_records()
    next(records)
    file_desk.go("1500", SENDING, SENT)
    assert [record.state for record in records][-1] is SENT
    view.journal.close()


@pytest.fixture(params=["no file", "file"])
def view(request: pytest.FixtureRequest, path: Path) -> Iterator[Desk]:
    if request.param == "file":
        desk = Desk(open_journal(path, MAILING))
        desk.enrol(row(1))
        desk.journal.close()
    desk = Desk(view_journal(path, MAILING))
    yield desk
    desk.journal.close()


def test_a_view_cannot_be_written(view: Desk) -> None:
    roster = view.plan(row(1))
    for write in (lambda: roster.enrol(AT), lambda: view.journal.record([]), lambda: view.journal.recover(AT)):
        with pytest.raises(RuntimeError, match="only looked at"):
            write()


#: root may write everywhere, and becomes nobody first.
LOOK = """
import os, sys
from pathlib import Path
from batchmail.errors import JournalUnusable
from batchmail.journal import view_journal
from batchmail.journal.migration import migrations
from tests.journal.desk import MAILING, Desk, row
migrations()  # loads what Python loads late, as does the next line
Path.home().as_uri()
if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    desk = Desk(view_journal(Path(sys.argv[1]), MAILING))
    print(desk.states(), desk.plan(row(1), row(2)).standing(1).send)
except JournalUnusable as error:
    print(error.message)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a folder's rights are no matter of a mode there")
@pytest.mark.parametrize(
    ("ended", "seen"),
    [("closed", "{'1': 'sent'} 1"), ("open", "{'1': 'sent'} 1"), ("died", "the file cannot be opened")],
)
def test_whoever_may_not_write_the_folder_may_look(ended: str, seen: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "journal.db"
        desk = Desk(open_journal(path, MAILING))
        desk.enrol(row(1))
        desk.go("1", SENDING, SENT)
        if ended == "died":  # what a killed process leaves, on a disk where nothing can be repaired
            copy = {each.name: each.read_bytes() for each in folder.glob("journal.db*") if "-shm" not in each.name}
        if ended != "open":
            desk.journal.close()
        if ended == "died":
            for file, content in copy.items():
                (folder / file).write_bytes(content)
        for each in folder.iterdir():
            each.chmod(0o444)
        folder.chmod(0o555)  # read by all, written by none
        told = look(path)
        folder.chmod(0o700)
        if ended == "open":
            desk.journal.close()
    assert seen in told


def look(path: Path) -> str:
    """What a process sees that may not write there."""
    command = [sys.executable, "-c", LOOK, str(path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert ended.stderr == ""
    return ended.stdout
