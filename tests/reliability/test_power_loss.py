"""The power fails at any sync; and no request leaves before its intent is on the disk."""

from pathlib import Path
from random import Random

import pytest

from tests.reliability.power_loss import Recording, record, replay, requests_without_intent, unsynced_folders
from tests.reliability.traced import STRACE

ROWS = 200
#: Every so many-th sync is replayed here; `python -m tests.reliability.power_loss` replays them all.
EVERY = 5

pytestmark = pytest.mark.skipif(
    STRACE is None, reason="NOT TESTED: power loss and the order of syncs. Install strace (Linux) to test them."
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record(tmp_path_factory.mktemp("recorded"), ROWS)


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """What would be recorded if the journal synced as SQLite's `NORMAL` does."""
    return record(tmp_path_factory.mktemp("careless"), 40, "NORMAL")


def test_every_request_begins_after_the_sync_that_covers_its_intent(recording: Recording) -> None:
    covered = requests_without_intent(recording)
    assert covered.requests == ROWS
    assert covered.uncovered == []


def test_a_journal_that_synced_less_would_be_found_out(careless: Recording) -> None:
    covered = requests_without_intent(careless)
    assert covered.requests == 40
    assert covered.uncovered
    with pytest.raises(AssertionError, match="accepted and forgotten"):
        replay(careless, seed=1)


def test_after_a_power_loss_nothing_is_forgotten_that_was_accepted(recording: Recording) -> None:
    seed = Random().randrange(10**6)  # noqa: S311  every run finds its own disks, and tells them
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    came_to = replay(recording, seed, EVERY)
    assert came_to.with_mails > 100
    assert came_to.checkpoints > 3


def test_the_journals_own_name_is_on_the_disk_before_the_first_mail_leaves(recording: Recording) -> None:
    assert unsynced_folders(recording) == []


def test_each_step_of_the_recording_was_understood(recording: Recording) -> None:
    """A log that was misread would prove nothing."""
    names = {Path(step.path).name for step in recording.steps if hasattr(step, "path")}
    assert {"journal.db", "journal.db-wal"} <= names
    assert recording.syncs > ROWS // 4
