"""Processes that a run has started, as the system tells them: by `ps`, which Windows does not have."""

import os
import subprocess
from time import monotonic

#: A courier that has lost its run ends within two seconds; on a busy machine it may first have to start.
PATIENCE_SECONDS = 20.0


def couriers_of(parent: int) -> list[int]:
    """The process numbers of a run's couriers, oldest first."""
    told = _told("-A", "-ww", "-o", "pid=,ppid=,stat=,args=")
    rows = (line.split(None, 3) for line in told.splitlines())
    living = (row for row in rows if len(row) == 4 and not row[2].startswith("Z"))
    return sorted(
        int(pid) for pid, by, _, command in living if int(by) == parent and "-m batchmail.couriers" in command
    )


def own_couriers() -> list[int]:
    """Those of a run in this process."""
    return couriers_of(os.getpid())


def end_by_themselves(numbers: list[int]) -> bool:
    """Whether all of these processes end without anybody's help; they are waited for, with patience."""
    deadline = monotonic() + PATIENCE_SECONDS
    while any(map(_lives, numbers)):
        if monotonic() > deadline:
            return False
    return True


def _lives(number: int) -> bool:
    state = _told("-p", str(number), "-o", "stat=").strip()
    return bool(state) and not state.startswith("Z")


def _told(*options: str) -> str:
    return subprocess.run(["ps", *options], stdout=subprocess.PIPE, encoding="utf-8", check=False).stdout  # noqa: S607  the system's own
