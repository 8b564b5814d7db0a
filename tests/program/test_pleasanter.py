"""A whole job over Pleasanter: each mail belongs to its record, and nothing is sent twice."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.cli import ending
from batchmail.emulator import Cut, Fault, Faults, PleasanterRules, RunningPleasanter, pleasanter_emulator
from tests.program.office import Ended, captured

JOB = """\
version: 1
name: test
provider:
  kind: pleasanter
  baseUrl: BASE_URL
  recordId: "{{ record }}"
  apiVersion: 1.1
  apiKey: {env: PLEASANTER_API_KEY}
recipients:
  file: people.csv
  key: email
message:
  to: "{{ name }} <{{ email }}>"
  subject: Hello
  body: "Dear {{ name }}"
  contentType: text
send: {rate: 100000/s, concurrency: 1}
report: [results.csv]
"""
PEOPLE = ("4711,Kim,kim@example.com", "4712,佐藤 [User12],sato@example.com", "4713,Lee,lee@example.com")


class Desk:
    """A folder with a job for three people, and the server that it sends through."""

    def __init__(self, folder: Path, running: RunningPleasanter) -> None:
        self.folder = folder
        self.running = running
        self.text = JOB.replace("BASE_URL", running.base_url)
        self.people(*PEOPLE)

    def people(self, *rows: str) -> None:
        (self.folder / "people.csv").write_text("\n".join(["record,name,email", *rows, ""]), encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        assert old in self.text
        self.text = self.text.replace(old, new)

    def run(self, command: str, *options: str) -> Ended:
        (self.folder / "job.yaml").write_text(self.text, encoding="utf-8")
        return captured(command, str(self.folder / "job.yaml"), "--format", "json", *options)

    def send(self) -> Ended:
        return self.run("send", "--yes")

    def found(self) -> list[tuple[str, int]]:
        """What a plan finds: the rule and the line."""
        return [(each["rule"], each["line"]) for each in self.run("plan").document["findings"]]

    def results(self) -> dict[str, tuple[str, str]]:
        """What became of each address, and why."""
        with (self.folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["email"]: (row["mail_status"], row["mail_reason"]) for row in csv.DictReader(file)}


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def rules() -> PleasanterRules:
    return PleasanterRules(mime_check=True, records=frozenset({4711, 4712, 4713}))


@pytest.fixture
def desk(tmp_path: Path, faults: Faults, rules: PleasanterRules, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with pleasanter_emulator(rules=rules, faults=faults) as running:
        running.server.members["[User12]"] = ["stranger@example.com"]
        monkeypatch.setenv("PLEASANTER_API_KEY", running.access_token)
        yield Desk(tmp_path, running)


def test_each_mail_belongs_to_the_record_of_its_row_and_reaches_its_person_alone(desk: Desk) -> None:
    assert desk.send().code == ending.DONE
    assert [(mail.record, mail.to) for mail in desk.running.inbox.mails] == [
        ("4711", ("kim@example.com",)),
        ("4712", ("sato@example.com",)),
        ("4713", ("lee@example.com",)),
    ]
    assert desk.running.inbox.mails[2].body == "Dear Lee"
    request = json.loads(desk.running.inbox.mails[0].request)
    assert (request["ApiVersion"], request["To"]) == (1.1, '"Kim" <kim@example.com>')


def test_everybody_has_their_mail_then(desk: Desk) -> None:
    desk.send()
    assert (desk.send().code, desk.running.inbox.requests) == (ending.DONE, 3)


def test_mails_that_differ_by_their_record_alone_are_two_mails(desk: Desk) -> None:
    desk.people("4711,Kim,kim@example.com", "4712,Kim,kim@example.com")
    desk.edit("key: email", "key: record")
    assert desk.send().document["counts"]["sent"] == 2


def test_a_record_without_the_right_is_told_for_its_row_and_the_others_are_sent(desk: Desk) -> None:
    desk.people("4711,Kim,kim@example.com", "9999,Sato,sato@example.com", "4713,Lee,lee@example.com")
    assert desk.send().code == ending.UNFINISHED
    assert desk.results()["kim@example.com"][0] == desk.results()["lee@example.com"][0] == "sent"
    status, reason = desk.results()["sato@example.com"]
    assert (status, "do not have permission" in reason) == ("rejected", True)


def test_a_crash_of_the_server_leaves_a_mail_in_doubt_and_it_is_not_sent_again(desk: Desk, faults: Faults) -> None:
    faults.at(Fault(Cut(), handled=True), 2)
    assert desk.send().document["in_doubt"] == ["sato@example.com"]
    faults.clear()
    assert desk.send().document["in_doubt"] == ["sato@example.com"]
    assert (desk.running.inbox.requests, desk.running.inbox.accepted) == (3, 3)


def test_a_key_that_is_refused_stops_the_run_and_is_left_nowhere(desk: Desk) -> None:
    desk.running.server.lock(desk.running.access_token)
    ended = desk.send()
    assert (ended.code, desk.running.inbox.requests) == (ending.STOPPED, 1)
    key = desk.running.access_token
    assert key not in ended.out + ended.err
    assert not [path for path in desk.folder.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


def test_what_the_server_cannot_take_is_found_before_anything_is_sent(desk: Desk) -> None:
    desk.people("4711,Kim,kim@example.com", "4.712,Sato,sato@example.com", "../4713,Lee,lee@example.com")
    assert desk.found() == [("row-bad-record", 3), ("row-bad-record", 4)]
    desk.people(*PEOPLE)
    desk.edit("subject: Hello", f"subject: {'x' * 1_025}")
    assert set(desk.found()) == {("subject-too-long", 14)}


def test_html_is_refused_unless_it_may_become_text(desk: Desk) -> None:
    desk.edit('body: "Dear {{ name }}"\n  contentType: text', 'body: "<p>Dear <b>{{ name }}</b></p>"')
    assert [rule for rule, _ in desk.found()] == ["provider-cannot-express"]
    desk.edit("apiVersion: 1.1", "downgrade: text")
    assert desk.send().code == ending.DONE
    assert desk.running.inbox.mails[2].body == "Dear Lee"


def test_several_people_of_a_row_are_not_shown_to_each_other(desk: Desk) -> None:
    desk.edit("contentType: text", "contentType: text\n  isSendSeparately: true")
    desk.edit("isSendSeparately: true", "isSendSeparately: true\n  cc: boss@example.com")
    assert desk.found() == []
    assert desk.run("plan").document["requests"] == 6
    assert desk.send().code == ending.DONE
    assert [mail.recipients for mail in desk.running.inbox.mails].count(("boss@example.com",)) == 3
    assert all(len(mail.recipients) == 1 for mail in desk.running.inbox.mails)


def test_a_test_send_says_that_its_mails_are_seen_at_the_real_records(desk: Desk) -> None:
    ended = desk.run("send", "--redirect", "me@example.com", "--yes", "--limit", "1")
    assert "Pleasanter keeps each test mail with the real record" in ended.err
