"""What you saw is what is sent: plans that are saved, and refused when one byte has changed."""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from batchmail.clock import SystemClock
from batchmail.finding import Findings
from batchmail.pipeline import open_manifest, plan_job, send_job, sending
from batchmail.rules import PLAN_FILE_CHANGED, PLAN_MAIL_CHANGED
from batchmail.saved import SavedPlan
from batchmail.saving import changed_inputs, report_changes
from tests.program.office import JOB, Ended, Office

BODY = "<p>Dear {{ name }}</p>{% include 'foot.html' %}\n"


class Desk:
    """An office whose job has a body, an included file and an attachment for each of three people."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.plan_file = office.folder / "october.bin"
        office.manifest(
            JOB.replace(
                'body: "<p>Dear {{ name }}, your number is {{ number }}.</p>"', "body: {file: body.html}"
            ).replace("send:", '  attachments:\n    - {path: "pdf/{{ number }}.pdf"}\n    - {path: logo.png}\nsend:')
        )
        office.write("body.html", BODY)
        office.write("foot.html", "<p>Bye</p>\n")
        office.write("logo.png", "logo")
        office.write("unsubscribed.csv", "email\nlee@example.com\n")
        office.edit("key: number", "key: number\n  suppress: [unsubscribed.csv]")
        for n in range(1, 4):
            office.write(f"pdf/0000{n}.pdf", f"%PDF {n}")

    def save(self, *options: str) -> Ended:
        return self.office.run("plan", str(self.office.job), "--out", str(self.plan_file), *options)

    def send(self, *options: str) -> Ended:
        return self.office.run("send", str(self.plan_file), "--yes", "--format", "json", *options)

    def refused(self) -> tuple[list[str], list[str]]:
        """The names of the files, and the keys of the mails, for which the saved plan is refused; nothing is sent."""
        ended = self.send()
        assert ended.code == 1, ended
        assert self.office.works.inbox.requests == 0
        findings = ended.document["findings"]
        files = [Path(each["path"]).name for each in findings if each["rule"] == PLAN_FILE_CHANGED.id]
        return files, sorted(each["key"] for each in findings if each["rule"] == PLAN_MAIL_CHANGED.id)

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.office.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.office.write(name, text.replace(old, new, 1))


@pytest.fixture
def desk(office: Office) -> Desk:
    """A desk with a saved plan."""
    desk = Desk(office)
    ended = desk.save()
    assert ended.code == 0, ended
    assert ended.out.rstrip().endswith(f"batchmail send {desk.plan_file.as_posix()}")
    return desk


def test_an_unchanged_plan_sends_what_it_says_and_then_nothing(desk: Desk) -> None:
    assert desk.send().document["counts"]["sent"] == 3
    again = desk.send()
    assert (again.code, again.document["requests"]) == (0, 0)
    assert sorted(desk.office.accepted()) == [f"person{n}@example.com" for n in (1, 2, 3)]


def test_what_was_sent_meanwhile_makes_no_plan_stale(desk: Desk) -> None:
    assert desk.office.send("--limit", "1").document["counts"]["sent"] == 1
    assert desk.send().code == 0
    assert len(desk.office.accepted()) == 3


def test_a_saved_plan_is_sent_in_parts_as_a_job_is(desk: Desk) -> None:
    assert desk.send("--only", "00002").document["counts"]["sent"] == 1
    assert desk.send("--limit", "1").document["counts"]["sent"] == 2
    assert desk.send().document["counts"]["sent"] == 3


ALL = ["00001", "00002", "00003"]


@pytest.mark.parametrize(
    ("name", "old", "new", "keys"),
    [
        ("job.yaml", "version: 1", "version: 1 ", []),
        ("job.yaml", "Hello", "Hallo", ALL),
        ("people.csv", "Person 2", "Person 4", ["00002"]),
        ("people.csv", "person2@", "person4@", ["00002"]),
        ("people.csv", "00002", '"00002"', []),
        ("body.html", "Dear", "dear", ALL),
        ("body.html", "<p>", "{# #}<p>", []),
        ("foot.html", "Bye", "bye", ALL),
        ("pdf/00002.pdf", "%PDF 2", "%PDF 3", ["00002"]),
        ("logo.png", "logo", "Logo", ALL),
    ],
)
def test_one_byte_that_changed_anywhere_is_refused_with_the_file_and_the_mails(
    desk: Desk, name: str, old: str, new: str, keys: list[str]
) -> None:
    desk.change(name, old, new)
    assert desk.refused() == ([Path(name).name], keys)
    desk.change(name, new, old)
    assert desk.send().code == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text + "00009,Person 9,person9@example.com\n", "`00009` is new: its mail to person9@example.com"),
        (lambda text: text.replace("00003,Person 3,person3@example.com\n", ""), "`00003` is gone"),
        (lambda text: text.replace("person3", "other3"), "goes to other3@example.com now, not to person3@example.com"),
    ],
)
def test_rows_that_are_new_gone_or_for_others_are_told_so(desk: Desk, change: Callable[[str], str], said: str) -> None:
    text = (desk.office.folder / "people.csv").read_text(encoding="utf-8")
    desk.office.write("pdf/00009.pdf", "%PDF 9")
    desk.office.write("people.csv", change(text))
    ended = desk.send()
    assert ended.code == 1
    assert said in ended.out
    assert desk.office.works.inbox.requests == 0


@pytest.mark.parametrize("name", ["people.csv", "body.html", "foot.html", "pdf/00002.pdf", "job.yaml"])
def test_a_file_that_is_gone_is_named(desk: Desk, name: str) -> None:
    (desk.office.folder / name).unlink()
    files, _ = desk.refused()
    assert files == [Path(name).name]


def test_a_stale_plan_says_how_to_go_on(desk: Desk) -> None:
    desk.change("body.html", "Dear", "dear")
    said = desk.office.run("send", str(desk.plan_file), "--yes").err
    assert "1 file and 3 mails changed. Nothing was sent." in said
    assert f"batchmail plan {desk.office.job.resolve().as_posix()} --out {desk.plan_file.as_posix()}" in said
    assert desk.save().code == 0
    assert desk.send().code == 0


def test_a_row_left_out_by_where_makes_the_plan_stale_when_it_comes_back(desk: Desk) -> None:
    desk.office.edit("key: number", "key: number\n  where: name != 'Person 2'")
    assert desk.save().code == 0
    desk.office.edit("\n  where: name != 'Person 2'", "")
    assert desk.refused() == (["job.yaml"], ["00002"])


def test_whoever_unsubscribes_after_the_plan_is_left_out_and_the_others_get_their_mail(desk: Desk) -> None:
    desk.change("unsubscribed.csv", "lee@", "person2@")
    assert desk.send().code == 0
    assert desk.office.accepted() == ["person1@example.com", "person3@example.com"]


def test_whoever_is_taken_off_a_suppression_list_was_not_in_the_plan(desk: Desk) -> None:
    desk.change("unsubscribed.csv", "lee@", "person2@")
    assert desk.save().code == 0
    desk.change("unsubscribed.csv", "person2@", "lee@")
    assert desk.refused() == ([], ["00002"])


def test_a_plan_with_errors_is_not_saved_and_the_old_one_stays(desk: Desk) -> None:
    before = desk.plan_file.read_bytes()
    desk.change("people.csv", "person2@", "person2@@")
    ended = desk.save()
    assert ended.code == 1
    assert "No plan was saved" in ended.err
    assert desk.plan_file.read_bytes() == before
    desk.plan_file.unlink()
    assert desk.save().code == 1
    assert not desk.plan_file.exists()


def test_warnings_that_were_allowed_stay_allowed_and_no_others(desk: Desk) -> None:
    office = desk.office
    office.write("setup.exe", "MZ")
    office.edit("{path: logo.png}", "{path: setup.exe}")
    assert desk.save().out.rstrip().endswith("--allow attachment-blocked-type")
    assert desk.send().code == 1
    assert desk.save("--allow", "attachment-blocked-type").code == 0
    assert desk.send().code == 0


def test_a_plan_is_known_by_what_is_in_it_whatever_its_name(desk: Desk) -> None:
    renamed = desk.plan_file.rename(desk.plan_file.with_name("plan.yaml"))
    assert desk.office.run("send", str(renamed), "--yes").code == 0


def test_a_plan_keeps_its_edition_and_its_journal(desk: Desk, tmp_path: Path) -> None:
    journal = tmp_path / "other.db"
    assert desk.save("--edition", "2", "--journal", str(journal)).code == 0
    assert desk.send("--edition", "3").code == 2
    assert desk.send("--journal", str(tmp_path / "third.db")).code == 2
    assert desk.send().document["edition"] == "2"
    assert journal.exists()
    assert desk.send("--edition", "2", "--journal", str(journal)).code == 0
    assert len(desk.office.accepted()) == 3


def test_a_test_to_oneself_is_made_of_a_job_and_not_of_a_plan(desk: Desk) -> None:
    ended = desk.send("--redirect", "me@example.com")
    assert ended.code == 2
    assert "--redirect is for a job" in ended.err
    assert desk.office.works.inbox.requests == 0


def test_a_plan_takes_the_place_of_no_other_file(desk: Desk) -> None:
    for name in ("people.csv", "job.yaml", "body.html", "other.txt"):
        (desk.office.folder / "other.txt").write_text("mine", encoding="utf-8")
        before = (desk.office.folder / name).read_bytes()
        ended = desk.office.run("plan", str(desk.office.job), "--out", str(desk.office.folder / name))
        assert ended.code == 1
        assert "Give the plan another name" in ended.err
        assert (desk.office.folder / name).read_bytes() == before


def test_a_plan_that_cannot_be_written_is_told(desk: Desk) -> None:
    ended = desk.office.run("plan", str(desk.office.job), "--out", str(desk.office.folder / "no" / "plan"))
    assert ended.code == 1
    assert "the plan cannot be saved there" in ended.err


def test_a_saved_plan_has_no_text_of_any_mail_and_no_secret(desk: Desk) -> None:
    content = desk.plan_file.read_bytes()
    for text in ("Hello Person", "Dear", "Bye", "%PDF", desk.office.works.access_token):
        assert text.encode() not in content
    assert b"person2@example.com" in content


@pytest.mark.skipif(os.name != "posix", reason="rights are kept otherwise there")
def test_a_saved_plan_is_its_owners_alone_and_none_that_others_may_write_is_sent(desk: Desk) -> None:
    assert stat.S_IMODE(desk.plan_file.stat().st_mode) == 0o600
    desk.plan_file.chmod(0o666)
    ended = desk.send()
    assert ended.code == 1
    assert "others may write it" in ended.err
    assert desk.office.works.inbox.requests == 0


@pytest.mark.parametrize("keep", [120, 3_000])
def test_a_damaged_plan_ends_in_a_sentence(desk: Desk, keep: int) -> None:
    desk.plan_file.write_bytes(desk.plan_file.read_bytes()[:keep])
    ended = desk.send()
    assert ended.code == 1
    assert "the saved plan cannot be used" in ended.err


def test_a_plan_of_another_version_is_refused(desk: Desk) -> None:
    database = sqlite3.connect(desk.plan_file)
    database.execute("PRAGMA user_version = 3")
    database.close()
    ended = desk.send()
    assert ended.code == 1
    assert "another version of batchmail has made it" in ended.err


@pytest.mark.parametrize(
    ("name", "old", "new"), [("job.yaml", "version: 1", "version: 1 "), ("people.csv", "00001", '"00001"')]
)
def test_a_file_that_is_swapped_after_it_was_looked_at_is_refused_though_all_mails_are_the_same(
    desk: Desk, name: str, old: str, new: str
) -> None:
    desk.change("unsubscribed.csv", "lee@", "person2@")
    assert desk.save().code == 0
    findings, clock = Findings(), SystemClock()
    with closing(SavedPlan(desk.plan_file)) as saved:
        assert list(changed_inputs(saved)) == []
        desk.change(name, old, new)
        mailing, opened = open_manifest(desk.office.job, findings)
        assert opened
        assert mailing
        with sending(desk.office.folder / "journal.db", mailing, clock) as journal:
            report_changes(saved, opened, plan_job(opened, journal, findings), findings)
    assert [(each.rule, getattr(each.where, "path", Path()).name) for each in findings] == [
        (PLAN_FILE_CHANGED.id, name)
    ]


def swap_content(file: Path) -> None:
    file.write_text("%PDF 3", encoding="utf-8")


def swap_link(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.with_name("00003.pdf"))


WINDOWS_LINKS = pytest.mark.skipif(os.name == "nt", reason="links need a right there")


@pytest.mark.parametrize("swap", [swap_content, Path.unlink, pytest.param(swap_link, marks=WINDOWS_LINKS)])
def test_a_file_that_is_swapped_after_the_plan_of_the_very_run_is_not_sent(
    desk: Desk, swap: Callable[[Path], None]
) -> None:
    """The last moment: planned, confirmed, and another file when it is to leave."""
    office, findings, clock = desk.office, Findings(), SystemClock()
    _, opened = open_manifest(office.job, findings)
    assert opened
    with sending(office.folder / "journal.db", opened.job.mailing, clock) as journal:
        plan = plan_job(opened, journal, findings)
        swap(office.folder / "pdf" / "00002.pdf")
        result = send_job(opened, journal, plan, clock, lambda _: None)
    assert "00002" in str(result.error)
    assert "person2@example.com" not in office.accepted()
    assert result.counts.in_doubt == 0


@pytest.mark.parametrize("command", ["plan", "status", "preview", "rehearse", "report", "resolve", "login"])
def test_a_command_for_jobs_says_what_takes_a_saved_plan(desk: Desk, command: str) -> None:
    more = {"report": ["--out", str(desk.office.folder / "r.csv")], "resolve": ["--look"]}.get(command, [])
    ended = desk.office.run(command, str(desk.plan_file), *more)
    assert ended.code == 2
    assert "is a saved plan, which only `batchmail send " in ended.err


def test_a_plan_with_faults_is_not_saved_and_an_earlier_one_stays(desk: Desk) -> None:
    desk.change("body.html", "name", "nmae")
    earlier = desk.plan_file.read_bytes()
    assert f"No plan was saved: {desk.plan_file.as_posix()} is as it was." in desk.save().err
    assert desk.plan_file.read_bytes() == earlier
    desk.plan_file.unlink()
    assert desk.save().err.endswith("No plan was saved.\n")
    desk.change("job.yaml", "version: 1", "version: 7")
    assert desk.save().err.endswith("No plan was saved.\n")
    assert not desk.plan_file.exists()
