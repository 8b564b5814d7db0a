"""Full disks, damaged files and files of other programs: each ends in a sentence, and costs nothing that was known."""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchmail.delivery import Mailing, Transition
from batchmail.errors import JournalUnusable
from batchmail.journal import open_journal, view_journal
from batchmail.journal.base import IllegalTransition, Journal
from batchmail.journal.migration import migrations
from tests.journal.child import told_by
from tests.journal.desk import AT, LATER, MAILING, QUEUED, SENDING, SENT, Desk, database_of, row

Opening = Callable[[Path, Mailing], Journal]
OPENINGS: list[Opening] = [open_journal, view_journal]


def fill(desk: Desk, pages: int) -> None:
    """Let the disk have room for so many more pages; what SQLite says then is what it says on a full disk."""
    database = database_of(desk.journal)
    used = database.one("PRAGMA page_count")
    assert used is not None
    database.run(f"PRAGMA max_page_count = {used[0] + pages}")


@pytest.mark.parametrize("pages", [0, 6, 30, 54])
def test_on_a_full_disk_a_plan_is_enrolled_not_at_all(file_desk: Desk, pages: int) -> None:
    file_desk.enrol(row(1), row(2))
    many = [row(position) for position in range(1, 2_001)]
    fill(file_desk, pages)
    with pytest.raises(JournalUnusable, match="no space is left on its disk"):
        file_desk.enrol(*many, at=LATER)
    assert file_desk.states() == {"1": "queued", "2": "queued"}
    fill(file_desk, 100_000)
    file_desk.enrol(*many, at=LATER)
    assert file_desk.journal.counts().queued == 2_000


def test_on_a_full_disk_a_commit_is_made_not_at_all(file_desk: Desk) -> None:
    file_desk.enrol(*(row(position) for position in range(1, 1_001)))
    deliveries = file_desk.journal.deliveries(list(map(str, range(1, 1_001)))).values()
    steps = [Transition(each.id, SENDING, 1, AT, each.id, "x" * 100) for each in deliveries]
    fill(file_desk, 2)
    with pytest.raises(JournalUnusable, match="no space is left on its disk"):
        file_desk.journal.record(steps)
    assert file_desk.journal.counts().queued == 1_000
    assert file_desk.journal.requests() == 0
    fill(file_desk, 100_000)
    file_desk.journal.record(steps)
    assert file_desk.journal.counts().sending == 1_000


