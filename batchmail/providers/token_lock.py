"""One renewal at a time, on the whole machine: with rotation, the second of two would present a token already spent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

#: A renewal takes a second; one that hangs gives up before this, in seconds.
PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.05


class TokensBusy(Exception):
    """Another process has been renewing the tokens for longer than that takes."""


@contextmanager
def hold(path: Path, patience_seconds: float) -> Iterator[None]:
    """Keep others away from a file of tokens; the lock is a file beside it. Raises TokensBusy and OSError."""
    real = path.resolve()
    lock = FileLock(real.with_name(f"{real.name}.lock"), mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=patience_seconds, poll_interval=_POLL_SECONDS)
    except Timeout:
        raise TokensBusy from None
    try:
        yield
    finally:
        lock.release()
