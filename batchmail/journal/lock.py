"""One send per journal: a lock that the system itself frees when its holder dies."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from batchmail.errors import JournalBusy, JournalUnusable
from batchmail.journal.folder import make_folder

#: `is_held` holds the lock for an instant, to see whether it can; a send that begins right then must not give up.
_PATIENCE_SECONDS = 0.2
_POLL_SECONDS = 0.02


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Keep a journal to oneself for a whole send.

    Raises JournalBusy where another send has it, in this process or another; JournalUnusable where its folder
    cannot be used.
    """
    make_folder(path)
    lock = _lock(path)
    try:
        lock.acquire(timeout=_PATIENCE_SECONDS, poll_interval=_POLL_SECONDS)
    except Timeout:
        raise JournalBusy(path) from None
    except OSError as error:
        raise JournalUnusable(path, _reason(error)) from error
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Whether a send has the journal at present. Raises JournalUnusable where that cannot be found out."""
    lock = _lock(path)
    try:
        if not _lock_path(path).exists():
            return False
        lock.acquire(blocking=False)
    except Timeout:
        return True
    except OSError as error:
        if error.errno == errno.EROFS:
            return False  # nobody can send from a file system that cannot be written
        raise JournalUnusable(path, _reason(error)) from error
    lock.release()
    return False


def _lock(path: Path) -> FileLock:
    # Not bound to a thread: who lets it go may be another than who took it.
    return FileLock(_lock_path(path), mode=0o600, thread_local=False)


def _lock_path(path: Path) -> Path:
    real = path.resolve()  # one journal has one lock, by whatever link it is reached
    return real.with_name(f"{real.name}.lock")


def _reason(error: OSError) -> str:
    return f"its lock file cannot be opened ({error.strerror or error})"
