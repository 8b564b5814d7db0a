"""Fixtures of the journal's tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journal.desk import Desk, in_file, in_memory, reopened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may be made: neither it nor its folder is there."""
    return tmp_path / ".batchmail" / "journal.db"


@pytest.fixture(params=[in_memory, in_file, reopened], ids=["memory", "file", "reopened"])
def desk(request: pytest.FixtureRequest, path: Path) -> Iterator[Desk]:
    """A journal of each kind: what one promises, all promise."""
    make: Callable[[Path], Desk] = request.param
    made = make(path)
    yield made
    made.journal.close()


@pytest.fixture
def file_desk(path: Path) -> Iterator[Desk]:
    """A journal in a file."""
    made = in_file(path)
    yield made
    made.journal.close()
