"""Kills at random moments: the process is gone in the midst of whatever it does, and the next one goes on.

    python -m tests.reliability.kills 1000 [--workers N] [--seed N] [--rows N] [--answer SECONDS]

A job is killed again and again, also while it plans, recovers or enrols, until it is finished; then the next one is
begun. With `--workers`, couriers carry the mails, and every fourth kill is one of theirs: the job's process ends by
itself then. The figures are printed as a table, and the seed with them.
"""

import argparse
import os
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

from tests.processes import couriers_of
from tests.reliability.invariants import End, after_a_crash, at_the_end, nobody_twice, sending_again_does_nothing
from tests.reliability.job import Job, Jobs
from tests.reliability.provider import provider_process
from tests.reliability.sender import Nursery, Running

#: One kill in so many comes before the process has sent anything: while it starts, plans, recovers, enrols.
EARLY = 6
#: One kill in so many is a courier's, where there are couriers.
COURIERS = 4
#: The others come within this time of its first mail, in seconds.
WINDOW_SECONDS = 0.2
LOOK_SECONDS = 0.004
#: How a process ends whose courier was killed; it may have had nothing more to send.
ENDED_IN_ORDER = {0, 3, 4}


@dataclass(slots=True)
class Figures:
    """What a number of kills came to; `doubts` are those that kills put in doubt, by the journals' images."""

    kills: int = 0
    early: int = 0
    couriers: int = 0
    jobs: int = 0
    rows: int = 0
    accepted: int = 0
    doubts: int = 0
    most_doubts: int = 0
    false_doubts: int = 0
    lost: int = 0
    twice: int = 0
    seconds: float = 0.0

    @property
    def false_share(self) -> float:
        """The part of those in doubt that never reached the provider."""
        return self.false_doubts / self.doubts if self.doubts else 0.0

    def table(self, seed: int) -> str:
        lines = {
            "seed": seed,
            "kills": self.kills,
            "  before a mail was sent": self.early,
            "  of couriers": self.couriers,
            "jobs": self.jobs,
            "rows": self.rows,
            "accepted": self.accepted,
            "lost": self.lost,
            "twice": self.twice,
            "in doubt": self.doubts,
            "  at most by one kill": self.most_doubts,
            "  never at the provider": self.false_doubts,
            "  share of false doubt": f"{self.false_share:.1%}",
            "seconds": f"{self.seconds:.1f}",
        }
        return "\n".join(f"{name:26}{value:>12}" for name, value in lines.items())


class Killer:
    """Kills the processes of one job after the other."""

    def __init__(self, jobs: Jobs, rows: int, seed: int, workers: int = 0) -> None:
        self.figures = Figures()
        self._jobs = jobs
        self._rows = rows
        self._options = ("--workers", str(workers)) if workers else ()
        self._random = Random(seed)  # noqa: S311  the moments of a run can be tried again
        self._start_seconds = 0.2
        self._in_doubt: set[str] = set()

    def kill(self, times: int) -> Figures:
        """Kill so many processes, and finish all jobs."""
        begun = monotonic()
        while self.figures.kills < times:
            job = self._jobs.make(self._rows)
            while self.figures.kills < times and self._one(job):
                pass
            self._finish(job)
        self.figures.seconds = monotonic() - begun
        return self.figures

    def _one(self, job: Job) -> bool:
        """Start a process and kill it, or a courier of it; False where it had come to its end before."""
        accepted = job.accepted_in_all()
        early = self._random.randrange(EARLY) == 0
        running = job.start(*self._options)
        waited = self._wait_early(running) if early else self._wait(job, running, accepted)
        if waited:
            return False
        self._strike(running)
        crash = after_a_crash(job)
        self.figures.kills += 1
        self.figures.early += job.accepted_in_all() == accepted
        new = (crash.in_doubt | crash.sending) - self._in_doubt
        self._in_doubt |= new
        self.figures.doubts += len(new)
        self.figures.most_doubts = max(self.figures.most_doubts, len(new))
        return True

    def _strike(self, running: Running) -> None:
        """End a process, or every few times one of its couriers. Nobody whom it has started stays behind."""
        is_couriers = self._options and self.figures.kills % COURIERS == COURIERS - 1
        couriers = couriers_of(running.pid) if is_couriers else []
        if couriers:
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(couriers), signal.SIGKILL)
            assert running.code() in ENDED_IN_ORDER, running.text
            self.figures.couriers += 1
        else:
            running.kill()
        if self._options:
            assert running.is_left_by_all(), "a courier has outlived its run"

    def _wait_early(self, running: Running) -> bool:
        return running.ends_within(self._random.uniform(0, self._start_seconds))

    def _wait(self, job: Job, running: Running, accepted: int) -> bool:
        """Until a random moment after the first mail; whether the process has ended before."""
        begun = monotonic()
        while job.accepted_in_all() == accepted:
            if running.ends_within(LOOK_SECONDS):
                return True
        self._start_seconds = monotonic() - begun
        return running.ends_within(self._random.uniform(0, WINDOW_SECONDS))

    def _finish(self, job: Job) -> None:
        job.finish()
        end = at_the_end(job)
        sending_again_does_nothing(job, end)
        self._count(job, end)

    def _count(self, job: Job, end: End) -> None:
        nobody_twice(job)
        accepted = job.accepted()
        self.figures.jobs += 1
        self.figures.rows += job.rows
        self.figures.accepted += sum(map(bool, accepted.values()))
        self.figures.twice += sum(times > 1 for times in accepted.values())
        self.figures.false_doubts += len(end.false_doubt)
        self.figures.lost += len(end.lost)
        assert end.in_doubt == self._in_doubt, "only a kill puts a mail in doubt"
        self._in_doubt = set()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))  # noqa: S311  any will do
    parser.add_argument("--workers", type=int, default=0, help="couriers of each process")
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--answer", type=float, default=0.02, help="seconds that the provider takes to answer")
    given = parser.parse_args()
    nursery = Nursery()
    with (
        tempfile.TemporaryDirectory(prefix="batchmail-kills-") as folder,
        provider_process(Path(folder) / "provider", given.answer) as provider,
    ):
        try:
            killer = Killer(Jobs(Path(folder), provider, nursery), given.rows, given.seed, given.workers)
            figures = killer.kill(given.kills)
        finally:
            nursery.close()
    sys.stdout.write(figures.table(given.seed) + "\n")


if __name__ == "__main__":
    main()
