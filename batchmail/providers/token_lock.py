"""One renewal at a time, on the whole machine: with rotation, the second of two would present a token already spent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batchmail.providers.file_lock import FileBusy, exclusive

#: A renewal takes a second; one that hangs gives up before this, in seconds.
PATIENCE_SECONDS = 60.0


class TokensBusy(Exception):
    """Another process has been renewing the tokens for longer than that takes."""


@contextmanager
def hold(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Keep others away from a file of tokens; the lock is a file beside it. Raises TokensBusy and OSError."""
    try:
        with exclusive(path, patience_seconds):
            yield
    except FileBusy:
        raise TokensBusy from None