RECORD_UNTIL_FULL = """
import resource, sys
from pathlib import Path
from batchmail.errors import JournalUnusable
from batchmail.journal import open_journal
from tests.journal.desk import MAILING, QUEUED, SENDING, Desk, row

desk = Desk(open_journal(Path(sys.argv[1]), MAILING))
desk.enrol(row(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    while True:
        desk.go("1", SENDING, QUEUED, reason="y" * 500)
        print(desk.record("1").attempts, flush=True)
except JournalUnusable as error:
    print(error.message, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no limit of a file's size there")
def test_when_the_system_takes_no_more_it_is_told_and_nothing_recorded_is_lost(path: Path) -> None:
    *attempts, message = told_by(RECORD_UNTIL_FULL, path)
    assert "the journal cannot be used: its disk cannot be read or written" in message
    desk = Desk(open_journal(path, MAILING))
    assert desk.record("1").attempts - int(attempts[-1]) in {0, 1}
    assert desk.record("1").state in {QUEUED, SENDING}
    desk.journal.close()


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("content", [b"number,name\r\n1,Kim\r\n" * 200, b"SQLite format 3\0" + bytes(4_080), b"x"])
def test_a_file_that_is_no_database_is_told_and_left_alone(path: Path, content: bytes, opening: Opening) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(JournalUnusable, match=r"journal\.db: the journal cannot be used: the file is"):
        opening(path, MAILING)
    assert path.read_bytes() == content
    assert [each.name for each in path.parent.iterdir()] == ["journal.db"]


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize(
    "statement", ["CREATE TABLE addresses (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"]
)
def test_another_programs_database_is_told_and_left_alone(path: Path, statement: str, opening: Opening) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute(statement)
        other.commit()
    content = path.read_bytes()
    with pytest.raises(JournalUnusable, match="it is a database of another program"):
        opening(path, MAILING)
    assert path.read_bytes() == content


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_journal_of_a_newer_version_is_told(path: Path, opening: Opening) -> None:
    open_journal(path, MAILING).close()
    newer = len(migrations()) + 1
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {newer}")
    with pytest.raises(
        JournalUnusable, match=rf"a newer batchmail has written it \(version {newer}; this one knows {newer - 1}\)"
    ):
        opening(path, MAILING)


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_folder_in_the_journals_place_is_told(path: Path, opening: Opening) -> None:
    path.mkdir(parents=True)
    with pytest.raises(JournalUnusable, match="it is not a file"):
        opening(path, MAILING)


def test_a_file_in_the_folders_place_is_told(path: Path) -> None:
    path.parent.write_text("no folder", encoding="utf-8")
    with pytest.raises(JournalUnusable, match="its folder cannot be made"):
        open_journal(path, MAILING)


def test_a_journal_that_another_program_locks_is_told(file_desk: Desk, path: Path) -> None:
    database_of(file_desk.journal).run("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnusable, match="another program keeps it locked"):
            file_desk.enrol(row(1))


def whole_journal(path: Path) -> bytes:
    """A file with some hundreds of deliveries, and what a run left of them."""
    desk = Desk(open_journal(path, MAILING))
    desk.enrol(*(row(position) for position in range(1, 301)))
    for position in range(1, 40):
        desk.go(str(position), SENDING, SENT)
    desk.go("40", SENDING)
    desk.journal.close()
    return path.read_bytes()


def use(journal: Journal) -> None:
    """All that a run and a report do."""
    desk = Desk(journal)
    try:
        journal.recover(AT)
        desk.enrol(*(row(position) for position in range(1, 320)))
        for batch in journal.batches(5):
            journal.record([Transition(each.id, SENDING, each.attempts + 1, AT, 1) for each in batch.deliveries])
        list(journal.all_records())
        list(journal.in_doubt())
        list(desk.plan(row(1)).gone())
        journal.counts()
        journal.records(["1", "40", "300"])
    finally:
        journal.close()


@pytest.mark.parametrize("pages", [0.1, 0.99, 1, 3, 9])
def test_a_file_that_was_cut_off_is_told(path: Path, pages: float) -> None:
    content = whole_journal(path)
    path.write_bytes(content[: int(4_096 * pages)])
    with pytest.raises(JournalUnusable, match="the file is damaged"):
        use(open_journal(path, MAILING))


def test_a_file_with_overwritten_pages_is_told(path: Path) -> None:
    content = whole_journal(path)
    path.write_bytes(content[:8_192] + bytes(range(256)) * (len(content) // 256 - 32))
    with pytest.raises(JournalUnusable, match="the file is damaged"):
        use(open_journal(path, MAILING))


def test_a_file_whose_names_are_broken_is_told(path: Path) -> None:
    content = whole_journal(path)
    path.write_bytes(content.replace(b"INDEX delivery_order ON", b"INDEX deliv\xff\xfeorder ON"))
    with pytest.raises(JournalUnusable, match="the file is damaged"):
        use(open_journal(path, MAILING))


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("intact") / "journal.db"
    whole_journal(path)
    return path


@given(damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=30))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_used_or_told_and_nothing_else(
    intact: Path, path: Path, damage: list[tuple[float, int]]
) -> None:
    content = bytearray(intact.read_bytes())
    for where, value in damage:
        content[int(where * len(content))] = value
    path.parent.mkdir(exist_ok=True)
    for each in path.parent.iterdir():
        each.unlink()
    path.write_bytes(content)
    with suppress(JournalUnusable, IllegalTransition):  # a step that contradicts what the file says is refused
        use(open_journal(path, MAILING, adopt=True))
