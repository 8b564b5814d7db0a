"""A send and its provider under strace, so that all they ask of the system stands in one log, in order.

python -m tests.reliability.traced FOLDER ROWS SYNCHRONOUS
"""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from batchmail.journal import connection
from tests.reliability.job import Job, Jobs
from tests.reliability.provider import ROOT, provider_process
from tests.reliability.sender import Nursery, Orders, command, obey

STRACE = shutil.which("strace")
CONCURRENCY = 4
CALLS = "openat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,pwrite64,write,ftruncate,fsync,fdatasync,sendto"


def trace(folder: Path, rows: int, synchronous: str = "FULL") -> Path:
    """Send so many mails under strace; gives its log."""
    assert STRACE is not None
    log = folder / "strace.log"
    options = ["-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    program = [sys.executable, "-m", "tests.reliability.traced", str(folder), str(rows), synchronous]
    ended = subprocess.run([STRACE, *options, "-o", str(log), *program], cwd=ROOT, check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr.decode(errors="replace")
    return log


def set_synchronous(value: str) -> None:
    """Let the journal sync less than it does, and fold its log in every 100 pages: a small run has several checkpoints.

    Raises ValueError where it does not say `synchronous = FULL` any more.
    """
    ours = "PRAGMA synchronous = FULL"
    if ours not in connection._WRITING:
        raise ValueError(f"{ours!r} is not there any more: what does the journal do instead?")
    changed = (each.replace(ours, f"PRAGMA synchronous = {value}") for each in connection._WRITING)
    checkpoints = "PRAGMA wal_autocheckpoint = 100"  # SQLite's own number is 1,000
    connection._WRITING = (*changed, checkpoints)  # type: ignore[assignment]  # one more than before


def send(folder: Path, rows: int, synchronous: str) -> None:
    """Be the provider's parent, and the program; ends the process."""
    set_synchronous(synchronous)
    with provider_process(folder / "provider") as provider:
        job: Job = Jobs(folder, provider, Nursery()).make(rows, CONCURRENCY)
        environment = {"WORKS_ACCESS_TOKEN": provider.access_token, "BATCHMAIL_JOURNAL": ""}
        environment |= dict.fromkeys(("XDG_STATE_HOME", "LOCALAPPDATA"), str(folder / "state"))
        orders = Orders(command(job.manifest), environment, folder / "output.txt")
        obey(replace(orders))


if __name__ == "__main__":
    send(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
