"""Thousands of lives of a mailing, two at a time.

    python -m tests.reliability.schedules 100000 [--seed 7]

Every life is a schedule: some runs, each with its own order of events, answers, deaths and interruptions, and what
people do between them. The seed is printed; the same seed gives the same lives.
"""

import argparse
import multiprocessing
import os
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from random import SystemRandom

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reliability.lives import Lives, LivesInFiles

LIVES = 10_000
#: A journal in a file takes five times as long; that both kinds do the same is what tests/journal/twins.py is for.
IN_FILES = 200
IN_MEMORY = LIVES - IN_FILES
AT_ONCE = 2
#: So many lives come from one seed.
SHARE = 600
STEPS = 6


@dataclass(frozen=True, slots=True)
class Share:
    """Some of the lives."""

    machine: type[Lives]
    lives: int
    seed: int


def shares(lives: int, first_seed: int = 0) -> Iterator[Share]:
    """All of the lives; those in files are first, because they take longest."""
    seeds = count(first_seed)
    in_files = lives * IN_FILES // LIVES
    for machine, number, share in ((LivesInFiles, in_files, SHARE // 6), (Lives, lives - in_files, SHARE)):
        for begin in range(0, number, share):
            yield Share(machine, min(share, number - begin), next(seeds))


def live(share: Share) -> str:
    """Live a share; gives what was found, with the shortest life that shows it, and nothing where nothing was."""
    machine = seed(share.seed)(type(share.machine.__name__, (share.machine,), {}))
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=share.lives,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
            ),
        )
    except BaseException as error:  # noqa: BLE001  it is told in another process
        return f"seed {share.seed} of {share.machine.__name__}\n{''.join(traceback.format_exception(error))}"
    return ""


def live_at_once(lives: int, first_seed: int | None = None) -> list[str]:
    """Live all of them, on two processors; gives what was found. In CI the lives are always the same."""
    if first_seed is None:
        first_seed = 0 if os.environ.get("CI") else SystemRandom().randrange(10**6)
    print(f"seed {first_seed}")  # noqa: T201  pytest shows it where the test fails
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        return [found for found in pool.map(live, shares(lives, first_seed)) if found]


def main() -> None:
    """Live as many as asked for."""
    parser = argparse.ArgumentParser(description="Thousands of lives of a mailing in simulated time")
    parser.add_argument("lives", type=int, nargs="?", default=LIVES)
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    failures = live_at_once(given.lives, given.seed)
    print("\n".join(failures) or f"{given.lives:,} lives, nothing found")  # noqa: T201  it is what was asked for
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
