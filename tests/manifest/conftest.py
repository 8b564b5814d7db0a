"""Fixtures of the manifest's tests."""

from pathlib import Path

import pytest

from tests.manifest.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder in which manifests are tried."""
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def lasting_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A folder for tests of laws, which try many manifests."""
    return Desk(tmp_path_factory.mktemp("desk"))
