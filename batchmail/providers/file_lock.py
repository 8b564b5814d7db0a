"""A file that one process at a time may change, on the whole machine. The home of filelock among the providers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_POLL_SECONDS = 0.05


class FileBusy(Exception):
    """Another process has kept the file for longer than was to be waited."""


@contextmanager
def exclusive(path: Path, patience_seconds: float) -> Iterator[None]:
    """Keep others away from a file; the lock is a file beside it, and ends with its process.

    Raises FileBusy and OSError.
    """
    real = path.resolve()
    lock = FileLock(real.with_name(f"{real.name}.lock"), mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=patience_seconds, poll_interval=_POLL_SECONDS)
    except Timeout:
        raise FileBusy from None
    try:
        yield
    finally:
        lock.release()
