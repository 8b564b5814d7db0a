"""A full disk stops a run before anything leaves that the journal does not know; with space again, it goes on."""

import sys
from functools import partial

import pytest

from tests.reliability.full_disk import fill_at_commit, limit_files
from tests.reliability.invariants import after_a_crash, at_the_end, sending_again_does_nothing
from tests.reliability.job import Jobs
from tests.reliability.sender import Running

CONCURRENCY = 4
STOPPED, BLOCKED, UNFINISHED = 4, 1, 3


def is_told(running: Running, *codes: int) -> None:
    assert running.code() in codes, running.text
    assert "Traceback" not in running.text
    assert "bug in batchmail" not in running.text


def test_whichever_commit_finds_no_space_nothing_leaves_that_the_journal_does_not_know(jobs: Jobs) -> None:
    job = jobs.make(900, CONCURRENCY)
    for commit in range(1, 11):
        running = job.start(before=partial(fill_at_commit, commit, commit % 2))
        is_told(running, STOPPED)
        assert "no space is left on its disk" in running.text
        crash = after_a_crash(job)
        assert len(crash.sending) <= CONCURRENCY
    job.finish()
    end = at_the_end(job)
    assert not end.lost
    sending_again_does_nothing(job, end)


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no limit of a file's size there")
def test_whatever_file_cannot_grow_it_is_told_and_the_next_run_goes_on(jobs: Jobs) -> None:
    job = jobs.make(300, CONCURRENCY)
    for size in (2_000, 30_000, 60_000, 100_000, 150_000, 200_000, 250_000, 300_000, 350_000, 400_000):
        running = job.start(before=partial(limit_files, size))
        is_told(running, BLOCKED, STOPPED, UNFINISHED)
        assert "journal cannot be used" in running.text or running.code() == UNFINISHED
        after_a_crash(job)
    job.finish()
    end = at_the_end(job)
    assert not end.lost
    sending_again_does_nothing(job, end)
