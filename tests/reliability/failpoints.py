"""Deaths at named points: a child wraps a function of the product and ends itself where it is passed the k-th time.

    python -m tests.reliability.failpoints [NAME=POSITIONS …]

A point whose function is gone, or that is not passed so often, fails the test: nothing is left out in silence.
"""

import argparse
import inspect
import json
import os
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from enum import Enum, auto
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from threading import Lock, local
from typing import Any

from tests.reliability.invariants import after_a_crash, at_the_end, sending_again_does_nothing
from tests.reliability.job import Jobs
from tests.reliability.provider import provider_process
from tests.reliability.sender import Nursery

#: What a process ends with that has died at its point; no exit code of the product.
DIED = 86
POSITIONS = 20
CONCURRENCY = 3
#: A process dies where it passes its point the 1st to 5th time; as each goes on where the one before has died, a job
#: meets every point at 20 positions. So many mails last for all of them.
EACH_DIES_WITHIN = 5
ROWS = 260
#: An attachment of this size makes a mail's body leave in several pieces.
ATTACHMENT = 100_000

_HTTP, _JOURNAL, _RESULTS = "batchmail.providers.http", "batchmail.journal", "batchmail.results"


class Moment(Enum):
    """When a function that is called, or a generator that is run, is passed."""

    BEFORE = auto()
    EACH = auto()  # a generator's items, each as it is handed out
    AFTER = auto()


@dataclass(frozen=True, slots=True)
class Failpoint:
    """A point: a function of the product and the moment; `concerning` picks calls by their argument.

    `within` names another function in the midst of which it must be passed. `last` bounds the positions of points that
    a process passes a few times only; such a point is met `again` after other deaths. `rows` is how many
    mails the job has: points that come when all is sent need few.
    """

    target: str
    moment: Moment
    concerning: str = ""
    within: str = ""
    rows: int = ROWS
    last: int = EACH_DIES_WITHIN
    again: bool = False
    attachment: int = 0


_SEND = f"{_HTTP}:HttpSender._transmit"
_BODY = f"{_HTTP}:_OutgoingBody.__aiter__"
_RECORD = f"{_JOURNAL}.sqlite:SqliteJournal.record"
_RECOVER = f"{_JOURNAL}.sqlite:SqliteJournal.recover"
_ENROL = f"{_JOURNAL}.sqlite_roster:SqliteRoster.enrol"
_STATEMENT = f"{_JOURNAL}.connection:Database.run"
_CLOSE = f"{_JOURNAL}.connection:Database.close"
_WRITE_REPORT = f"{_RESULTS}:write_report"
_PREPARE = f"{_HTTP}:HttpSender.prepare"
_BEFORE, _EACH, _AFTER = Moment.BEFORE, Moment.EACH, Moment.AFTER

FAILPOINTS = {
    "journal held, not yet opened": Failpoint("batchmail.pipeline:open_journal", _BEFORE, rows=60, again=True, last=1),
    "before recovery": Failpoint(_RECOVER, _BEFORE, rows=60, again=True, last=1),
    "during recovery": Failpoint(_STATEMENT, _BEFORE, within=_RECOVER, rows=60, again=True, last=4),
    "after recovery": Failpoint(_RECOVER, _AFTER, rows=60, again=True, last=1),
    "before enrolment": Failpoint(_ENROL, _BEFORE, rows=60, again=True, last=1),
    "during enrolment": Failpoint(_STATEMENT, _BEFORE, within=_ENROL, rows=60, again=True, last=10),
    "after enrolment": Failpoint(_ENROL, _AFTER, rows=60, again=True, last=1),
    "mail claimed and prepared": Failpoint(_PREPARE, _AFTER),
    "before the intent": Failpoint(_RECORD, _BEFORE, concerning="sending"),
    "intent written, not committed": Failpoint(_STATEMENT, _BEFORE, concerning="COMMIT", within=_RECORD),
    "after the intent": Failpoint(_RECORD, _AFTER, concerning="sending"),
    "before a byte leaves": Failpoint(_SEND, _BEFORE),
    "connected, before the body": Failpoint(_BODY, _BEFORE),
    "amid the body": Failpoint(_BODY, _EACH, attachment=ATTACHMENT),
    "after the body": Failpoint(_BODY, _AFTER, attachment=ATTACHMENT),
    "status seen": Failpoint(f"{_HTTP}:HttpSender._reply", _BEFORE),
    "answer understood": Failpoint(_SEND, _AFTER),
    "before the result": Failpoint(_RECORD, _BEFORE, concerning="sent"),
    "after the result": Failpoint(_RECORD, _AFTER, concerning="sent"),
    "before the report": Failpoint(_WRITE_REPORT, _BEFORE, rows=60, last=1),
    "amid the report": Failpoint(f"{_RESULTS}:report_lines", _EACH, rows=60, last=60),
    "report written, not yet in its place": Failpoint(
        "batchmail.report.destination:os.fsync", _BEFORE, rows=60, last=1
    ),
    "after the report": Failpoint(_WRITE_REPORT, _AFTER, rows=60, last=1),
    "before the closing checkpoint": Failpoint(_CLOSE, _BEFORE, rows=60, last=1),
    "after the closing checkpoint": Failpoint(_CLOSE, _AFTER, rows=60, last=1),
}


