"""`send --workers`: processes carry the mails, and all that was promised without them holds."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from batchmail.cli import ending
from batchmail.emulator import (
    Answer,
    Fault,
    Faults,
    Incoming,
    ReceivedFile,
    RunningSmtp,
    SmtpRules,
    smtp_emulator,
)
from batchmail.finding import Findings
from batchmail.pipeline import Manner, crew_for, open_manifest, plan_job, send_job, sending
from tests.processes import couriers_of, end_by_themselves, own_couriers
from tests.program.hurried_clock import HurriedClock
from tests.program.office import JOB, Ended, Office, captured

WORKERS = ("--workers", "2")
TESTER = "me@example.com"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the system has neither `ps` nor SIGINT for a child")


@pytest.fixture(autouse=True)
def no_process_stays() -> Iterator[None]:
    """However a run in this process ends, its couriers have ended before it."""
    yield
    if sys.platform != "win32":
        assert own_couriers() == []


def everybody(number: int) -> list[str]:
    return sorted(f"person{n}@example.com" for n in range(1, number + 1))


def sends(incoming: Incoming) -> bool:
    return incoming.operation == "mail-create"


def with_files(office: Office, number: int) -> None:
    """Each person gets a file of their own, and all get the same one."""
    office.people(number)
    files = "[{path: 'files/{{ number }}.txt'}, {path: all.txt}]"
    office.edit('  body: "<p>', f'  attachments: {files}\n  body: "<p>')
    office.write("all.txt", "for all")
    for n in range(1, number + 1):
        office.write(f"files/{n:05}.txt", f"only for {n}")


@dataclass(frozen=True, slots=True, order=True)
class Taken:
    """A mail that the provider has taken."""

    to: tuple[str, ...]
    subject: str
    body: str
    files: tuple[tuple[str, bytes], ...]


def taken(office: Office) -> list[Taken]:
    """What has come since the last time."""
    mails = office.works.inbox.mails
    office.works.inbox.clear()
    return sorted(Taken(mail.recipients, mail.subject, mail.body, contents(mail.attachments)) for mail in mails)


def contents(files: tuple[ReceivedFile, ...]) -> tuple[tuple[str, bytes], ...]:
    return tuple((each.filename, each.content) for each in files)


def results(folder: Path) -> list[dict[str, str]]:
    """The report, without what is another in every run."""
    with (folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            {name: row[name] for name in row if name not in ("mail_id", "mail_time")} for row in csv.DictReader(file)
        ]


def told(ended: Ended) -> dict[str, Any]:
    """What a run told, without what is another in every run."""
    return {**ended.document, "edition": None, "seconds": 0}


def test_mails_results_and_report_are_those_of_a_run_without_workers(office: Office) -> None:
    with_files(office, 40)
    alone = office.send("--edition", "alone")
    mails, report = taken(office), results(office.folder)
    together = office.send("--edition", "together", *WORKERS)
    assert (together.code, told(together)) == (alone.code, told(alone))
    assert taken(office) == mails
    assert results(office.folder) == report
    assert sorted(mail.to[0] for mail in mails) == everybody(40)
    assert {len(mail.files) for mail in mails} == {2}
    assert list(together.document) == list(alone.document)
    again = office.send("--edition", "together")
    assert (again.code, again.document["requests"]) == (0, 0)


def test_what_blocks_a_job_blocks_it(office: Office) -> None:
    office.edit("Dear {{ name }}", "Dear {{ nmae }}")
    ended = office.send(*WORKERS)
    assert (ended.code, ended.document["requests"]) == (ending.BLOCKED, 0)
    assert office.works.inbox.requests == 0


@pytest.mark.parametrize("number", ["0", "-1", "x", "33", "1.5"])
def test_a_number_of_workers_that_cannot_be_is_a_matter_of_usage(office: Office, number: str) -> None:
    ended = office.send("--workers", number)
    assert ended.code == ending.USAGE
    assert "Invalid value for '--workers'" in ended.err
    assert number in ended.err
    assert office.works.inbox.requests == 0


def test_a_folder_has_one_writer_and_what_to_do_is_said(office: Office) -> None:
    text = JOB.replace("kind: works", "kind: outbox").replace("message:", "message:\n  from: me@example.com")
    office.manifest(
        "".join(line for line in text.splitlines(keepends=True) if "Token" not in line and "Url" not in line)
    )
    ended = office.send(*WORKERS)
    assert ended.code == ending.USAGE
    assert ended.err.startswith(
        "--workers: Outbox folder cannot be handed to worker processes: a folder has one writer"
    )
    assert "Leave --workers out" in ended.err
    assert not (office.folder / "outbox").exists()
    assert office.send().code == 0


def test_a_test_send_writes_to_the_one_address_and_to_nobody_else(office: Office, faults: Faults) -> None:
    asked: list[dict[str, Any]] = []

    def look(incoming: Incoming) -> bool:
        if sends(incoming):
            asked.append(json.loads(incoming.body))
        return False

    faults.when(Fault(), look)
    faults.at(Fault(Answer(429, b"{}", (("retry-after", "0"),))), 3)
    office.people(10)
    people = (office.folder / "people.csv").read_text(encoding="utf-8")
    office.write("people.csv", re.sub(r"(person\d+)@.*", r"\1@example.com;other-\1@example.com", people))
    office.edit("  key: number", "  key: number\n  fields: {email: {type: emails}}")
    lists = "cc: [boss@example.com]\n  bcc: [archive@example.com]\n  isSendSeparately: true"
    office.edit('  to: "{{ email }}"', f'  to: "{{{{ email }}}}"\n  {lists}')
    ended = office.send("--redirect", TESTER, *WORKERS)
    assert (ended.code, ended.document["counts"]["sent"], ended.document["redirect"]) == (0, 10, TESTER)
    assert office.accepted() == [TESTER] * 10
    assert [(mail["to"], mail.get("cc"), mail.get("bcc")) for mail in asked] == [(TESTER, None, None)] * 11
    assert sorted(mail.subject for mail in office.works.inbox.mails) == sorted(
        f"[to person{n}@example.com and 1 more] Hello Person {n}" for n in range(1, 11)
    )
    assert not (office.folder / ".batchmail" / "journal.db").exists()


def test_one_limit_holds_for_all_workers(office: Office) -> None:
    office.people(40)
    office.edit("rate: 100000/s", "concurrency: 4\n  rate: 20/day")
    ended = office.send("--max-wait", "1min", *WORKERS)
    assert ended.code == ending.STOPPED
    assert "the limit of 20/day is reached" in ended.document["stopped"]
    assert 16 < len(office.accepted()) <= 20  # whoever has leave and no intent yet when the wait is too long, stays


def test_who_is_told_to_wait_waits_with_all_workers(office: Office, faults: Faults) -> None:
    clock, arrived = HurriedClock(), list[float]()

    def is_before_the_wait(incoming: Incoming) -> bool:
        if not sends(incoming):
            return False
        arrived.append(clock.monotonic())
        return incoming.number > 5 and clock.monotonic() < 300

    faults.when(Fault(wait_seconds=0.3), is_before_the_wait)  # so that the others do not overtake the one that is told
    faults.at(Fault(Answer(429, b"{}", (("retry-after", "300"),))), 5)
    office.people(30)
    office.edit("send:", "send:\n  concurrency: 4")
    _, opened = open_manifest(office.job, Findings())
    assert opened is not None
    journal_path = office.folder / ".batchmail" / "journal.db"
    with sending(journal_path, opened.job.mailing, clock) as journal, crew_for(opened, 2) as crew:
        plan = plan_job(opened, journal, Findings())
        result = send_job(opened, journal, plan, clock, lambda _: None, Manner(crew=crew))
    assert (result.closed, result.error, result.counts.sent) == (None, None, 30)
    assert sorted(office.accepted()) == everybody(30)
    assert len(arrived) == 31
    assert len([at for at in arrived[5:] if at < 300]) <= 6


def test_a_canary_holds_for_all_workers(office: Office, faults: Faults) -> None:
    office.people(20)
    office.edit("send:", "send:\n  canary: 3")
    faults.at(Fault(Answer(400, b'{"code": "INVALID_PARAMETER", "description": "no such person"}')), 2)
    ended = office.send(*WORKERS)
    counts = ended.document["counts"]
    assert (ended.code, counts["sent"], counts["rejected"], counts["queued"]) == (ending.STOPPED, 2, 1, 17)
    assert ended.document["stopped"].startswith("of the first 3 mails (`canary`) not all were sent")
    assert office.works.inbox.requests == 3


def test_so_many_bad_results_of_all_workers_stop_the_run(office: Office, faults: Faults) -> None:
    office.people(40)
    office.edit("send:", "send:\n  concurrency: 4\n  stopAfter: {rejected: 3}")
    nobody = Fault(Answer(400, b'{"code": "INVALID_PARAMETER", "description": "no such person"}'))
    faults.when(nobody, lambda incoming: sends(incoming) and incoming.number > 10)
    ended = office.send(*WORKERS)
    assert ended.code == ending.STOPPED
    assert "stopAfter.rejected: 3" in ended.document["stopped"]
    assert office.works.inbox.requests <= 10 + 3 + 3
    assert len(office.accepted()) == 10


def test_a_wrong_token_ends_the_run_once_and_says_what_to_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.people(40)
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", "wrong-canary")
    alone = office.run("send", str(office.job), "--yes", "--edition", "alone")
    ended = office.run("send", str(office.job), "--yes", *WORKERS)
    assert ended.code == alone.code == ending.STOPPED
    assert stopped_lines(ended) == stopped_lines(alone) != []
    assert "wrong-canary" not in ended.out + ended.err
    assert office.status().document["counts"]["queued"] == 40


def stopped_lines(ended: Ended) -> list[str]:
    """Why a run was stopped, with what to do: up to the command to go on with."""
    lines = ended.out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("Stopped:"))
    last = next(number for number, line in enumerate(lines) if line.startswith("  to go on:"))
    return lines[first:last]


def test_a_file_that_changed_under_way_ends_the_run_as_it_does_without_workers(office: Office, faults: Faults) -> None:
    with_files(office, 6)
    office.edit("send:", "send:\n  concurrency: 1")

    def rewrite(incoming: Incoming) -> bool:
        if sends(incoming):
            office.write("files/00004.txt", "something else, and longer")
        return False

    faults.when(Fault(), rewrite)
    told_of = []
    for options in ((), WORKERS):
        office.write("files/00004.txt", "only for 4")
        ended = office.send("--edition", f"e{len(options)}", *options)
        told_of.append((ended.code, ended.document["stopped"], ended.document["counts"]))
    assert told_of[0] == told_of[1]
    code, stopped, counts = told_of[1]
    assert (code, counts["sent"], counts["queued"], counts["in_doubt"]) == (ending.STOPPED, 3, 3, 0)
    assert "files/00004.txt changed after the plan was made" in stopped


def wait_for_requests(office: Office, process: subprocess.Popen[str], number: int) -> None:
    """Until the provider has seen so many requests."""
    deadline = monotonic() + 60
    while office.works.inbox.requests < number:
        assert process.poll() is None, process.communicate()
        assert monotonic() < deadline


def slow(faults: Faults, seconds: float) -> None:
    """Let every request take its time, so that some are always on their way."""
    faults.when(Fault(handled=True, wait_seconds=seconds), lambda incoming: incoming.method == "POST")


def press_twice(process: subprocess.Popen[str]) -> str:
    """Ctrl-C, and again when the run has said what it waits for; gives that."""
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    line = next(line for line in process.stderr if line.startswith("Waiting for"))
    process.send_signal(signal.SIGINT)
    return line


@POSIX
def test_a_worker_that_is_killed_ends_the_run_and_what_it_was_sending_is_named(office: Office, faults: Faults) -> None:
    office.people(100)
    office.edit("send:", "send:\n  concurrency: 8")
    slow(faults, 2.0)  # so that all connections of both have a mail on its way
    with office.start("send", str(office.job), "--yes", *WORKERS) as process:
        wait_for_requests(office, process, 8)
        victim, other = couriers_of(process.pid)
        os.kill(victim, signal.SIGKILL)
        out, err = process.communicate()
    assert process.returncode == ending.STOPPED, out + err
    assert "Stopped: a worker process has ended unexpectedly" in out
    assert f"  to go on:  batchmail send {office.job} --yes {' '.join(WORKERS)}" in out
    assert "Traceback" not in out + err
    assert end_by_themselves([other])
    status = office.status().document
    counts, in_doubt = status["counts"], status["in_doubt"]
    assert (counts["sent"], counts["in_doubt"], counts["queued"], counts["sending"]) == (4, 4, 92, 0)
    assert all(key in out for key in in_doubt)
    faults.clear()
    rest = office.send("--no-look")
    assert (rest.code, rest.document["counts"]["sent"], rest.document["in_doubt"]) == (ending.UNFINISHED, 96, in_doubt)
    assert sorted(office.accepted()) == everybody(100)


@POSIX
def test_ctrl_c_waits_for_what_is_on_its_way_and_no_process_stays(office: Office, faults: Faults) -> None:
    office.people(600)
    slow(faults, 0.05)
    with office.start("send", str(office.job), "--yes", "--format", "json", *WORKERS) as process:
        wait_for_requests(office, process, 40)
        couriers = couriers_of(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == ending.INTERRUPTED
    assert "Traceback" not in out + err
    assert len(couriers) == 2
    assert end_by_themselves(couriers)
    status = office.status().document
    assert (status["counts"]["in_doubt"], status["counts"]["sending"]) == (0, 0)
    assert status["counts"]["sent"] == len(office.accepted())
    faults.clear()
    assert office.send().code == 0
    assert sorted(office.accepted()) == everybody(600)


@POSIX
def test_ctrl_c_while_it_is_planned_ends_the_workers_that_get_ready(office: Office) -> None:
    office.people(50_000)
    with office.start("send", str(office.job), "--yes", *WORKERS) as process:
        deadline = monotonic() + 60
        while not (couriers := couriers_of(process.pid)):
            assert process.poll() is None, process.communicate()
            assert monotonic() < deadline
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (ending.INTERRUPTED, "", "Interrupted.")
    assert end_by_themselves(couriers)
    assert office.works.inbox.requests == 0


@POSIX
def test_a_second_ctrl_c_accounts_for_what_is_on_its_way_and_no_process_stays(office: Office, faults: Faults) -> None:
    office.people(40)
    office.edit("send:", "send:\n  concurrency: 4")
    faults.when(Fault(wait_seconds=600), sends)
    with office.start("send", str(office.job), "--yes", *WORKERS) as process:
        wait_for_requests(office, process, 4)
        couriers = couriers_of(process.pid)
        assert "4 requests in flight" in press_twice(process)
        out, err = process.communicate()
    assert process.returncode == ending.INTERRUPTED
    assert "Traceback" not in out + err
    assert end_by_themselves(couriers)
    counts = office.status().document["counts"]
    assert (counts["in_doubt"], counts["queued"], counts["sending"]) == (4, 36, 0)


OAUTH = """\
  authUrl: AUTH_URL
  oauth:
    clientId: emulated-client
    clientSecret: {env: WORKS_CLIENT_SECRET}
    refreshToken: {env: WORKS_REFRESH_TOKEN}
