"""What an account remembers of journals: little, for itself alone, and never in anybody's way."""

import json
import stat
import sys
from pathlib import Path

import pytest

from batchmail.journal.logbook import Logbook

JOURNAL = "0123456789abcdef"


def test_what_is_noted_is_recalled(tmp_path: Path) -> None:
    folder = tmp_path / "not yet" / "there"
    Logbook(folder).note(JOURNAL, 3, tmp_path / "journal.db")
    assert Logbook(folder).recall(JOURNAL) == 3
    assert Logbook(folder).recall(JOURNAL[::-1]) == 0


def test_it_is_a_count_and_a_place_and_nobody_elses_business(tmp_path: Path) -> None:
    Logbook(tmp_path / "book").note(JOURNAL, 3, tmp_path / "journal.db")
    page = tmp_path / "book" / f"{JOURNAL}.json"
    told = json.loads(page.read_text(encoding="utf-8"))
    assert told == {"turns": 3, "journal": (tmp_path / "journal.db").as_posix()}
    if sys.platform != "win32":
        assert [stat.S_IMODE(each.stat().st_mode) for each in (page.parent, page)] == [0o700, 0o600]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"turns": "many"}', "[" * 100_000])
def test_a_damaged_page_says_nothing_and_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / f"{JOURNAL}.json").write_text(content, encoding="utf-8")
    logbook = Logbook(tmp_path)
    assert logbook.recall(JOURNAL) == 0
    logbook.note(JOURNAL, 2, tmp_path / "journal.db")
    assert logbook.recall(JOURNAL) == 2


def test_a_place_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file" / "state", tmp_path / "file", None):
        logbook = Logbook(folder)
        logbook.note(JOURNAL, 2, tmp_path / "journal.db")
        assert logbook.recall(JOURNAL) == 0


@pytest.mark.parametrize("journal", ["../../secret", "", "0123456789ABCDEF", JOURNAL + "\n"])
def test_an_id_that_no_journal_has_leads_nowhere(tmp_path: Path, journal: str) -> None:
    logbook = Logbook(tmp_path / "book")
    logbook.note(journal, 2, tmp_path / "journal.db")
    assert logbook.recall(journal) == 0
    assert not (tmp_path / "book").exists()
