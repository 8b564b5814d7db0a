"""Fixtures of the sheets' tests."""

import pytest

from tests.recipients.desk import Desk


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A place for files, each in a folder of its own; usable many times in one test."""
    return Desk(tmp_path_factory.mktemp("sheets"))
