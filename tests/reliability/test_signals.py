"""A process that is stopped and goes on, two at once, and Ctrl-C."""

import os
import signal
import sys
from random import Random
from time import monotonic

import pytest

from tests.reliability.image import read
from tests.reliability.invariants import after_a_crash, at_the_end, nobody_twice, sending_again_does_nothing
from tests.reliability.job import Job, Jobs
from tests.reliability.provider import Provider
from tests.reliability.sender import Running

TIMES = 20
BUSY, INTERRUPTED = 1, 130
LOOK_SECONDS = 0.004

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the system has neither SIGSTOP nor SIGINT for a child")


def until_accepted(job: Job, running: Running, more: int) -> None:
    """Wait until so many more mails have been accepted, or the process has ended."""
    wanted = job.accepted_in_all() + more
    deadline = monotonic() + 60
    while job.accepted_in_all() < wanted and not running.ends_within(LOOK_SECONDS):
        assert monotonic() < deadline


@pytest.mark.parametrize(("timeout", "times"), [("30s", TIMES), ("0.1s", 6)])
def test_a_process_that_is_stopped_keeps_its_journal_and_repeats_nothing(
    jobs: Jobs, provider: Provider, timeout: str, times: int
) -> None:
    """With the short time limit, every answer that arrives meanwhile comes too late."""
    provider.answer_after(0.02)
    job = jobs.make(400, timeout=timeout)
    running, stops = job.start(), 0
    while stops < times:
        until_accepted(job, running, 5)
        if running.ended:
            running = job.start()  # too many in doubt, one after another, have ended it
            continue
        os.kill(running.pid, signal.SIGSTOP)
        other = job.start()
        assert other.code() == BUSY, other.text
        assert "another `batchmail send`" in other.text
        os.kill(running.pid, signal.SIGCONT)
        stops += 1
    running.code()
    nobody_twice(job)
    job.finish()
    end = at_the_end(job)
    assert not end.lost
    assert timeout != "30s" or not end.in_doubt
    sending_again_does_nothing(job, end)


def test_of_processes_that_start_at_once_one_sends(jobs: Jobs, provider: Provider) -> None:
    provider.answer_after(0.02)
    job = jobs.make(200)
    together = [job.start() for _ in range(6)]
    assert {each.code() for each in together} == {0, BUSY}
    assert not at_the_end(job).in_doubt


def test_ctrl_c_leaves_nothing_in_doubt_when_the_provider_answers(jobs: Jobs, provider: Provider) -> None:
    provider.answer_after(0.02)
    seed = Random().randrange(10**6)  # noqa: S311  every run finds its own moments, and tells them
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    random = Random(seed)  # noqa: S311  likewise
    job = jobs.make(700)
    for number in range(TIMES):
        running = job.start()
        until_accepted(job, running, random.randrange(1, 25))
        os.kill(running.pid, signal.SIGTERM if number % 4 == 0 else signal.SIGINT)
        assert running.code() == INTERRUPTED, running.text
        assert "Traceback" not in running.text
        crash = after_a_crash(job)
        assert not crash.sending | crash.in_doubt
        assert len(read(job.journal).keys("sent")) == job.accepted_in_all()
    job.finish()
    end = at_the_end(job)
    assert not end.in_doubt
    sending_again_does_nothing(job, end)
