"""The journal's file: its rights, its settings, what it keeps of every step, and the mailings it holds."""

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from batchmail.delivery import Counts, Mailing
from batchmail.errors import JournalUnusable
from batchmail.journal import open_journal, view_journal
from batchmail.journal.base import IllegalTransition
from batchmail.journal.connection import OLDEST_SQLITE, Database, require_sqlite
from batchmail.journal.migration import APPLICATION_ID, migrate, migrations
from tests.journal.desk import (
    AT,
    FAILED,
    IN_DOUBT,
    LATER,
    MAILING,
    QUEUED,
    REJECTED,
    SENDING,
    SENT,
    Desk,
    number,
    older,
    row,
)


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program that looks into the file."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def test_the_folder_is_made_out_of_sight_of_version_control(path: Path) -> None:
    deep = path.parent / "a" / "b" / "journal.db"
    open_journal(deep, MAILING).close()
    assert deep.is_file()
    assert (deep.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert not (deep.parent.parent / ".gitignore").exists()


def test_a_folder_that_was_there_is_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    open_journal(path, MAILING).close()
    assert not (path.parent / ".gitignore").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="rights are inherited from the folder there")
def test_nobody_else_on_the_machine_may_read_who_got_which_mail(path: Path) -> None:
    before = os.umask(0)
    try:
        journal = open_journal(path, MAILING)
    finally:
        os.umask(before)
    Desk(journal).enrol(row(1))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    files = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.glob("journal.db*")}
    assert files == dict.fromkeys(["journal.db", "journal.db-wal", "journal.db-shm", "journal.db.seal"], 0o600)
    journal.close()


def test_a_closed_journal_is_one_file_with_its_seal(path: Path) -> None:
    open_journal(path, MAILING).close()
    assert sorted(each.name for each in path.parent.glob("journal.db*")) == ["journal.db", "journal.db.seal"]


def test_every_commit_is_synced_to_the_disk(file_desk: Desk) -> None:
    assert number(file_desk.journal, "PRAGMA main.synchronous") == 2  # FULL
    assert number(file_desk.journal, "PRAGMA journal_mode") == "wal"
    assert number(file_desk.journal, "PRAGMA fullfsync") == 1


def test_the_file_is_trusted_no_further_than_needed(file_desk: Desk) -> None:
    assert number(file_desk.journal, "PRAGMA foreign_keys") == 1
    assert number(file_desk.journal, "PRAGMA trusted_schema") == 0


def test_rosters_are_kept_on_the_disk_and_little_of_them_in_memory(file_desk: Desk) -> None:
    assert number(file_desk.journal, "PRAGMA temp_store") == 1  # FILE
    for name in ("main", "temp"):
        assert number(file_desk.journal, f"PRAGMA {name}.cache_size") == -8_192


def test_the_file_says_whose_it_is_and_which_version(file_desk: Desk) -> None:
    assert number(file_desk.journal, "PRAGMA application_id") == APPLICATION_ID == int.from_bytes(b"bmjl", "big")
    assert number(file_desk.journal, "PRAGMA user_version") == len(migrations()) == 4


def test_every_step_is_kept_as_an_event(file_desk: Desk, path: Path) -> None:
    file_desk.enrol(row(1), row(2, skip="unsubscribed"))
    file_desk.go("1", SENDING, IN_DOUBT, request=1, reason="no answer within 120 s")
    file_desk.go("1", SENT, at=LATER, reason="found", provider_id="id-7")
    with looking(path) as file:
        events = file.execute(
            "SELECT key, event.state, attempt, event.request, event.at, event.reason, event.provider_id "
            "FROM event JOIN delivery ON delivery.id = event.delivery ORDER BY event.id"
        ).fetchall()
    assert events == [
        ("1", "queued", 0, 0, AT, "", ""),
        ("2", "skipped", 0, 0, AT, "unsubscribed", ""),
        ("1", "sending", 1, 1, AT, "no answer within 120 s", ""),
        ("1", "in_doubt", 1, 1, AT, "no answer within 120 s", ""),
        ("1", "sent", 1, 0, LATER, "found", "id-7"),
    ]


def test_a_deliverys_state_is_that_of_its_last_event(file_desk: Desk, path: Path) -> None:
    file_desk.enrol(*(row(position) for position in range(1, 8)))
    for position, state in enumerate([QUEUED, SENT, REJECTED, FAILED, IN_DOUBT], 1):
        file_desk.go(str(position), SENDING, state, request=position, reason="why", provider_id="id")
    file_desk.go("6", SENDING, request=6)
    file_desk.journal.recover(LATER)
    file_desk.enrol(*(row(position, skip="no" if position == 3 else "") for position in range(1, 7)), at=LATER)
    with looking(path) as file:
        events = file.execute(
            "SELECT delivery, state, attempt, request, at, reason, provider_id FROM event ORDER BY id"
        ).fetchall()
        deliveries = file.execute(
            "SELECT id, state, attempts, request, at, reason, provider_id FROM delivery ORDER BY id"
        ).fetchall()
    assert {event[0]: event for event in events} == {delivery[0]: delivery for delivery in deliveries}
    states = [state for _, state, *_ in deliveries]
    assert states == ["queued", "sent", "skipped", "queued", "in_doubt", "in_doubt", "skipped"]


