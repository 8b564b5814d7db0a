"""What may happen to a mailing, as a state machine; hypothesis finds the shortest life that breaks a promise."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from batchmail.delivery import DeliveryState
from batchmail.job import StopAfterSpec
from batchmail.rate import Rate
from tests.reliability.mailing import InFile, InMemory, Keeper, Life
from tests.reliability.simulated_run import Course, Reply, Says, take

#: A disk in memory: what a sync is worth is tested with processes, not here.
FAST_DISK = Path("/dev/shm")  # noqa: S108  a folder of one's own is made in it

seconds = st.sampled_from([0.0, 0.001, 0.5, 2.0, 30.0])
replies = st.builds(Reply, st.sampled_from(Says), seconds, seconds, st.booleans())
rates = st.sampled_from([(), (), (Rate(20, 1.0),), (Rate(3, 60.0), Rate(10, 86_400.0))])
few = st.none() | st.integers(1, 4)
moments = st.sampled_from([0.0, 0.0005, 0.25, 0.5, 1.0, 3.0, 45.0])
courses = st.builds(
    Course,
    replies=st.lists(replies, max_size=6).map(tuple),
    concurrency=st.integers(1, 4),
    combine=st.integers(1, 4),
    attempts=st.integers(1, 3),
    rates=rates,
    canary=few,
    stop_after=st.builds(StopAfterSpec, few, few),
    doubts=few,
    limit=few,
    death=st.none() | st.integers(1, 120),
    interrupted_at=st.lists(moments, max_size=2).map(tuple),
    full=st.none() | st.integers(1, 6),
    written=st.booleans(),
    seed=st.integers(0, 9),
)


class Lives(RuleBasedStateMachine):
    """A mailing and all that may happen to it; what must hold is asserted after every step."""

    def keeper(self) -> Keeper:
        """Where the journal is."""
        return InMemory()

    @initialize(rows=st.integers(1, 6))
    def begin(self, rows: int) -> None:
        self.life = Life(self.keeper())
        self.life.add(rows)

    @rule(course=courses)
    def send(self, course: Course) -> None:
        result = take(self.life, course)
        event("died" if result is None else "error" if result.error else "closed" if result.closed else "went on")

    @rule(rows=st.integers(1, 3))
    def rows_are_added(self, rows: int) -> None:
        self.life.add(rows)

    @rule(number=st.integers(0, 9))
    def a_row_is_changed(self, number: int) -> None:
        if row := self.life.pick(number):
            row.content = b"b" if row.content == b"a" else b"a"

    @rule(number=st.integers(0, 9))
    def a_row_is_removed(self, number: int) -> None:
        if row := self.life.pick(number):
            del self.life.rows[row.key]

    @rule(
        number=st.integers(0, 9),
        state=st.sampled_from([DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.ABANDONED]),
    )
    def somebody_settles_a_doubt(self, number: int, state: DeliveryState) -> None:
        event(f"{state} by hand: {self.life.settle(number, state)}")

    @rule(seconds=st.sampled_from([1, 1_000, 100_000, -10, -4_000]))
    def the_clock_is_set(self, seconds: int) -> None:
        self.life.wall.set(seconds)

    def teardown(self) -> None:
        """However a life went, one more run that nothing disturbs brings it to its end, and another does nothing."""
        if not hasattr(self, "life"):
            return
        result = take(self.life, Course())
        assert result is not None
        assert result.closed is None
        assert result.error is None
        begun = self.life.begun
        take(self.life, Course())
        assert self.life.begun == begun, "I9: a finished run sent again"


class LivesInFiles(Lives):
    """The same, with a journal in a file that every command opens anew."""

    def keeper(self) -> Keeper:
        self.folder = Path(mkdtemp(dir=FAST_DISK if FAST_DISK.is_dir() else None))
        return InFile(self.folder / "journal" / "journal.db")

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if hasattr(self, "folder"):
                shutil.rmtree(self.folder)
