"""A journal that was put back, copied or deleted: no command promises or sends a second mail."""

import json
import shutil
from pathlib import Path

import pytest

from batchmail.cli import ending
from tests.program.office import Office


@pytest.fixture
def restored(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Of 90 people 20 have their mail, and the journal, with all that lies beside it, knows of 10."""
    office.people(90)
    backup = tmp_path_factory.mktemp("backup")
    folder = office.folder / ".batchmail"
    assert office.send("--limit", "10").code == ending.DONE
    shutil.copytree(folder, backup, dirs_exist_ok=True)
    assert office.send("--limit", "10").code == ending.DONE
    shutil.copytree(backup, folder, dirs_exist_ok=True)  # as `cp -a backup/. .batchmail/`: into the same files
    return office


def test_nobody_gets_a_second_mail_from_a_journal_that_was_put_back(restored: Office) -> None:
    refused = restored.send("--limit", "10")
    assert refused.code == ending.BLOCKED
    assert "an older journal was put in its place" in refused.err
    assert len(restored.accepted()) == len(set(restored.accepted())) == 20


def test_a_plan_finds_what_send_refuses(restored: Office) -> None:
    planned = restored.plan()
    assert planned.code == ending.BLOCKED
    (finding,) = planned.document["findings"]
    assert (finding["rule"], finding["severity"]) == ("journal-copied", "error")
    assert finding["path"].endswith(".batchmail/journal.db")
    saved = restored.folder / "october.plan"
    assert restored.plan("--out", str(saved)).code == ending.BLOCKED
    assert not saved.exists()
    assert restored.plan("--adopt").code == ending.DONE


def test_what_it_knows_is_shown_with_a_caution(restored: Office) -> None:
    status, preview = restored.status(), restored.run("preview", str(restored.job), "--row", "2")
    report = restored.run("report", str(restored.job), "--out", str(restored.folder / "all.csv"))
    assert status.document["counts"]["sent"] == 10
    assert "person1@example.com" in preview.out
    assert (restored.folder / "all.csv").exists()
    for ended in (status, preview, report):
        assert "Caution: " in ended.err
        assert "an older journal was put in its place" in ended.err
        assert "--adopt" in ended.err


def test_whoever_has_made_sure_goes_on(restored: Office) -> None:
    ended = restored.send("--adopt", "--limit", "1")
    assert ended.code == ending.DONE
    assert restored.plan().code == restored.send("--limit", "1").code == ending.DONE
    assert restored.status().err == ""


def test_a_journal_that_was_deleted_is_missed(office: Office) -> None:
    office.send()
    (office.folder / ".batchmail" / "journal.db").unlink()
    assert [finding["rule"] for finding in office.plan().document["findings"]] == ["journal-copied"]
    assert "the journal is gone" in office.status().err
    for refused in (office.send(), office.run("resolve", str(office.job), "--key", "00001", "--sent")):
        assert refused.code == ending.BLOCKED
        assert "everybody would get it again" in refused.err
    assert len(office.accepted()) == 3
    assert office.send("--adopt").code == ending.DONE
    assert len(office.accepted()) == 6


def test_a_journal_without_its_seal_is_refused(office: Office) -> None:
    office.send()
    (office.folder / ".batchmail" / "journal.db.seal").unlink()
    refused = office.send()
    assert refused.code == ending.BLOCKED
    assert "its seal, journal.db.seal, is gone" in refused.err
    assert office.send("--adopt").code == office.send().code == ending.DONE
    assert len(office.accepted()) == 3


def test_a_home_that_cannot_be_written_stops_nobody(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "state"))
    assert office.send("--limit", "1").code == office.send().code == ending.DONE
    assert office.plan().document["counts"]["already_sent"] == 3


def test_what_is_remembered_names_nobody(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    office.send()
    office.run("rehearse", str(office.job))  # a rehearsal's journal is made anew each time, and not worth a note
    (page,) = (tmp_path / "home" / "batchmail").glob("*.json")
    journal = office.folder / ".batchmail" / "journal.db"
    assert json.loads(page.read_text(encoding="utf-8")) == {"turns": 2, "journal": journal.as_posix()}