@pytest.mark.parametrize("statement", ["UPDATE event SET state = 'sent'", "DELETE FROM event", "DELETE FROM delivery"])
def test_nobody_rewrites_what_has_happened(file_desk: Desk, path: Path, statement: str) -> None:
    file_desk.enrol(row(1))
    file_desk.journal.close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(statement)


def test_one_file_holds_many_mailings_that_know_nothing_of_each_other(path: Path) -> None:
    mailings = [Mailing("invoices", "2026-10"), Mailing("invoices", "2026-11"), Mailing("letters"), Mailing("invoices")]
    for sent, mailing in enumerate(mailings):
        desk = Desk(open_journal(path, mailing))
        assert desk.journal.counts() == Counts()
        desk.enrol(*(row(position) for position in range(1, 5)))
        for key in map(str, range(1, sent + 1)):
            desk.go(key, SENDING, SENT, request=int(key))
        desk.journal.close()
    for sent, mailing in enumerate(mailings):
        desk = Desk(open_journal(path, mailing))
        assert desk.journal.counts() == Counts(queued=4 - sent, sent=sent)
        assert desk.journal.requests() == sent
        assert desk.plan(row(1), row(4)).standing(1).already_sent == (sent > 0)
        assert [record.key for record in desk.plan(row(1)).gone()] == ["2", "3", "4"]
        desk.journal.close()


def test_a_step_of_another_mailings_delivery_is_refused(path: Path) -> None:
    one = Desk(open_journal(path, Mailing("letters")))
    one.enrol(row(1))
    step = one.step("1", SENDING)
    one.journal.close()
    other = open_journal(path, MAILING)
    with pytest.raises(IllegalTransition, match="the mailing has none with this id"):
        other.record([step])
    other.close()


def test_an_older_file_is_brought_up_to_date_step_by_step(path: Path) -> None:
    steps = ["CREATE TABLE one (x);", "ALTER TABLE one ADD COLUMN y;\nCREATE TABLE two (z);"]
    path.parent.mkdir()
    for known in (1, 2, 2):
        database = Database.for_writing(path)
        migrate(database, steps[:known])
        assert database.one("PRAGMA user_version") == (known,)
        database.close()
    with looking(path) as file:
        assert file.execute("SELECT count(*) FROM pragma_table_info('one')").fetchone() == (2,)


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    path.parent.mkdir()
    database = Database.for_writing(path)
    migrate(database, ["CREATE TABLE one (x);"])
    with pytest.raises(JournalUnusable):
        migrate(database, ["", "CREATE TABLE two (x);\nCREATE TABLE one (x);"])
    assert database.one("PRAGMA user_version") == (1,)
    assert database.rows("SELECT name FROM sqlite_master") == [("one",)]
    database.close()


def test_a_file_system_without_a_log_is_told(path: Path) -> None:
    database = Database.in_nowhere(path)  # as a network drive: its database has none either
    with pytest.raises(JournalUnusable, match="cannot keep a write-ahead log"):
        database.keep_a_log()
    database.close()


def test_a_python_with_an_old_sqlite_is_told_so(path: Path) -> None:
    require_sqlite(path, OLDEST_SQLITE)
    with pytest.raises(JournalUnusable, match=r"this Python has SQLite 3\.31\.1; 3\.33\.0 or newer is needed"):
        require_sqlite(path, (3, 31, 1))


def test_mails_that_an_older_version_sent_in_part_are_known_as_such_even_when_only_looked_at(path: Path) -> None:
    with older(path, 2) as old:
        old.execute("INSERT INTO mailing (job, edition) VALUES (?, ?)", (MAILING.job, MAILING.edition))
        old.executemany(
            "INSERT INTO delivery (mailing, key, position, recipients, content, state, attempts, at, reason)"
            " VALUES (1, ?, ?, '[]', x'00', 'sent', 1, ?, ?)",
            [
                ("1", 1, AT, "not sent to kim@example.com: 550: unknown"),
                ("2", 2, AT, "in doubt: kim@example.com: no answer"),
                ("3", 3, AT, "settled by hand"),
            ],
        )
    view = view_journal(path, MAILING)
    assert [record.partial for record in view.all_records()] == [True, True, False]
    view.close()
    with closing(sqlite3.connect(path)) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (2,)
