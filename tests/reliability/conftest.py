"""Fixtures of the reliability suite: a provider in a process of its own, and processes to send with."""

from collections.abc import Iterator

import pytest

from tests.reliability.job import Jobs
from tests.reliability.provider import Provider, provider_process
from tests.reliability.sender import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Processes that are ready at once."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """One provider for all jobs; they tell their mails apart by the domain they go to."""
    with provider_process(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture
def jobs(tmp_path_factory: pytest.TempPathFactory, provider: Provider, nursery: Nursery) -> Iterator[Jobs]:
    """Jobs, sent to a provider that answers at once."""
    provider.answer_after(0)
    folder = tmp_path_factory.mktemp("jobs")
    yield Jobs(folder, provider, nursery)
    nursery.close()