"""


def sign_in(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the job renew its token by itself."""
    auth = office.works.auth
    monkeypatch.setenv("WORKS_CLIENT_SECRET", auth.client_secret)
    monkeypatch.setenv("WORKS_REFRESH_TOKEN", auth.issue_refresh_token())
    office.manifest(JOB.replace("recipients:", OAUTH.replace("AUTH_URL", office.works.auth_url) + "recipients:"))


def at_mail(number: int, what: Callable[[], None]) -> Callable[[Incoming], bool]:
    """Lets something happen when that mail arrives, and nothing go wrong with it."""

    def seen(incoming: Incoming) -> bool:
        if sends(incoming) and incoming.number == number:
            what()
        return False

    return seen


def test_a_token_that_ends_under_way_is_renewed_once_for_all_workers(
    office: Office, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(office, monkeypatch)
    office.people(200)
    faults.when(Fault(), at_mail(80, lambda: office.works.tenant.revoke_token(office.works.access_token)))
    ended = office.send(*WORKERS)
    assert (ended.code, ended.document["counts"]["sent"]) == (0, 200), ended.err
    assert sorted(office.accepted()) == everybody(200)
    assert office.works.auth.renewals == 1


@POSIX
def test_a_token_that_is_being_renewed_at_the_second_ctrl_c_is_kept(
    office: Office, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With rotation the one before is spent: whoever lost the new one would have to sign in again."""
    sign_in(office, monkeypatch)
    office.works.tenant.revoke_token(office.works.access_token)
    faults.when(Fault(handled=True, wait_seconds=2.0), lambda incoming: incoming.operation == "oauth2-token")
    with office.start("send", str(office.job), "--yes", *WORKERS) as process:
        deadline = monotonic() + 60
        while not office.works.auth.renewals:
            assert process.poll() is None, process.communicate()
            assert monotonic() < deadline
        press_twice(process)
        process.communicate()
    assert process.returncode == ending.INTERRUPTED
    faults.clear()
    assert office.send("--no-look").document["counts"]["queued"] == 0
    assert office.works.auth.renewals == 1


SMTP_JOB = """\
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
message:
  to: "{{ email }}"
  cc: [boss@example.com]
  from: billing@example.com
  subject: "Hello {{ number }}"
  body: Hi
  contentType: text
  isSendSeparately: true
send: {rate: 100000/s, concurrency: 4}
report: [results.csv]
"""


@pytest.fixture
def server(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSmtp]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with smtp_emulator(rules=SmtpRules(), faults=faults) as emulator:
        monkeypatch.setenv("SMTP_PASSWORD", emulator.access_token)
        yield emulator


@pytest.fixture
def desk(tmp_path: Path, server: RunningSmtp) -> Path:
    """A job over a mail server, for six rows of two people, each of whom gets a copy of their own."""
    job = tmp_path / "job.yaml"
    job.write_text(SMTP_JOB.replace("PORT", str(server.server.port)), encoding="utf-8")
    rows = (f'{n},"a{n}@example.com;b{n}@example.com"\n' for n in range(1, 7))
    (tmp_path / "people.csv").write_text("number,email\n" + "".join(rows), encoding="utf-8")
    return job


def refused_once(faults: Faults, *addresses: str) -> list[str]:
    """A mail server does not take these for now, the first time that it is asked; gives all that it is asked for."""
    asked: list[str] = []

    def first(incoming: Incoming) -> bool:
        if incoming.operation != "RCPT":
            return False
        argument = incoming.parameters["argument"]
        address = argument[argument.index("<") + 1 : argument.index(">")]
        asked.append(address)
        return address in addresses and asked.count(address) == 1

    faults.when(Fault(Answer(452, b"4.3.1 Not now")), first)
    return asked


def test_copies_are_sent_once_each_and_one_that_is_refused_for_now_is_tried_again_alone(
    desk: Path, server: RunningSmtp, faults: Faults
) -> None:
    asked = refused_once(faults, "b4@example.com")
    ended = captured("send", str(desk), "--yes", "--format", "json", *WORKERS)
    assert (ended.code, ended.document["counts"]["sent"], ended.document["partial"]) == (0, 6, []), ended.err
    got = sorted(address for mail in server.inbox.mails for address in mail.recipients)
    assert got == sorted(
        [f"{letter}{n}@example.com" for n in range(1, 7) for letter in "ab"] + ["boss@example.com"] * 6
    )
    assert {len(mail.recipients) for mail in server.inbox.mails} == {1}
    assert asked.count("b4@example.com") == 2
    assert len(asked) == 19


def test_a_test_send_over_a_mail_server_names_nobody_else(desk: Path, server: RunningSmtp, faults: Faults) -> None:
    asked = refused_once(faults, TESTER)
    ended = captured("send", str(desk), "--yes", "--format", "json", "--redirect", TESTER, *WORKERS)
    assert (ended.code, ended.document["counts"]["sent"]) == (0, 6), ended.err
    assert asked == [TESTER] * 7
    assert [mail.recipients for mail in server.inbox.mails] == [(TESTER,)] * 6
