"""Rows, results and places to write to, for the tests of the report."""

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import pytest

from batchmail.delivery import DeliveryState, Record
from batchmail.report import ReportLine
from batchmail.row import Row


@pytest.fixture(scope="session")
def sent() -> Callable[[str], Record]:
    """Makes the result of a mail that was accepted at the first attempt."""

    def make(key: str) -> Record:
        return Record(key, DeliveryState.SENT, "", 1, "2026-10-05T09:00:01+09:00", "m-1", ("kim@example.com",))

    return make


@pytest.fixture(scope="session")
def lines_of(sent: Callable[[str], Record]) -> Callable[[Sequence[Sequence[str]]], list[ReportLine]]:
    """Makes the lines of a text file's rows, all of them sent; the first cell is the key."""

    def make(table: Sequence[Sequence[str]]) -> list[ReportLine]:
        return [
            ReportLine(Row(position, position + 1, tuple(texts)), sent(texts[0]))
            for position, texts in enumerate(table, start=1)
        ]

    return make


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives a file name in a folder where nothing is yet; usable many times in one test."""
    numbers = count()
    root = tmp_path_factory.mktemp("reports")

    def make(name: str) -> Path:
        folder = root / str(next(numbers))
        folder.mkdir()
        return folder / name

    return make
