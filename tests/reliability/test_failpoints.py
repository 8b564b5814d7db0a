"""Deaths at named points. `python -m tests.reliability.failpoints` has twenty of each."""

import pytest

from tests.reliability.failpoints import FAILPOINTS, POSITIONS, NoSuchPoint, die_again_and_again, resolve
from tests.reliability.job import Jobs

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


@pytest.mark.parametrize("name", FAILPOINTS)
def test_wherever_a_process_dies_nobody_gets_a_mail_twice_and_nobody_is_forgotten(jobs: Jobs, name: str) -> None:
    positions = POSITIONS if name in THOROUGHLY else A_FEW
    assert die_again_and_again(jobs, name, positions).deaths == positions


@pytest.mark.parametrize("target", ["batchmail.pipeline:no_such", "batchmail.journal.sqlite:SqliteJournal.no.such"])
def test_a_point_that_the_product_does_not_have_any_more_is_told(target: str) -> None:
    with pytest.raises(NoSuchPoint, match="is not there any more"):
        resolve(target)
