"""Whole jobs over SMTP: what is in a mail server's hands is what was merged, and each person's mail is there once."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
import yaml

from batchmail.cli import ending
from batchmail.delivery import Mailing
from batchmail.emulator import Answer, Cut, Fault, Faults, RunningSmtp, SmtpRules, smtp_emulator
from batchmail.finding import Findings
from batchmail.message import Address, Message
from batchmail.pipeline import open_manifest, viewing
from tests.program.office import ROOT, Ended, captured
from tests.providers.mail_parts import parse_mail

EXAMPLES = sorted(path.parent.name for path in (ROOT / "manifests").glob("*/job.yaml"))

#: In every field of a mail's head: Korean, Japanese, and what a name must not be mistaken for.
BOTH = "청구서 김민수 請求書 髙橋 “, ; <@>"
NAMED = "청구서 김민수 請求書 髙橋"
WITHOUT = {"isSaveSentMail", "isSaveTracking", "securityLevel", "userName"}


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def server(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSmtp]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with smtp_emulator(rules=SmtpRules(recipients=None), faults=faults) as emulator:
        monkeypatch.setenv("SMTP_PASSWORD", emulator.access_token)
        yield emulator


def settings(server: RunningSmtp) -> dict[str, object]:
    return {
        "kind": "smtp",
        "host": "127.0.0.1",
        "port": server.server.port,
        "security": "none",
        "username": "news@example.com",
        "password": {"env": "SMTP_PASSWORD"},
    }


def turned(name: str, folder: Path, server: RunningSmtp) -> Path:
    """An example with SMTP for its provider, and Korean and Japanese in all that a mail's head has."""
    job = Path(shutil.copytree(ROOT / "manifests" / name, folder / name, ignore=shutil.ignore_patterns(".batchmail")))
    manifest: dict[str, Any] = yaml.safe_load((job / "job.yaml").read_text(encoding="utf-8"))
    message = {key: value for key, value in manifest["message"].items() if key not in WITHOUT}
    message |= {
        "from": f"{NAMED} <billing@example.com>",
        "replyTo": f"{NAMED} <desk@example.com>",
        "cc": [f"{NAMED} <boss@example.com>"] * (not message.get("isSendSeparately")),
        "subject": f"{BOTH} {message['subject']}",
        "headers": {"X-Campaign": BOTH},
    }
    manifest |= {"provider": settings(server), "message": message, "send": {"rate": "100000/s"}}
    (job / "job.yaml").write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    return job / "job.yaml"


def merged(job: Path) -> dict[str, Message]:
    """What every row's message is, by its first recipient."""
    findings = Findings()
    _, opened = open_manifest(job, findings)
    assert opened is not None
    messages = (opened.merger.merge(opened.read(row)) for row in opened.sheet.rows())
    return {message.to[0].mailbox: message for message in messages if message is not None}


def as_parsed(message: Message) -> Message:
    """A message as its mail can show it: `parse_mail` gives the sender's name as `user_name`."""
    assert message.sender is not None
    return replace(
        message,
        sender=Address(message.sender.mailbox),
        user_name=message.sender.name,
        body=lines(message.body),
        alternative=None if message.alternative is None else lines(message.alternative),
        attachments=(),
        send_separately=False,
    )


def lines(text: str) -> str:
    return "\r\n".join(text.splitlines()).rstrip()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_arrives_of_an_example_is_what_was_merged(name: str, tmp_path: Path, server: RunningSmtp) -> None:
    job = turned(name, tmp_path, server)
    ended = captured("send", str(job), "--yes", "--format", "json", "--limit", "120")
    assert ended.code == ending.DONE, ended.err
    messages = merged(job)
    mails = server.inbox.mails
    assert len(mails) == ended.document["counts"]["sent"] > 0
    identities = set()
    for mail in mails:
        parsed = parse_mail(mail.request)
        message = messages[parsed.message.to[0].mailbox]
        seen = parsed.message
        assert seen.date is not None
        identities.add(seen.identity)
        shown = replace(seen, body=lines(seen.body), alternative=seen.alternative and lines(seen.alternative))
        assert replace(shown, identity="", date=None) == replace(as_parsed(message), bcc=())
        assert mail.bcc == tuple(each.mailbox for each in message.bcc)
        assert parsed.files == {
            each.filename: (each.media_type, each.path.read_bytes(), each.cid) for each in message.attachments
        }
    assert len(identities) == len(mails)