class NoSuchPoint(Exception):
    """The product has no function of this name any more."""


def resolve(target: str) -> tuple[Any, str]:
    """Who has a function, and its name there. Raises NoSuchPoint."""
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = getattr(owner, each, None)
    if not callable(getattr(owner, name, None)):
        raise NoSuchPoint(f"{target} is not there any more: name the failpoint's new place in failpoints.py")
    return owner, name


class Passages:
    """Counts how often a point is passed, and ends the process at the k-th time."""

    def __init__(self, point: Failpoint, position: int) -> None:
        self._left = position
        self._point = point
        self._lock = Lock()
        self._inside = local()

    def passed(self, arguments: tuple[Any, ...]) -> None:
        """The point was reached, whatever thread it was in."""
        if self._point.within and not getattr(self._inside, "depth", 0):
            return
        if not _concerns(arguments, self._point.concerning):
            return
        with self._lock:
            self._left -= 1
            if not self._left:
                os._exit(DIED)

    def enter(self, step: int) -> None:
        """The function within which the point counts has begun (1) or ended (-1)."""
        self._inside.depth = getattr(self._inside, "depth", 0) + step


def _concerns(arguments: tuple[Any, ...], what: str) -> bool:
    """Whether a call is about a statement, or has a transition to a state."""
    if not what:
        return True
    subject = arguments[1]
    return subject == what if isinstance(subject, str) else any(step.state == what for step in subject)


def die_at(name: str, position: int) -> None:
    """Let this process end where it passes a point the k-th time."""
    point = FAILPOINTS[name]
    passages = Passages(point, position)
    if point.within:
        _wrap(point.within, partial(_noticed, passages))
    _wrap(point.target, partial(_deadly, passages, point.moment))


def _wrap(target: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    owner, name = resolve(target)
    function = getattr(owner, name)
    setattr(owner, name, wraps(function)(wrapper(function)))


def _noticed(passages: Passages, function: Callable[..., Any]) -> Callable[..., Any]:
    def noticed(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401  whatever the product's function takes and gives
        passages.enter(1)
        try:
            return function(*arguments, **more)
        finally:
            passages.enter(-1)

    return noticed


def _deadly(passages: Passages, moment: Moment, function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, deadly. Its kind stays what it was: each is awaited or run through as before."""
    before, each, after = (
        passages.passed if moment is wanted else lambda _arguments: None for wanted in (_BEFORE, _EACH, _AFTER)
    )

    def plain(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401  as above
        before(arguments)
        result = function(*arguments, **more)
        after(arguments)
        return result

    async def awaited(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401  as above
        before(arguments)
        result = await function(*arguments, **more)
        after(arguments)
        return result

    def run_through(*arguments: Any, **more: Any) -> Iterator[Any]:  # noqa: ANN401  as above
        before(arguments)
        for item in function(*arguments, **more):
            each(arguments)
            yield item
        after(arguments)

    async def run_through_awaited(*arguments: Any, **more: Any) -> AsyncIterator[Any]:  # noqa: ANN401  as above
        before(arguments)
        async for item in function(*arguments, **more):
            each(arguments)
            yield item
        after(arguments)

    if inspect.isasyncgenfunction(function):
        return run_through_awaited
    if inspect.iscoroutinefunction(function):
        return awaited
    return run_through if inspect.isgeneratorfunction(function) else plain


@dataclass(frozen=True, slots=True)
class Deaths:
    """What the deaths at one point came to."""

    deaths: int
    in_doubt: int
    false_doubt: int


def die_again_and_again(jobs: Jobs, name: str, positions: int = POSITIONS) -> Deaths:
    """Let one job's processes die at a point, each at the next position; then finish it. Every invariant is checked.

    Points that come before any mail meet a journal that deaths amid the sending have left.
    """
    point = FAILPOINTS[name]
    job = jobs.make(point.rows, CONCURRENCY, point.attachment)
    for number in range(positions):
        if point.again and number % 4 == 0:
            assert job.start(before=partial(die_at, "status seen", 2)).code() == DIED
        running = job.start(before=partial(die_at, name, number % point.last + 1))
        assert running.code() == DIED, f"{name}, position {number + 1}: it did not die there\n{running.text}"
        after_a_crash(job)
    job.finish()
    end = at_the_end(job)
    sending_again_does_nothing(job, end)
    assert not end.lost
    return Deaths(positions, len(end.in_doubt), len(end.false_doubt))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("points", nargs="*", default=[f"{name}={POSITIONS}" for name in FAILPOINTS], metavar="NAME=N")
    given = parser.parse_args()
    nursery = Nursery()
    with (
        tempfile.TemporaryDirectory(prefix="batchmail-failpoints-") as folder,
        provider_process(Path(folder) / "provider") as provider,
    ):
        jobs = Jobs(Path(folder), provider, nursery)
        for point in given.points:
            name, _, positions = point.partition("=")
            try:
                came_to = asdict(die_again_and_again(jobs, name, int(positions)))
            except Exception:  # noqa: BLE001  the other points are still to be tried
                came_to = {"failed": traceback.format_exc()}
            sys.stdout.write(json.dumps({"name": name, **came_to}) + "\n")
            sys.stdout.flush()
            nursery.close()


if __name__ == "__main__":
    main()
