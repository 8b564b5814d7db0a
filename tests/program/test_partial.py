"""Rows of several people of whom not all get the mail: they are told by name, and nobody gets it twice."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchmail.cli import ending
from batchmail.emulator import (
    Answer,
    Cut,
    Fault,
    Faults,
    PleasanterRules,
    RunningSmtp,
    SmtpRules,
    WorksV1Rules,
    pleasanter_emulator,
    smtp_emulator,
    works_v1_emulator,
)
from batchmail.executor import Progress
from batchmail.finding import Findings
from batchmail.pipeline import open_manifest, plan_job, send_job, sending
from batchmail.results import state_of
from tests.program.hurried_clock import HurriedClock
from tests.program.office import Ended, captured

JOB = """\
version: 1
name: test
provider:
  kind: smtp
  host: 127.0.0.1
  port: PORT
  security: none
  username: news@example.com
  password: {env: SMTP_PASSWORD}
recipients:
  file: people.csv
  key: number
  fields:
    email: {type: emails}
    copy: {type: emails, required: false}
message:
  to: "{{ email }}"
  cc: "{{ copy }}"
  from: billing@example.com
  subject: "Hello {{ number }}"
  body: Hi
  contentType: text
  isSendSeparately: true
send: {rate: 100000/s, concurrency: 2}
report: [results.csv]
"""


class Desk:
    """A folder with a job for rows of several people."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        self.job = folder / "job.yaml"
        self.job.write_text(text, encoding="utf-8")

    def people(self, *rows: str) -> None:
        (self.folder / "people.csv").write_text("\n".join(["number,email,copy", *rows, ""]), encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        text = self.job.read_text(encoding="utf-8")
        assert old in text
        self.job.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, command: str, *options: str) -> Ended:
        return captured(command, str(self.job), *options)

    def told(self, command: str, *options: str) -> dict[str, Any]:
        return self.run(command, *options, "--format", "json").document

    def results(self, name: str = "results.csv") -> dict[str, dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return {row["number"]: row for row in csv.DictReader(file)}

    def redo(self) -> tuple[Ended, dict[str, dict[str, str]]]:
        """The report of what is to be done anew."""
        ended = self.run("report", "--failed", "--out", str(self.folder / "redo.csv"))
        return ended, self.results("redo.csv")


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def server(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSmtp]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with smtp_emulator(rules=SmtpRules(), faults=faults) as emulator:
        monkeypatch.setenv("SMTP_PASSWORD", emulator.access_token)
        yield emulator


@pytest.fixture
def desk(tmp_path: Path, server: RunningSmtp) -> Desk:
    desk = Desk(tmp_path, JOB.replace("PORT", str(server.server.port)))
    desk.people("a1,kim@example.com,", '"a4","nobody@example.com;good@example.com",')
    return desk


def got(server: RunningSmtp) -> list[str]:
    """Who has got a mail, once for each."""
    return sorted(address for mail in server.inbox.mails for address in mail.recipients)


@pytest.mark.parametrize("separately", ["true", "false"])
def test_who_is_unknown_is_told_by_name_and_the_row_is_sent_in_part(
    desk: Desk, server: RunningSmtp, separately: str
) -> None:
    server.system.unknown.add("nobody@example.com")
    desk.edit("isSendSeparately: true", f"isSendSeparately: {separately}")
    ended = desk.run("send", "--yes")
    assert ended.code == ending.UNFINISHED, ended.out + ended.err
    assert "2 sent (1 in part)" in ended.out + ended.err
    assert "sent in part  a4" in ended.out + ended.err
    row = desk.results()["a4"]
    assert row["mail_status"] == "sent"
    assert row["mail_reason"].startswith("not sent to nobody@example.com: SMTP 550")
    assert row["mail_id"]
    assert row["mail_to"] == "nobody@example.com, good@example.com"
    told = desk.told("status")
    assert (told["counts"]["sent"], told["partial"], told["in_doubt"], told["exit"]) == (2, ["a4"], [], 3)
    spoken = desk.run("status")
    assert (spoken.code, "sent in part  a4" in spoken.out) == (ending.UNFINISHED, True)
    report, redo = desk.redo()
    assert list(redo) == ["a4"]
    assert "row of their own" in report.err
    again = desk.told("send", "--yes")
    assert (again["requests"], again["exit"], again["partial"]) == (0, ending.UNFINISHED, ["a4"])
    assert got(server) == ["good@example.com", "kim@example.com"]


def test_a_copy_in_doubt_puts_the_row_in_doubt_and_it_is_settled_without_reaching_the_others_again(
    desk: Desk, server: RunningSmtp, faults: Faults
) -> None:
    desk.people('a5,"good@example.com;cut2@example.com",')
    faults.when(
        Fault(Cut(), handled=True),
        lambda each: each.operation == "send" and each.parameters["to"] == "cut2@example.com",
    )
    told = desk.told("send", "--yes")
    assert (told["exit"], told["counts"]["in_doubt"], told["in_doubt"]) == (ending.UNFINISHED, 1, ["a5"])
    assert desk.results()["a5"]["mail_reason"].startswith("in doubt: cut2@example.com: ")
    faults.clear()
    refused = desk.run("resolve", "--key", "a5", "--resend", "--yes")
    assert refused.code == ending.USAGE
    assert "would get it twice" in refused.err
    assert desk.told("status")["in_doubt"] == ["a5"]
    assert desk.run("resolve", "--key", "a5", "--sent", "--yes").code == ending.DONE
    told = desk.told("send", "--yes")
    assert (told["exit"], told["counts"]["sent"], told["partial"]) == (ending.DONE, 1, [])
    assert len(got(server)) == 2


def test_a_copy_in_doubt_beside_one_refused_stays_sent_in_part_when_it_is_settled(
    desk: Desk, server: RunningSmtp, faults: Faults
) -> None:
    server.system.unknown.add("nobody@example.com")
    desk.people('a6,"good@example.com;nobody@example.com;cut@example.com",')
    faults.when(
        Fault(Cut(), handled=True),
        lambda each: each.operation == "send" and each.parameters["to"] == "cut@example.com",
    )
    assert desk.told("send", "--yes")["in_doubt"] == ["a6"]
    faults.clear()
    desk.run("resolve", "--key", "a6", "--sent", "--yes")
    told = desk.told("status")
    assert (told["partial"], told["exit"]) == (["a6"], ending.UNFINISHED)
    assert "nobody@example.com" in desk.redo()[1]["a6"]["mail_reason"]


def test_a_copy_that_is_refused_for_now_is_tried_again_alone(desk: Desk, server: RunningSmtp, faults: Faults) -> None:
    tries: list[str] = []

    def first_of_good(incoming: Any) -> bool:  # noqa: ANN401  an Incoming
        if incoming.operation == "RCPT" and "good@" in incoming.parameters["argument"]:
            tries.append(incoming.operation)
            return len(tries) == 1
        return False

    faults.when(Fault(Answer(452, b"4.3.1 Not now")), first_of_good)
    told = desk.told("send", "--yes")
    assert (told["exit"], told["counts"]["sent"], told["partial"]) == (ending.DONE, 2, [])
    assert got(server) == ["good@example.com", "kim@example.com", "nobody@example.com"]
    assert len(tries) == 2


def test_a_plan_counts_a_copy_for_everybody_and_none_for_a_blank_cell(desk: Desk, server: RunningSmtp) -> None:
    desk.people(
        "1,kim@example.com,boss@example.com", "2,lee@example.com,", '3,"a@example.com;b@example.com",c@example.com'
    )
    planned = desk.told("plan")
    assert planned["requests"] == 6
    assert desk.told("send", "--yes", "--limit", "1")["requests"] == 2
    assert desk.told("plan")["requests"] == 4
    assert desk.told("send", "--yes")["requests"] == 4
    assert len(got(server)) == 6


def test_greylisting_is_waited_for_and_nobody_is_dropped(desk: Desk, server: RunningSmtp) -> None:
    server.system.greylisted |= {"kim@example.com", "good@example.com"}
    clock, seen = HurriedClock(), list[Progress]()
    _, opened = open_manifest(desk.job, Findings())
    assert opened is not None
    with sending(desk.folder / ".batchmail" / "journal.db", opened.job.mailing, clock) as journal:
        plan = plan_job(opened, journal, Findings())
        result = send_job(opened, journal, plan, clock, seen.append)
        state = state_of(journal)
    assert (result.closed, result.error) == (None, None)
    assert (state.counts.sent, state.partial, state.trouble) == (2, (), ())
    assert clock.slept >= 60
    assert max(progress.postponed for progress in seen) >= 1
    assert got(server) == ["good@example.com", "kim@example.com", "nobody@example.com"]


def test_pleasanter_s_copies_are_told_apart_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    faults = Faults()
    with pleasanter_emulator(rules=PleasanterRules(), faults=faults) as running:
        monkeypatch.setenv("PLEASANTER_API_KEY", running.access_token)
        begin, end = JOB.index("  kind: smtp"), JOB.index("recipients:")
        provider = '  kind: pleasanter\n  baseUrl: URL\n  recordId: "4711"\n  apiKey: {env: PLEASANTER_API_KEY}\n'
        text = (JOB[:begin] + provider + JOB[end:]).replace("URL", running.base_url)
        desk = Desk(tmp_path, text.replace("  from: billing@example.com\n", ""))
        desk.people('p1,"kim@example.com;cut@example.com",')
        faults.when(Fault(Cut(), handled=True), lambda each: b"cut@example.com" in each.body)
        told = desk.told("send", "--yes")
        assert (told["exit"], told["in_doubt"]) == (ending.UNFINISHED, ["p1"]), told
        assert "kim@example.com got it" in desk.results()["p1"]["mail_reason"]
        assert desk.run("resolve", "--key", "p1", "--resend", "--yes").code == ending.USAGE


def test_the_lists_of_works_v1_are_told_apart_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with works_v1_emulator(rules=WorksV1Rules(unknown_api=None, requests_per_minute=None)) as works:
        monkeypatch.setenv("WORKS_CONSUMER_KEY", works.access_token)
        begin, end = JOB.index("  kind: smtp"), JOB.index("recipients:")
        provider = (
            "  kind: works-v1\n  apiId: jp1example\n  consumerKey: {env: WORKS_CONSUMER_KEY}\n"
            "  accessToken: {env: WORKS_CONSUMER_KEY}\n  baseUrl: URL\n"
        )
        text = (JOB[:begin] + provider + JOB[end:]).replace("URL", works.base_url)
        desk = Desk(tmp_path, text.replace("  from: billing@example.com\n", ""))
        works.tenant.dormant.add("sleepy@example.com")
        desk.people('w1,"kim@example.com;sleepy@example.com",')
        told = desk.told("send", "--yes")
        assert (told["exit"], told["counts"]["sent"], told["partial"]) == (ending.UNFINISHED, 1, ["w1"])
        assert desk.results()["w1"]["mail_reason"].startswith("not sent to sleepy@example.com: dormantAddrList")
