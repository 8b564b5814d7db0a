"""A whole job over LINE WORKS API 1.0: every person is told from the others, and nothing is sent twice."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.cli import ending
from batchmail.emulator import Answer, Fault, Faults, RunningWorksV1, WorksV1Rules, works_v1_emulator
from batchmail.emulator.works_v1_request import EICAR
from tests.program.office import Ended, captured

JOB = """\
version: 1
name: test
provider:
  kind: works-v1
  apiId: jp1example
  consumerKey: {env: WORKS_CONSUMER_KEY}
  accessToken: {env: WORKS_ACCESS_TOKEN}
  baseUrl: BASE_URL
  attachmentLimit: 1KB
recipients:
  file: people.csv
message:
  to: "{{ email }}"
  subject: Hello
  body: Hi
  contentType: text
  isSendSeparately: true
  attachments:
    - {path: note.txt, filename: "FILENAME"}
send: {rate: 100000/s, attempts: 3}
report: [results.csv]
"""


class Desk:
    """A folder with a job for three people, and the tenant that it sends through."""

    def __init__(self, folder: Path, works: RunningWorksV1) -> None:
        self.folder = folder
        self.works = works
        self.note(b"Venue: room 3")
        self.people("kim", "sato", "lee")

    def note(self, content: bytes) -> None:
        (self.folder / "note.txt").write_bytes(content)

    def people(self, *names: str) -> None:
        rows = "".join(f"{name}@example.com\n" for name in names)
        (self.folder / "people.csv").write_text("email\n" + rows, encoding="utf-8")

    def run(self, command: str, *options: str, filename: str = "案内.txt") -> Ended:
        text = JOB.replace("BASE_URL", self.works.base_url).replace("FILENAME", filename)
        (self.folder / "job.yaml").write_text(text, encoding="utf-8")
        return captured(command, str(self.folder / "job.yaml"), "--format", "json", *options)

    def send(self) -> Ended:
        return self.run("send", "--yes")

    def results(self) -> dict[str, tuple[str, str]]:
        """What became of each address, and why."""
        with (self.folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["email"]: (row["mail_status"], row["mail_reason"]) for row in csv.DictReader(file)}


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def desk(tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    rules = WorksV1Rules(unknown_api=None, requests_per_minute=None, attachment_bytes=900)
    with works_v1_emulator(rules=rules, faults=faults) as works:
        monkeypatch.setenv("WORKS_CONSUMER_KEY", works.access_token)
        monkeypatch.setenv("WORKS_ACCESS_TOKEN", works.access_token)
        yield Desk(tmp_path, works)


def test_everybody_who_travels_in_one_request_has_a_result_of_their_own(desk: Desk) -> None:
    desk.people("kim", "asleep", "gone", "sato", "smtp")
    desk.works.tenant.dormant.add("asleep@example.com")
    desk.works.tenant.nonexistent.add("gone@example.com")
    desk.works.tenant.failing.add("smtp@example.com")
    ended = desk.send()
    assert (ended.code, ended.document["requests"]) == (ending.UNFINISHED, 1)
    assert {email: status for email, (status, _) in desk.results().items()} == {
        "kim@example.com": "sent",
        "asleep@example.com": "rejected",
        "gone@example.com": "rejected",
        "sato@example.com": "sent",
        "smtp@example.com": "rejected",
    }
    assert "dormantAddrList" in desk.results()["asleep@example.com"][1]
    (mail,) = desk.works.inbox.mails
    assert mail.to == ("kim@example.com", "sato@example.com")
    assert [file.filename for file in mail.attachments] == ["案内.txt"]


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"not at the beginning: " + EICAR, "案内.txt", "FILE_UPLOAD_REJECT_VIRUS"),
        (b"MZ", "案内.exe", "FILE_UPLOAD_BLOCKED"),
        (bytes(901), "案内.txt", "SYSTEM_ERROR"),
    ],
    ids=["infected", "blocked", "oversize"],
)
def test_a_file_that_the_provider_refuses_is_rejected_and_not_tried_again(
    desk: Desk, content: bytes, filename: str, code: str
) -> None:
    desk.people("kim")
    desk.note(content)
    ended = desk.run("send", "--yes", "--allow", "attachment-blocked-type", filename=filename)
    assert (ended.document["counts"]["rejected"], desk.works.inbox.requests) == (1, 1)
    assert all(code in reason for _, reason in desk.results().values())
    assert desk.works.inbox.accepted == 0


def test_an_answer_without_the_lists_is_in_doubt_and_not_sent_again(desk: Desk, faults: Faults) -> None:
    faults.at(Fault(Answer(200, b"<html>OK</html>"), handled=True), 1)
    assert desk.send().document["counts"]["in_doubt"] == 3
    faults.clear()
    assert desk.send().document["counts"]["in_doubt"] == 3
    assert desk.works.inbox.requests == 1


def test_an_expired_token_stops_the_run_and_a_new_one_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.works.tenant.revoke_token(desk.works.access_token)
    ended = desk.send()
    assert (ended.code, ended.document["counts"]["queued"]) == (ending.STOPPED, 3)
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", desk.works.tenant.issue_token())
    assert desk.send().document["counts"]["sent"] == 3


@pytest.mark.parametrize("filename", ["text", "To", 'a\\"b.txt'])
def test_a_file_name_that_the_provider_would_misread_is_found_before_anything_is_sent(
    desk: Desk, filename: str
) -> None:
    ended = desk.run("plan", filename=filename)
    assert ended.code == ending.BLOCKED
    assert {finding["rule"] for finding in ended.document["findings"]} == {"attachment-unfit-name"}


def test_neither_secret_is_left_anywhere(desk: Desk) -> None:
    ended = desk.send()
    secret = desk.works.access_token
    assert secret not in ended.out + ended.err
    assert not [path for path in desk.folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
