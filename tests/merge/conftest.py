"""Fixtures of the merge's tests."""

from pathlib import Path

import pytest

from tests.merge.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A job in a folder of its own."""
    return Bench(tmp_path)
