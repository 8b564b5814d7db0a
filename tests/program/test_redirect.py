"""A test send reaches one address and nobody else, and never counts as the real mailing."""

import csv
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.redirected import Trial, send_redirected
from batchmail.clock import SystemClock
from batchmail.emulator import Answer, Fault, Faults
from batchmail.finding import Findings
from batchmail.message import Address, Message, Unsubscribe
from batchmail.pace import permitted
from batchmail.pipeline import Choice, open_manifest, plan_job, send_job
from batchmail.redirection import redirected, redirecting
from batchmail.rehearsal import rehearsing
from tests.program.office import ROOT, Ended, Office

TESTER = "me@example.com"


class Doubting(Console):
    """A terminal at which somebody thinks better of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return "no"


def redirect(office: Office, *options: str) -> Ended:
    return office.send("--redirect", TESTER, *options)


def test_every_mail_goes_to_the_one_address_and_says_whose_it_is(office: Office) -> None:
    office.edit('  to: "{{ email }}"', '  to: "{{ email }}"\n  cc: [boss@example.com]\n  bcc: [archive@example.com]')
    ended = redirect(office)
    assert (ended.code, ended.document["counts"]["sent"], ended.document["redirect"]) == (0, 3, TESTER)
    assert office.accepted() == [TESTER] * 3
    assert sorted(mail.subject for mail in office.works.inbox.mails) == [
        f"[to person{n}@example.com] Hello Person {n}" for n in (1, 2, 3)
    ]


def test_a_test_does_not_count(office: Office) -> None:
    redirect(office)
    assert not (office.folder / ".batchmail" / "journal.db").exists()
    assert office.plan().document["counts"]["send"] == 3
    office.send()
    assert sorted(office.accepted()[3:]) == [f"person{n}@example.com" for n in (1, 2, 3)]


def test_the_real_mailing_does_not_keep_a_test_from_being_sent_nor_does_an_earlier_test(office: Office) -> None:
    office.send()
    redirect(office)
    redirect(office)
    assert office.accepted()[3:] == [TESTER] * 6


def test_its_report_is_kept_apart_and_says_where_the_mails_went(office: Office) -> None:
    (report,) = redirect(office).document["reports"]
    assert Path(report) == office.folder / ".batchmail" / "redirected" / "test" / "results.csv"
    assert not (office.folder / "results.csv").exists()
    with Path(report).open(encoding="utf-8-sig", newline="") as file:
        assert [(row["email"], row["mail_status"], row["mail_to"]) for row in csv.DictReader(file)] == [
            (f"person{n}@example.com", "sent", TESTER) for n in (1, 2, 3)
        ]


def test_only_some_rows_may_be_tested(office: Office) -> None:
    assert redirect(office, "--limit", "1").code == 0
    assert redirect(office, "--only", "00003").code == 0
    assert [mail.subject.split("]")[0] for mail in office.works.inbox.mails] == [
        "[to person1@example.com",
        "[to person3@example.com",
    ]


def test_mails_that_would_be_combined_are_sent_one_by_one(office: Office) -> None:
    office.edit('subject: "Hello {{ name }}"', 'subject: "Hello"\n  isSendSeparately: true')
    office.edit("your number is {{ number }}", "welcome")
    office.edit("Dear {{ name }}", "Dear friend")
    ended = redirect(office)
    assert (ended.code, ended.document["requests"]) == (0, 3)
    assert office.accepted() == [TESTER] * 3


def test_a_job_whose_keys_are_addresses_is_tested_row_by_row(office: Office) -> None:
    office.edit("  key: number\n", "")
    assert redirect(office).document["counts"]["sent"] == 3


@pytest.mark.parametrize("address", ["", "me", "me@@example.com", "me@example.com, you@example.com"])
def test_what_is_no_address_is_a_matter_of_usage(office: Office, address: str) -> None:
    ended = office.send("--redirect", address)
    assert ended.code == 2
    assert "is no address" in ended.err
    assert office.works.inbox.requests == 0


def test_a_saved_plan_is_not_tested(office: Office) -> None:
    plan = str(office.folder / "october.plan")
    assert office.run("plan", str(office.job), "--out", plan).code == 0
    ended = office.run("send", plan, "--redirect", TESTER, "--yes")
    assert ended.code == 2
    assert "--redirect is for a job" in ended.err


def test_a_job_with_faults_is_not_tested(office: Office) -> None:
    office.edit("{{ name }},", "{{ nmae }},")
    ended = redirect(office)
    assert ended.code == 1
    assert office.works.inbox.requests == 0


def test_what_was_refused_is_told(office: Office, faults: Faults) -> None:
    faults.at(Fault(Answer(400, b'{"code": "INVALID_PARAMETER", "description": "no such mailbox"}')), 2)
    ended = redirect(office)
    assert (ended.code, ended.document["counts"]["rejected"]) == (3, 1)


def test_the_subject_keeps_its_mark_within_the_providers_limit() -> None:
    message = Message((Address("kim@example.com"), Address("lee@example.com")), "x" * 180, "")
    subject = redirected(message, TESTER, "r", 180).subject
    assert subject.startswith("[to kim@example.com and 1 more] xxx")
    assert len(subject) == 180


def test_a_tester_takes_nobody_off_the_list_and_hides_no_real_mail() -> None:
    way_out = Unsubscribe("https://example.com/leave?reader=1", one_click=True)
    real = Message((Address("kim@example.com"),), "Hello", "", unsubscribe=way_out, identity="i")
    tested = redirected(real, TESTER, "r")
    assert tested.unsubscribe is None
    assert tested.identity != real.identity


@pytest.mark.parametrize("name", ["hello", "seminar", "support-cases", "newsletter", "letters"])
def test_with_any_provider_nobody_but_the_tester_gets_anything(name: str, tmp_path: Path) -> None:
    findings = Findings()
    _, opened = open_manifest(ROOT / "manifests" / name / "job.yaml", findings)
    assert opened is not None
    with (
        rehearsing(opened, tmp_path / "rehearsal") as rehearsal,
        redirecting(rehearsal.opened, TESTER, tmp_path / "test") as redirection,
    ):
        plan = plan_job(redirection.opened, redirection.journal, findings)
        unpaced = replace(plan, pace=permitted((), 0, 0))
        result = send_job(redirection.opened, redirection.journal, unpaced, SystemClock(), lambda _: None)
        mails = [BytesParser(policy=policy.default).parsebytes(each.read_bytes()) for each in _eml(rehearsal.mails)]
    assert result.counts.sent == len(mails) == plan.standing.send > 0
    for mail in mails:
        assert TESTER in str(mail["To"])
        assert (mail["Cc"], mail["Bcc"], mail["List-Unsubscribe"]) == (None, None, None)
        assert str(mail["Subject"]).startswith("[to ")


def _eml(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.eml"))


def test_a_test_uses_up_the_quota_of_the_real_mailing(office: Office) -> None:
    office.edit("rate: 100000/s", "rate: 3/day")
    assert redirect(office).code == 0
    assert "3 of 3/day are used up" in office.run("plan", str(office.job)).out
    assert office.send("--max-wait", "1min").code == 4
    assert office.accepted() == [TESTER] * 3


def test_the_real_mailing_uses_up_the_quota_of_a_test(office: Office) -> None:
    office.edit("rate: 100000/s", "rate: 3/day")
    assert office.send().code == 0
    assert redirect(office, "--max-wait", "1min").code == 4
    assert TESTER not in office.accepted()


@pytest.mark.parametrize("edition", [(), ("--edition", "second")])
def test_a_test_uses_up_the_quota_of_other_tests(edition: tuple[str, ...], office: Office) -> None:
    office.edit("rate: 100000/s", "rate: 3/day")
    redirect(office)
    assert redirect(office, *edition, "--max-wait", "1min").code == 4
    assert len(office.accepted()) == 3


def test_a_test_whose_journal_is_broken_keeps_nobody_from_sending(office: Office) -> None:
    redirect(office)
    journal = office.folder / ".batchmail" / "redirected" / "test" / "journal.db"
    journal.write_bytes(b"no journal at all")
    assert office.send().code == 0
    assert redirect(office).code == 0
    assert len(office.accepted()) == 9


def kept(office: Office) -> bytes:
    return (office.folder / ".batchmail" / "redirected" / "test" / "results.csv").read_bytes()


def test_the_report_of_a_test_stays_until_another_begins(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    redirect(office)
    before, body = kept(office), "<p>Dear {{ name }}"
    monkeypatch.delenv("WORKS_ACCESS_TOKEN")
    assert redirect(office).code != 0
    assert kept(office) == before
    office.edit(body, "<p>Dear {{ nmae }}")
    assert redirect(office).code == 1
    assert kept(office) == before


def test_the_report_of_a_test_stays_where_the_next_is_not_confirmed(office: Office) -> None:
    redirect(office)
    before = kept(office)
    console = Doubting()
    trial = Trial(office.job, TESTER, Choice(), (), yes=False, form="text", edition=None, journal=None)
    assert send_redirected(console, trial) == ending.INTERRUPTED
    (asked,) = console.asked
    assert f"3 mails to {TESTER}" in asked
    assert asked.endswith("\nType the number to send them: ")
    assert kept(office) == before


def test_notes_beside_the_report_of_a_test_stay(office: Office) -> None:
    redirect(office)
    notes = office.folder / ".batchmail" / "redirected" / "test" / "my notes.txt"
    notes.write_text("the logo is missing", encoding="utf-8")
    redirect(office)
    assert notes.read_text(encoding="utf-8") == "the logo is missing"