JOB = """\
version: 1
name: test
provider: PROVIDER
recipients: {file: people.csv, key: number}
message:
  to: "{{ email }}"
  from: Billing <billing@example.com>
  subject: "Hello {{ number }}"
  body: Hi
  contentType: text
send: {rate: 100000/s, attempts: 2, concurrency: 4}
report: [results.csv]
"""


class Desk:
    """A folder with a job for some people, over an emulated mail server."""

    def __init__(self, folder: Path, server: RunningSmtp, count: int = 12) -> None:
        self.folder = folder
        self.job = folder / "job.yaml"
        self.provide(settings(server))
        rows = (f"{n:03},person{n}@example.com" for n in range(1, count + 1))
        (folder / "people.csv").write_text("\n".join(["number,email", *rows]) + "\n", encoding="utf-8")

    def provide(self, provider: dict[str, object]) -> None:
        text = JOB.replace("PROVIDER", yaml.safe_dump(provider, default_flow_style=True, width=10_000).strip())
        self.job.write_text(text, encoding="utf-8")

    def send(self) -> Ended:
        return captured("send", str(self.job), "--yes", "--format", "json")


def test_a_mail_that_is_tried_again_keeps_its_identity(tmp_path: Path, server: RunningSmtp, faults: Faults) -> None:
    seen: dict[str, list[str]] = {}

    def first_of_each(incoming: Any) -> bool:  # noqa: ANN401  an Incoming
        if incoming.operation != "send":
            return False
        identities = seen.setdefault(incoming.parameters["to"], [])
        identities.append(parse_mail(incoming.body).message.identity)
        return len(identities) == 1

    faults.when(Fault(Answer(451, b"4.3.0 Not now")), first_of_each)
    assert Desk(tmp_path, server, 3).send().document["counts"]["sent"] == 3
    assert [len(identities) for identities in seen.values()] == [2, 2, 2]
    assert all(first == second for first, second in seen.values())


def test_everybody_gets_one_mail_whatever_the_server_does(tmp_path: Path, server: RunningSmtp, faults: Faults) -> None:
    server.system.unknown.add("person2@example.com")
    met: set[str] = set()

    def new_to_the_server(incoming: Any) -> bool:  # noqa: ANN401  an Incoming
        person = incoming.parameters["argument"].partition("@")[0]
        new = incoming.operation == "RCPT" and person.endswith(("person3", "person4")) and person not in met
        met.update([person] * new)
        return new

    faults.when(Fault(Answer(451, b"4.3.0 Not now")), new_to_the_server)
    faults.when(Fault(Answer(421, b"4.3.2 Closing")), lambda each: each.operation == "MAIL" and each.number == 5)
    desk = Desk(tmp_path, server)
    ended = desk.send()
    assert (ended.code, ended.document["counts"]["rejected"]) == (ending.UNFINISHED, 1)
    assert desk.send().document["counts"]["sent"] == 11
    people = sorted(address for mail in server.inbox.mails for address in mail.recipients)
    assert people == sorted(f"person{n}@example.com" for n in range(1, 13) if n != 2)


def test_what_may_have_arrived_is_in_doubt_and_never_sent_again(
    tmp_path: Path, server: RunningSmtp, faults: Faults
) -> None:
    faults.when(Fault(Cut(), handled=True), lambda each: each.operation == "send" and each.number == 2)
    desk = Desk(tmp_path, server)
    assert desk.send().document["counts"]["in_doubt"] == 1
    faults.clear()
    assert desk.send().document["counts"] | {"sent": 11, "in_doubt": 1} == desk.send().document["counts"]
    assert server.inbox.accepted == 12


def test_a_wrong_password_stops_the_run_and_is_nowhere_to_be_found(
    tmp_path: Path, server: RunningSmtp, monkeypatch: pytest.MonkeyPatch, faults: Faults
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "kHx-canary/7")
    echo = b"5.7.8 You said kHx-canary/7, or a0h4LWNhbmFyeS83"
    faults.when(Fault(Answer(535, echo)), lambda each: each.operation == "AUTH")
    desk = Desk(tmp_path, server)
    stopped = captured("send", str(desk.job), "--yes")
    assert (stopped.code, "5.7.8" in stopped.out + stopped.err) == (ending.STOPPED, True)
    ended = desk.send()
    assert (ended.code, ended.document["counts"]["queued"]) == (ending.STOPPED, 12)
    told = [said.encode() for said in (stopped.out, stopped.err, ended.out, ended.err)]
    told += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [each for each in told if b"kHx-canary" in each or b"a0h4LWNhbmFyeS83" in each]
    monkeypatch.setenv("SMTP_PASSWORD", server.access_token)
    faults.clear()
    assert desk.send().document["counts"]["sent"] == 12


