"""A workbook is a job: settings on one worksheet, people on another; every command takes it, and none writes to it."""

from pathlib import Path

import pytest

from batchmail.rules import PLAN_FILE_CHANGED, PLAN_MAIL_CHANGED
from tests.program.office import Office, captured
from tests.program.workbook_office import WorkbookOffice, settings


@pytest.fixture
def at_work(office: Office) -> WorkbookOffice:
    """A workbook whose mails go to an emulator."""
    desk = WorkbookOffice(office.folder, office, settings(office.works.base_url, "1000/s"))
    desk.make()
    return desk


def test_a_workbook_is_planned_previewed_rehearsed_sent_and_reported(at_work: WorkbookOffice) -> None:
    before = at_work.path.read_bytes()
    assert at_work.office is not None
    planned = at_work.plan()
    assert (planned.code, planned.document["counts"]["send"], planned.document["findings"]) == (0, 3, [])
    assert "your number is 00001." in at_work.run("preview").out
    assert at_work.run("rehearse", "--format", "json").document["counts"]["sent"] == 3
    sent = at_work.run("send", "--yes", "--format", "json")
    assert (sent.code, sent.document["counts"]["sent"]) == (0, 3)
    assert sorted(at_work.office.accepted()) == ["kim@example.com", "lee@example.com", "park@example.com"]
    assert at_work.run("send", "--yes", "--format", "json").document["requests"] == 0
    assert at_work.run("status", "--format", "json").document["counts"]["sent"] == 3
    assert "kim@example.com,sent" in (at_work.folder / "results.csv").read_text(encoding="utf-8-sig")
    report = at_work.folder / "again.csv"
    assert at_work.run("report", "--out", str(report)).code == 0
    assert report.read_text(encoding="utf-8-sig").count("sent") == 3
    assert at_work.run("resolve", "--look").code == 0
    assert at_work.path.read_bytes() == before


def test_commands_to_go_on_with_name_the_workbook(at_work: WorkbookOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(at_work.folder)
    assert "batchmail send job.xlsx\n" in captured("plan", "job.xlsx").out
    assert "batchmail plan job.xlsx" in captured("status", "job.xlsx").out


def test_nothing_ever_replaces_the_workbook(at_work: WorkbookOffice) -> None:
    before = at_work.path.read_bytes()
    assert at_work.run("report", "--out", str(at_work.path)).code == 2
    assert at_work.run("plan", "--out", str(at_work.path)).code == 1
    assert at_work.path.read_bytes() == before
    at_work.make({"report": ("job.xlsx",)})
    assert at_work.told() == ["B13 manifest-report-over-input"]


def refused(desk: WorkbookOffice, plan: Path) -> tuple[list[str], list[str]]:
    """The places of the files, and the keys of the mails, for which a saved plan is refused."""
    ended = captured("send", str(plan), "--yes", "--format", "json")
    assert ended.code == 1, ended
    assert desk.office is not None
    assert desk.office.works.inbox.requests == 0
    findings = ended.document["findings"]
    files = [each["sheet"] or Path(each["path"]).name for each in findings if each["rule"] == PLAN_FILE_CHANGED.id]
    return sorted(files), sorted(each["key"] for each in findings if each["rule"] == PLAN_MAIL_CHANGED.id)


def test_a_saved_plan_names_the_rows_that_changed_or_says_that_the_job_did(at_work: WorkbookOffice) -> None:
    plan = at_work.folder / "october.plan"
    assert at_work.run("plan", "--out", str(plan)).code == 0
    kept = at_work.path.read_bytes()
    at_work.cell("C3", "lee2@example.com", "recipients")
    assert refused(at_work, plan) == (["job.xlsx"], ["00002"])
    ended = captured("send", str(plan), "--yes")
    assert "the workbook job.xlsx changed after the plan was saved" in ended.err
    assert "1 file and 1 mail changed" in ended.err
    at_work.path.write_bytes(kept)
    at_work.cell("B9", "Dinner for {{ name }}")
    assert refused(at_work, plan) == (["job", "job.xlsx"], ["00001", "00002", "00003"])
    assert "1 file and 3 mails changed" in captured("send", str(plan), "--yes").err
    at_work.path.write_bytes(kept)
    at_work.cell("B12", "500/s")
    assert refused(at_work, plan) == (["job", "job.xlsx"], [])
    at_work.path.write_bytes(kept)
    assert captured("send", str(plan), "--yes").code == 0


def test_the_difference_to_what_was_sent_is_told_by_rows(at_work: WorkbookOffice) -> None:
    assert at_work.run("send", "--yes").code == 0
    at_work.cell("B3", "Lim", "recipients")
    diff = at_work.plan("--diff").document["diff"]
    assert ([each["key"] for each in diff["changed"]], diff["new"], diff["gone"]) == (["00002"], [], [])
