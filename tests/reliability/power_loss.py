"""The power fails: whatever the disk had taken by then, nothing that was accepted is forgotten.

    python -m tests.reliability.power_loss [--rows N] [--seed N] [--every N]

A send is recorded once, with each write and sync of its journal, each request's first byte and each mail that the
provider took, in one order. Then the journal is put together as it may have lain on the disk at each sync, with the
unsynced writes there, missing, torn or in another order; each is recovered by the product and held against what the
provider had taken by then.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from random import Random

from batchmail.delivery import Mailing
from tests.reliability.disk import Begun, Change, Disk, Made, Step, Synced, Taken, Written, some, steps_of
from tests.reliability.image import read, recovered
from tests.reliability.job import key_of
from tests.reliability.traced import trace

JOB = "job0001"
ROWS = 200


@dataclass(frozen=True, slots=True)
class Recording:
    """A send of so many rows, step by step."""

    folder: Path
    rows: int
    steps: list[Step]

    @property
    def journal(self) -> PurePath:
        return self.folder / JOB / ".batchmail" / "journal.db"

    @property
    def syncs(self) -> int:
        """How often the journal was synced."""
        return sum(isinstance(step, Synced) and step.path.startswith(str(self.journal)) for step in self.steps)


def record(folder: Path, rows: int = ROWS, synchronous: str = "FULL") -> Recording:
    """Send under strace."""
    return Recording(folder, rows, steps_of(trace(folder, rows, synchronous)))


@dataclass(slots=True)
class Covered:
    """How many requests began, and which of them with no intent on the disk."""

    requests: int = 0
    uncovered: list[str] = field(default_factory=list)


def requests_without_intent(recording: Recording) -> Covered:
    """I7: at each request's first byte, what was certainly synced must say that the mail is on its way."""
    disk, covered = Disk(recording.journal), Covered()
    states: dict[str, str] = {}
    changed = True
    for step in recording.steps:
        disk.take(step)
        changed = changed or isinstance(step, Synced)
        if isinstance(step, Begun):
            if changed:
                states = read(disk.save(recording.folder / "synced", {})).states
                changed = False
            covered.requests += 1
            if states.get(step.key) not in {"sending", "sent", "in_doubt"}:
                covered.uncovered.append(step.key)
    return covered


@dataclass(slots=True)
class Replay:
    """How many disks were recovered after how many moments, and how many of them knew of an accepted mail.

    `checkpoints` counts the moments at which the log was being folded into the journal.
    """

    moments: int = 0
    checkpoints: int = 0
    disks: int = 0
    with_mails: int = 0


def replay(recording: Recording, seed: int, every: int = 1) -> Replay:
    """Let the power fail before and after each sync (or every so many-th, and amid each checkpoint); recover each disk.

    Raises AssertionError for the first that forgets an accepted mail, or says sent of one that was not.
    """
    random = Random(seed)  # noqa: S311  the same disks again
    disk, accepted, result = Disk(recording.journal), set[str](), Replay()
    for step in recording.steps:
        if isinstance(step, Taken):
            accepted.add(step.key)
        if _is_boundary(disk, step):
            result.moments += 1
            checkpoint = step == Synced(str(recording.journal))
            result.checkpoints += checkpoint
            if checkpoint or result.moments % every == 0:
                for chosen in _possible(disk, random):
                    result.disks += 1
                    result.with_mails += bool(accepted)
                    _recover(recording, disk.save(recording.folder / "lost", chosen), accepted)
        disk.take(step)
    _recover(recording, disk.save(recording.folder / "lost", {}), accepted)
    return result


def _is_boundary(disk: Disk, step: Step) -> bool:
    """Whether a sync of the journal is about to end: until then its writes may be missing, from then on they are not.

    All that the provider takes until the next one belongs to the moment before that.
    """
    return isinstance(step, Synced) and step.path in disk.files


def _possible(disk: Disk, random: Random) -> Iterator[dict[str, list[Change]]]:
    pending = {path: file.pending for path, file in disk.files.items() if file.pending}
    for path, changes in pending.items():
        for chosen in some(changes, random):
            yield {path: chosen, **{other: rest for other, rest in pending.items() if other != path}}
    yield {}


def _recover(recording: Recording, journal: Path, accepted: set[str]) -> None:
    """I2, I3, I5 and I10, after the product's own recovery."""
    after, counts = recovered(journal, recording.folder / "recovered", Mailing(JOB))
    assert after.integrity == "ok"
    sent, doubtful = after.keys("sent"), after.keys("in_doubt")
    assert sent <= accepted, f"said to be sent, and never accepted: {sorted(sent - accepted)}"
    assert accepted <= sent | doubtful, f"accepted and forgotten: {sorted(accepted - sent - doubtful)}"
    assert set(after.states) in (set(), {key_of(number) for number in range(1, recording.rows + 1)})
    assert counts.sending == 0
    assert counts.sent + counts.in_doubt + counts.queued == len(after.states)


def unsynced_folders(recording: Recording) -> list[str]:
    """What was made around the journal and whose name was not on the disk when the first mail left."""
    names = {str(recording.journal), str(recording.journal.parent), f"{recording.journal}-wal"}
    open_names: dict[str, str] = {}
    for step in recording.steps:
        match step:
            case Begun():
                break
            case Made(path) if path in names:
                open_names[path] = str(PurePath(path).parent)
            case Synced(path):
                open_names = {name: folder for name, folder in open_names.items() if folder != path}
    return sorted(open_names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))  # noqa: S311  any will do
    parser.add_argument("--every", type=int, default=1, help="replay every N-th sync only")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="batchmail-power-") as folder:
        recording = record(Path(folder), given.rows)
        covered = requests_without_intent(recording)
        came_to = replay(recording, given.seed, given.every)
    writes = sum(isinstance(step, Written) and "journal.db" in step.path for step in recording.steps)
    sys.stdout.write(
        f"seed {given.seed}: {given.rows} mails, {writes} writes and {recording.syncs} syncs of the journal\n"
        f"requests that began before their intent was on the disk: {len(covered.uncovered)} of {covered.requests}\n"
        f"recovered after a power loss: {came_to.disks} disks of {came_to.moments} moments, "
        f"{came_to.checkpoints} of them amid a checkpoint; {came_to.with_mails} with mails accepted; "
        "nothing was forgotten\n"
    )


if __name__ == "__main__":
    main()