def test_whoever_is_still_logging_in_has_no_mail_on_the_way(
    tmp_path: Path, server: RunningSmtp, faults: Faults
) -> None:
    """A program that is ended then leaves nothing in doubt."""
    standing: list[int] = []

    def at_the_first_login(incoming: Any) -> bool:  # noqa: ANN401  an Incoming
        if incoming.operation == "AUTH" and not standing:
            with viewing(tmp_path / ".batchmail" / "journal.db", Mailing("test")) as journal:
                standing.extend((journal.counts().queued, journal.counts().sending))
        return False

    faults.when(Fault(), at_the_first_login)
    assert Desk(tmp_path, server).send().document["counts"]["sent"] == 12
    assert standing == [12, 0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": "mail.example.com"}, "would travel in the clear to mail.example.com"),
        ({"username": None}, "there is a secret and no `username`"),
        ({"password": None}, "has neither `password` nor `accessToken`"),
        ({"accessToken": {"env": "SMTP_PASSWORD"}}, "there are both `password` and `accessToken`"),
    ],
)
def test_settings_that_contradict_each_other_stop_the_job_before_anything_is_sent(
    change: dict[str, object], said: str, tmp_path: Path, server: RunningSmtp
) -> None:
    desk = Desk(tmp_path, server)
    desk.provide({key: value for key, value in (settings(server) | change).items() if value is not None})
    planned = captured("plan", str(desk.job), "--format", "json")
    [finding] = planned.document["findings"]
    assert (planned.code, finding["rule"], finding["line"]) == (ending.BLOCKED, "manifest-bad-value", 3)
    assert said in finding["message"]
    assert desk.send().code == ending.BLOCKED
    assert server.server.connections == 0


def test_a_job_without_a_sender_is_told_so(tmp_path: Path, server: RunningSmtp) -> None:
    desk = Desk(tmp_path, server)
    desk.provide({"kind": "smtp", "host": "127.0.0.1", "security": "none"})
    desk.job.write_text(desk.job.read_text("utf-8").replace("  from: Billing <billing@example.com>\n", ""), "utf-8")
    ended = captured("plan", str(desk.job), "--format", "json")
    assert [(each["rule"], each["severity"]) for each in ended.document["findings"]] == [
        ("manifest-missing-key", "error")
    ]


def test_a_rehearsal_needs_no_server_and_keeps_the_mails_as_they_were_written(
    tmp_path: Path, server: RunningSmtp
) -> None:
    desk = Desk(tmp_path, server)
    desk.provide({"kind": "smtp", "host": "mail.example.com", "username": "x", "password": {"env": "NOT_THERE"}})
    ended = captured("rehearse", str(desk.job), "--format", "json")
    assert ended.code == ending.DONE, ended.err
    mails = sorted(Path(ended.document["mails"]).glob("*.eml"))
    assert len(mails) == 12
    assert parse_mail(mails[0].read_bytes()).message.sender == Address("billing@example.com")
    assert server.server.connections == 0


class Hangup(StreamRequestHandler):
    """What answers is no mail server: it ends every connection without a word."""

    def handle(self) -> None:
        pass


def test_a_server_that_is_none_is_told_of_at_the_first_try(tmp_path: Path, server: RunningSmtp) -> None:
    desk = Desk(tmp_path, server)
    with ThreadingTCPServer(("127.0.0.1", 0), Hangup) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        port = other.server_address[1]
        desk.provide(settings(server) | {"port": port})
        command = [sys.executable, "-m", "batchmail", "send", str(desk.job), "--yes"]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8") as process:
            assert process.stderr is not None
            told = next(line for line in process.stderr if "Nothing gets through" in line)
            process.kill()
        other.shutdown()
    assert f"127.0.0.1:{port} ended the connection" in told
    assert "Check `provider.host` and its port. It is tried again; Ctrl-C ends the run." in told
