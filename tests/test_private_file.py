"""Private files: there as a whole or not at all, and a failure means that they are not there."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from batchmail.private_file import write_private


@contextmanager
def few_descriptors(spare: int) -> Iterator[None]:
    """Lets the process open so many files more, and no others."""
    import resource  # noqa: PLC0415  not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/dev/fd"))  # noqa: PTH208  numbers, not paths
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(highest)]
    top = max(held)
    resource.setrlimit(resource.RLIMIT_NOFILE, (top + 1, hard))
    for descriptor in held[len(held) - spare :]:
        os.close(descriptor)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in held[: len(held) - spare]:
            os.close(descriptor)


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not opened there")
def test_a_write_that_fails_has_left_no_file_also_where_no_more_files_can_be_opened(tmp_path: Path) -> None:
    def written(number: int) -> bool:
        try:
            write_private(tmp_path / f"{number}.eml", [b"x"], tmp_path)
        except OSError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(abs, range(100)))  # all threads are there
        with few_descriptors(2):
            told = {f"{number}.eml": done for number, done in enumerate(threads.map(written, range(2_000)))}
    assert {path.name for path in tmp_path.iterdir()} == {name for name, done in told.items() if done}
    assert set(told.values()) == {True, False}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_may_be_written_but_not_read_takes_files(tmp_path: Path) -> None:
    folder = tmp_path / "letter-box"
    folder.mkdir(mode=0o300)
    write_private(folder / "a.eml", [b"x"], folder)
    folder.chmod(0o700)
    assert (folder / "a.eml").read_bytes() == b"x"
