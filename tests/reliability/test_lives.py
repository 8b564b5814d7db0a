"""Lives of a mailing that are worth telling, and proof that the machine of lives would notice a fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.clock import Clock
from batchmail.delivery import DeliveryState
from batchmail.journal.base import Journal
from tests.reliability.mailing import NOON, InFile, InMemory, Life
from tests.reliability.simulated_run import Course, Reply, Says, take


@pytest.fixture(params=["in memory", "in a file"])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Life:
    """A mailing of six rows."""
    made = Life(InMemory() if request.param == "in memory" else InFile(tmp_path / "journal" / "journal.db"))
    made.add(6)
    return made


def accepted(life: Life) -> list[int]:
    """How often each row's mail was accepted."""
    return [life.accepted[key] for key in life.states]


def test_after_an_outage_the_rest_is_sent_wherever_it_stands(life: Life) -> None:
    refused = [Reply(Says.SENT), Reply(Says.CLOSED, back=1.0), Reply(Says.SENT)]
    result = take(life, Course(tuple(refused), concurrency=3))
    assert result is not None
    assert result.closed is not None
    assert accepted(life) == [1, 0, 1, 0, 0, 0] or sum(accepted(life)) < 6
    take(life, Course(concurrency=3))
    assert accepted(life) == [1] * 6


def test_whenever_a_process_dies_the_next_sends_the_rest_and_doubts_no_more_than_were_on_their_way(life: Life) -> None:
    """Death at every turn of the event loop that a run has."""
    for death in range(1, 60):
        if "queued" not in life.states.values():
            life.add(3)
        take(life, Course((Reply(Says.SENT, 0.1, 0.1),) * 3, concurrency=2, death=death))
    take(life, Course())
    doubtful = [key for key, state in life.states.items() if state in {"in_doubt", "sending"}]
    assert all(life.accepted[key] == 1 for key in life.states if key not in doubtful)
    assert max(accepted(life)) == 1


def test_a_mail_that_was_on_its_way_may_arrive_after_its_sender_has_died() -> None:
    slow = (Reply(Says.SENT, there=30.0, late=True), Reply(Says.SENT, there=30.0, late=False))
    for death in range(1, 60):
        life = Life(InMemory())
        life.add(6)
        take(life, Course(slow, concurrency=2, death=death))
        if life.begun == 2:
            break
    take(life, Course())
    doubtful = sorted(life.accepted[key] for key, state in life.states.items() if state == "in_doubt")
    assert doubtful == [0, 1]
    assert sum(accepted(life)) == 5


class Forgetful(InMemory):
    """A journal that takes what was on its way for queued when it is opened again."""

    def opened(self, clock: Clock) -> Iterator[Journal]:
        del clock
        memory = self._journal._memory
        for entry in list(memory.entries.values()):
            if entry.state is DeliveryState.SENDING:
                memory.put(entry.become(DeliveryState.QUEUED, NOON.isoformat()))
        yield self._journal


def lives_with_a_forgetful_journal() -> None:
    life = Life(Forgetful())
    life.add(2)
    for death in range(1, 60):
        take(life, Course((Reply(Says.SENT, 0.1, 0.1),) * 2, death=death))


def test_a_journal_that_forgets_is_found_out() -> None:
    with pytest.raises(AssertionError, match="not what was recorded"):
        lives_with_a_forgetful_journal()
