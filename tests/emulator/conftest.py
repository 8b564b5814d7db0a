"""Fixtures of the emulator's tests."""

import pytest

from tests.emulator.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """A tenant with the rules as they are by default."""
    return Bench()
