"""Fixtures of the tests that run the whole program."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.emulator import Faults, WorksRules, works_emulator
from tests.program.office import Office
from tests.program.workbook_office import WorkbookOffice


@pytest.fixture
def faults() -> Faults:
    """What goes wrong at the provider; nothing until a test says so."""
    return Faults()


@pytest.fixture
def office(tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office with three people and an emulated provider that never makes anybody wait."""
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with works_emulator(rules=WorksRules.rehearsal(), faults=faults) as works:
        monkeypatch.setenv("WORKS_ACCESS_TOKEN", works.access_token)
        yield Office(tmp_path, works)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkbookOffice:
    """A workbook that nobody sends."""
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", "any")
    return WorkbookOffice(tmp_path)
