"""A program that dies in mid-send: the next one finishes the rest, and nobody gets their mail twice."""

import signal
import subprocess
import sys
from time import monotonic

import pytest

from batchmail.emulator import Fault, Faults
from tests.program.office import Office

CONCURRENCY = 16


def wait_for_requests(office: Office, process: subprocess.Popen[str], number: int) -> None:
    """Until the provider has seen so many requests; the test's own time limit bounds it."""
    deadline = monotonic() + 30
    while office.works.inbox.requests < number:
        assert process.poll() is None, process.communicate()
        assert monotonic() < deadline


def slow(faults: Faults, seconds: float = 0.02) -> None:
    """Let every request take its time, so that some are always on their way."""
    faults.when(Fault(handled=True, wait_seconds=seconds), lambda incoming: incoming.method == "POST")


@pytest.mark.parametrize("after", [1, 40, 150, 290])
def test_after_a_kill_the_next_send_finishes_and_repeats_nobody(office: Office, faults: Faults, after: int) -> None:
    office.people(300)
    slow(faults)
    with office.start("send", str(office.job), "--yes", "--quiet") as process:
        wait_for_requests(office, process, after)
        process.kill()
        process.communicate()
    status = office.status().document
    assert len(status["in_doubt"]) <= CONCURRENCY
    faults.clear()

    ended = office.send()
    counts = ended.document["counts"]
    accepted = office.accepted()
    assert len(set(accepted)) == len(accepted)
    assert counts["sent"] + counts["in_doubt"] == 300
    assert counts["sent"] <= len(accepted)
    assert len(ended.document["in_doubt"]) == counts["in_doubt"] <= CONCURRENCY
    assert ended.code == (3 if counts["in_doubt"] else 0)

    settled = {f"person{int(key)}@example.com" for key in map(int, ended.document["in_doubt"])}
    everybody = {f"person{n}@example.com" for n in range(1, 301)}
    assert everybody - set(accepted) <= settled

    requests = office.works.inbox.requests
    assert office.send().document["requests"] == 0
    assert office.works.inbox.requests == requests


def test_two_sends_at_once_are_one_send_and_a_refusal(office: Office, faults: Faults) -> None:
    office.people(100)
    slow(faults, 2)
    with office.start("send", str(office.job), "--yes", "--quiet") as process:
        wait_for_requests(office, process, 1)
        refused = office.send()
        assert refused.code == 1
        assert "another `batchmail send`" in refused.err
        faults.clear()
        process.communicate()
        assert process.returncode == 0
    assert len(set(office.accepted())) == len(office.accepted()) == 100


@pytest.mark.skipif(sys.platform == "win32", reason="a child there shares the console's Ctrl-C")
def test_ctrl_c_waits_for_what_is_on_its_way_and_leaves_nothing_in_doubt(office: Office, faults: Faults) -> None:
    office.people(300)
    slow(faults)
    with office.start("send", str(office.job), "--yes", "--format", "json") as process:
        wait_for_requests(office, process, 40)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in out + err
    status = office.status().document
    assert status["counts"]["in_doubt"] == 0
    assert status["counts"]["sent"] == len(office.accepted())
    faults.clear()
    assert office.send().code == 0
    assert len(set(office.accepted())) == len(office.accepted()) == 300
