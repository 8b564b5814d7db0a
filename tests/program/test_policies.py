"""What stops a run early, and how it goes on."""

import shlex
import signal
import sys
from pathlib import Path

import pytest

from batchmail.cli import ending
from batchmail.emulator import Answer, Fault, Faults
from tests.program.office import Office, captured

NOBODY = Fault(Answer(400, b'{"code": "INVALID_PARAMETER", "description": "no such person"}'))
BROKEN = Fault(Answer(500, b"{}"), handled=True)


def test_a_canary_that_was_not_all_sent_leaves_the_rest_untouched_and_the_next_send_goes_on(
    office: Office, faults: Faults
) -> None:
    office.people(10)
    office.edit("send:", "send:\n  concurrency: 1\n  canary: 3")
    faults.at(NOBODY, 2)
    ended = office.send()
    assert ended.code == ending.STOPPED
    counts = ended.document["counts"]
    assert (counts["sent"], counts["rejected"], counts["queued"]) == (2, 1, 7)
    assert ended.document["stopped"] == "of the first 3 mails (`canary`) not all were sent: 2 sent, 1 rejected"
    again = office.send()
    assert again.code == ending.UNFINISHED
    assert len(set(office.accepted())) == len(office.accepted()) == 9


def test_a_canary_that_was_sent_is_no_more_than_a_pause(office: Office) -> None:
    office.people(10)
    office.edit("send:", "send:\n  canary: 3")
    assert "canary: 3 first" in office.run("plan", str(office.job)).out
    assert office.send().document["counts"]["sent"] == 10


@pytest.mark.parametrize(("key", "fault"), [("rejected", NOBODY), ("inDoubt", BROKEN)])
def test_so_many_bad_results_stop_a_run(office: Office, faults: Faults, key: str, fault: Fault) -> None:
    office.people(20)
    office.edit("send:", f"send:\n  concurrency: 1\n  stopAfter: {{{key}: 2}}")
    faults.when(fault, lambda incoming: incoming.method == "POST" and incoming.number % 2 == 0)
    ended = office.send()
    assert ended.code == ending.STOPPED
    assert f"stopAfter.{key}: 2" in ended.document["stopped"]
    assert ended.document["counts"]["queued"] == 16
    assert len(set(office.accepted())) == len(office.accepted())


def test_after_an_early_end_the_command_to_go_on_can_be_pasted(office: Office, faults: Faults, tmp_path: Path) -> None:
    job = tmp_path / "my jobs" / "job.yaml"
    job.parent.mkdir()
    job.write_text(office.job.read_text(encoding="utf-8"), encoding="utf-8")
    (job.parent / "people.csv").write_text((office.folder / "people.csv").read_text(encoding="utf-8"), encoding="utf-8")
    faults.at(Fault(Answer(401, b'{"code": "UNAUTHORIZED", "description": "expired"}')), 1)
    ended = captured("send", str(job), "--yes", "--edition", "it's 1")
    assert ended.code == ending.STOPPED
    (line,) = [line for line in ended.out.splitlines() if line.startswith("  to go on:  batchmail ")]
    if sys.platform != "win32":
        assert shlex.split(line)[3:] == ["batchmail", "send", str(job), "--yes", "--edition", "it's 1"]
    assert ended.out.splitlines().index(line) < len(ended.out.splitlines()) - 1


def test_status_says_what_it_does_not_know(office: Office) -> None:
    office.people(100)
    assert office.send("--limit", "3").code == 0
    lines = office.run("status", str(office.job)).out.splitlines()
    assert lines[-2].endswith(f"not in the journal; to see them:  batchmail plan {office.job.as_posix()}")
    assert lines[-1] == "3 sent."


def test_status_with_rows_that_wait_names_the_command_that_goes_on_and_no_other(office: Office, faults: Faults) -> None:
    office.people(3)
    office.edit("  rate: 100000/s", "  rate: 100000/s\n  concurrency: 1")
    faults.at(Fault(Answer(401, b'{"code": "UNAUTHORIZED", "description": "expired"}')), 1)
    assert office.send().code == ending.STOPPED
    told = office.run("status", str(office.job)).out
    assert f"  to go on:  batchmail send {office.job.as_posix()}\n" in told
    assert "never begun" not in told


def test_what_requests_count_is_named(office: Office) -> None:
    assert office.send().document["requests_of"] == "this run"
    assert office.status().document["requests_of"] == "all runs"
    office.edit("kind: works", "kind: outbox")
    office.edit("  accessToken: {env: WORKS_ACCESS_TOKEN}\n", "")
    office.edit(f"  baseUrl: {office.works.base_url}\n", "")
    office.edit("message:", "message:\n  from: me@example.com\n  cc: [boss@example.com]\n  isSendSeparately: true")
    apart = ("--journal", str(office.folder / "apart.db"))
    assert office.send(*apart).document["requests"] == 6
    status = office.run("status", str(office.job), "--format", "json", *apart).document
    assert (status["requests"], status["requests_of"]) == (3, "all runs; a mail with all its copies is one")


def test_a_quota_is_not_waited_for_beyond_what_was_allowed(office: Office) -> None:
    office.edit("100000/s", "3/day")
    assert office.send().document["counts"]["sent"] == 3
    office.people(5)
    ended = office.run("send", str(office.job), "--yes", "--quiet", "--max-wait", "15min")
    assert ended.code == ending.STOPPED
    assert "Stopped: nothing may leave before " in ended.out
    assert "the limit of 3/day is reached" in ended.out
    assert f"to go on:  batchmail send {office.job.as_posix()} --yes --quiet --max-wait 15min" in ended.out
    assert office.status().document["counts"]["queued"] == 2


@pytest.mark.parametrize("time", ["0", "15", "59s", "1d", "-5min", "soon"])
def test_a_wait_is_a_time_from_a_minute_on(office: Office, time: str) -> None:
    ended = office.run("send", str(office.job), "--yes", "--max-wait", time)
    assert ended.code == ending.USAGE
    assert office.works.inbox.requests == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a child there shares the console's Ctrl-C")
def test_what_an_earlier_run_has_used_of_a_quota_is_waited_for_and_told(office: Office) -> None:
    office.edit("100000/s", "3/day")
    assert office.send().document["counts"]["sent"] == 3
    office.people(5)
    planned = office.run("plan", str(office.job))
    assert "3 of 3/day are used up" in planned.out
    assert office.plan().document["estimate_seconds"] == pytest.approx(86_400, rel=0.01)
    with office.start("send", str(office.job), "--yes") as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if line.startswith("Waiting until"))
        assert "the limit of 3/day is reached" in line
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    assert process.returncode == ending.INTERRUPTED
    assert f"  to go on:  batchmail send {office.job} --yes" in out
    assert len(office.accepted()) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="a child there shares the console's Ctrl-C")
def test_ctrl_c_says_what_it_waits_for_and_a_second_one_accounts_for_it(office: Office, faults: Faults) -> None:
    office.people(40)
    office.edit("send:", "send:\n  concurrency: 4")
    faults.when(Fault(wait_seconds=600), lambda incoming: incoming.method == "POST")
    with office.start("send", str(office.job), "--yes") as process:
        assert process.stderr is not None
        while office.works.inbox.requests < 4:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        line = next(line for line in process.stderr if line.startswith("Waiting for"))
        assert "4 requests in flight" in line
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    assert process.returncode == ending.INTERRUPTED
    counts = office.status().document["counts"]
    assert (counts["in_doubt"], counts["queued"], counts["sending"]) == (4, 36, 0)
    assert "4 in doubt" in out.splitlines()[-1]
