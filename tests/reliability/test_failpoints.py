"""Deaths at named points. `python -m tests.reliability.failpoints` has twenty of each."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from tests.reliability.failpoints import FAILPOINTS, POSITIONS, NoSuchPoint, resolve
from tests.reliability.provider import ROOT

#: Those at which a mail's fate changes; the others lie between them and are met a few times only.
THOROUGHLY = (
    "during recovery",
    "during enrolment",
    "mail claimed and prepared",
    "before the intent",
    "after the intent",
    "connected, before the body",
    "amid the body",
    "after the body",
    "status seen",
    "before the result",
    "after the result",
    "amid the report",
    "before the closing checkpoint",
)
A_FEW = 2


LANES = 2


class Lane:
    """A process that lets the processes of its points die, one point after the other."""

    def __init__(self, names: Sequence[str]) -> None:
        points = [f"{name}={positions(name)}" for name in names]
        command = [sys.executable, "-m", "tests.reliability.failpoints", *points]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
        self._told: dict[str, dict[str, Any]] = {}

    def of(self, name: str) -> dict[str, Any]:
        """What came of a point, once it is known."""
        assert self.process.stdout is not None
        while name not in self._told:
            line = self.process.stdout.readline()
            assert line, "the lane has ended before its time"
            told = json.loads(line)
            self._told[told["name"]] = told
        return self._told[name]


def positions(name: str) -> int:
    return POSITIONS if name in THOROUGHLY else A_FEW


@pytest.fixture(scope="module")
def lanes() -> Iterator[dict[str, Lane]]:
    """Which process tries which point: several at a time, since each mostly waits for others."""
    names = list(FAILPOINTS)
    made = {lane: names[lane::LANES] for lane in range(LANES)}
    with ExitStack() as running:
        found: dict[str, Lane] = {}
        for own in made.values():
            lane = Lane(own)
            running.enter_context(lane.process)
            running.callback(lane.process.kill)
            found |= dict.fromkeys(own, lane)
        yield found


@pytest.mark.parametrize("name", FAILPOINTS)
def test_wherever_a_process_dies_nobody_gets_a_mail_twice_and_nobody_is_forgotten(
    lanes: dict[str, Lane], name: str
) -> None:
    told = lanes[name].of(name)
    assert told.get("deaths") == positions(name), told.get("failed")


@pytest.mark.parametrize("target", ["batchmail.pipeline:no_such", "batchmail.journal.sqlite:SqliteJournal.no.such"])
def test_a_point_that_the_product_does_not_have_any_more_is_told(target: str) -> None:
    with pytest.raises(NoSuchPoint, match="is not there any more"):
        resolve(target)
