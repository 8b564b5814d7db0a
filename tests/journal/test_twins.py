"""The journal in memory and the one in a database agree, whatever is done to them; and the events tell every step."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from batchmail.delivery import Candidate, DeliveryState, Transition
from batchmail.journal.base import Clash, IllegalTransition, Journal, Roster
from batchmail.journal.memory import MemoryJournal
from batchmail.journal.transitions import STEPS
from batchmail.lookup import Trace
from tests.journal.desk import FAILED, IN_DOUBT, MAILING, QUEUED, REJECTED, REPLANNED, SENDING, SENT, SKIPPED
from tests.journal.twins import unfiled_journal

#: What fails is made small before it is shown, which takes its time.
pytestmark = pytest.mark.timeout(900)

T = TypeVar("T")

#: Few of each, so that rows clash and meet again in later plans.
KEYS = st.sampled_from("abcdefg")
POSITIONS = st.integers(1, 14)
REASONS = st.sampled_from(["unsubscribed", "duplicate"])


@dataclass(frozen=True)
class Step:
    """A step of whatever delivery has the key, if any; `ahead` is how far its attempt is from the last one."""

    key: str
    state: DeliveryState
    ahead: int
    request: int
    reached: bool = False
    missed: bool = False


CANDIDATES = st.builds(
    Candidate,
    position=st.just(0),
    key=KEYS,
    to=st.sampled_from([(), ("x@example.com",), ("x@example.com", "y@example.com"), ("z@example.com",)]),
    content=st.sampled_from([b"", b"one", b"two"]),
    batch=st.sampled_from([b"", b"p", b"q"]),
    skip=st.one_of(st.just(""), st.just(""), REASONS),
    subject=st.sampled_from([b"", b"invoice", b"invoice", b"notice"]),
    others=st.integers(0, 2),
)
#: Mostly steps that go somewhere; a state machine left to chance never leaves its first states.
STEPS_AHEAD = st.builds(
    Step,
    key=KEYS,
    state=st.sampled_from(DeliveryState),
    ahead=st.sampled_from([0, 0, 0, 1, -1]),
    request=st.integers(0, 9),
    reached=st.booleans(),
    missed=st.booleans(),
)
#: How a request ends, most often; None where the run dies before it knows.
OUTCOMES = [SENT, REJECTED, FAILED, QUEUED, IN_DOUBT, None]
ANSWERS = st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=6)
#: Rows of a sheet in which no key stands twice.
SETTLED = st.lists(CANDIDATES, min_size=1, max_size=7, unique_by=lambda candidate: candidate.key)
INTENTS = st.builds(Step, key=KEYS, state=st.just(SENDING), ahead=st.just(1), request=st.integers(0, 9))


class Twins(RuleBasedStateMachine):
    """Does the same to both, and asks both the same."""

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.filed = self.stack.enter_context(unfiled_journal())
        self.journals: tuple[Journal, Journal] = (self.filed, MemoryJournal(MAILING))
        self.rosters: tuple[Roster, Roster] = (self.journals[0].roster(), self.journals[1].roster())
        self.days = 0
        self.enrolled = False

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def day(self) -> str:
        self.days += 1
        return f"2026-11-21T12:00:00.{self.days:06}+09:00"

    def of_rosters(self, ask: Callable[[Roster], T]) -> T:
        one, other = ask(self.rosters[0]), ask(self.rosters[1])
        assert one == other
        return one

    def of_journals(self, ask: Callable[[Journal], T]) -> T:
        one, other = ask(self.journals[0]), ask(self.journals[1])
        assert one == other
        return one

    @rule(candidates=st.lists(CANDIDATES, max_size=12))
    def plan(self, candidates: list[Candidate]) -> None:
        self.rosters = (self.journals[0].roster(), self.journals[1].roster())
        self.enrolled = False
        numbered = [each._replace(position=position) for position, each in enumerate(candidates, 1)]
        self.of_rosters(lambda roster: roster.add(iter(numbered)))

    @rule(skip=st.booleans())
    def settle_clashes(self, *, skip: bool) -> None:
        def settled(roster: Roster) -> list[Clash]:
            clashes = []
            for clash in roster.same_keys():
                clashes.append(clash)
                if skip:
                    roster.skip([clash.second], "duplicate")
                else:
                    roster.rename(clash.second, f"{clash.key}#{clash.second}")
            return clashes

        self.of_rosters(settled)

    @rule(positions=st.lists(POSITIONS, max_size=4), reason=REASONS)
    def skip(self, positions: list[int], reason: str) -> None:
        self.of_rosters(lambda roster: roster.skip(positions, reason))

    @rule(position=POSITIONS, key=KEYS)
    def rename(self, position: int, key: str) -> None:
        self.of_rosters(lambda roster: roster.rename(position, key))

    @precondition(lambda self: not self.enrolled)
    @rule(positions=st.lists(POSITIONS, max_size=4))
    def separate(self, positions: list[int]) -> None:
        self.of_rosters(lambda roster: roster.separate(positions))

    @rule(keys=st.lists(KEYS, max_size=4))
    def restrict(self, keys: list[str]) -> None:
        self.of_rosters(lambda roster: roster.restrict(keys))

    @rule(positions=st.lists(POSITIONS, max_size=4))
    def leave_out(self, positions: list[int]) -> None:
        self.of_rosters(lambda roster: roster.leave_out(positions))

    @rule(count=st.integers(0, 6))
    def limit(self, count: int) -> None:
        self.of_rosters(lambda roster: roster.limit(count))

    @rule()
    def enrol(self) -> None:
        at = self.day()
        self.enrolled = True
        self.of_rosters(lambda roster: _outcome(lambda: roster.enrol(at), ValueError))

    @rule(candidates=SETTLED, states=ANSWERS, combine=st.integers(1, 3))
    def plan_and_run(self, candidates: list[Candidate], states: list[DeliveryState | None], combine: int) -> None:
        self.plan(candidates)
        self.run(states, combine)

    @rule(candidates=SETTLED, keys=st.lists(KEYS, max_size=4), states=ANSWERS, combine=st.integers(1, 3))
    def plan_and_run_some(
        self, candidates: list[Candidate], keys: list[str], states: list[DeliveryState | None], combine: int
    ) -> None:
        self.plan(candidates)
        self.restrict(keys)
        self.run(states, combine)

    @rule(states=ANSWERS, combine=st.integers(1, 3))
    def run(self, states: list[DeliveryState | None], combine: int) -> None:
        """A whole run: everything is handed over, and answered in turn as told; None stands for a crash."""
        at = self.day()
        self.enrolled = True

        def ran(journal: Journal, roster: Roster) -> str:
            outcomes = cycle(states)
            try:
                roster.enrol(at)
            except ValueError:
                return "refused"
            for number, batch in enumerate(journal.batches(combine), journal.requests() + 1):
                steps = [Transition(each.id, SENDING, each.attempts + 1, at, number) for each in batch.deliveries]
                journal.record(steps)
                if state := next(outcomes):
                    journal.record([step._replace(state=state, reason=f"request {number}") for step in steps])
            return "done"

        one, other = (ran(journal, roster) for journal, roster in zip(self.journals, self.rosters, strict=True))
        assert one == other

    @rule(steps=st.lists(st.one_of(INTENTS, STEPS_AHEAD), min_size=1, max_size=4))
    def record(self, steps: list[Step]) -> None:
        at = self.day()
        self.of_journals(
            lambda journal: _outcome(lambda: journal.record(_steps(journal, steps, at)), IllegalTransition)
        )

    @rule(step=st.one_of(INTENTS, STEPS_AHEAD))
    def record_one(self, step: Step) -> None:
        self.record([step])

    @precondition(lambda self: self.days)
    @rule()
    def recover(self) -> None:
        at = self.day()
        self.of_journals(lambda journal: journal.recover(at))

    @rule(combine=st.integers(1, 4))
    def batches(self, combine: int) -> None:
        def told(journal: Journal) -> list[object]:
            return [
                (batch.content, batch.continued, *((each.key, each.position, each.to) for each in batch.deliveries))
                for batch in journal.batches(combine)
            ]

        self.of_journals(told)

    @invariant()
    def rosters_agree(self) -> None:
        every = list(range(15))
        self.of_rosters(lambda roster: [roster.standing(combine) for combine in (1, 3)])
        self.of_rosters(lambda roster: roster.sendable(every))
        self.of_rosters(lambda roster: roster.results(0, 15))
        self.of_rosters(lambda roster: list(roster.same_keys()))
        self.of_rosters(lambda roster: list(roster.same_mails()))
        self.of_rosters(lambda roster: roster.digest())
        self.of_rosters(lambda roster: roster.look_alikes())
        self.of_rosters(lambda roster: roster.same_people())
        self.of_rosters(lambda roster: list(roster.rows()))
        self.of_rosters(lambda roster: list(roster.changed()))
        self.of_rosters(lambda roster: sorted(record.key for record in roster.gone()))

    @invariant()
    def journals_agree(self) -> None:
        records = self.of_journals(lambda journal: {record.key: record for record in journal.all_records()})
        self.of_journals(lambda journal: {each.key: each for each in journal.all_records(troubled=True)})
        counts = self.of_journals(lambda journal: journal.counts())
        assert sum(counts.of(state) for state in DeliveryState) == len(records)
        self.of_journals(lambda journal: journal.records([*records, "unknown"]))
        self.of_journals(lambda journal: [replace(each, id=0) for each in journal.deliveries(list(records)).values()])
        self.of_journals(lambda journal: sorted(journal.in_doubt()))
        self.of_journals(lambda journal: journal.requests())
        self.of_journals(lambda journal: _comparable(journal.traces()))

    @invariant()
    def events_tell_every_step_and_all_steps_are_legal(self) -> None:
        database = self.filed._database
        states: dict[int, DeliveryState] = {}
        attempts: dict[int, int] = {}
        requests = [0]
        for delivery, text, attempt, request in database.rows(
            "SELECT delivery, state, attempt, request FROM event ORDER BY id"
        ):
            state, before = DeliveryState(text), states.get(delivery)
            if before is None:
                assert state in {QUEUED, SKIPPED}
            else:
                assert state in STEPS[before] | REPLANNED.get(before, frozenset())
            assert attempt == attempts.get(delivery, 0) + (state is SENDING)
            states[delivery], attempts[delivery] = state, attempt
            requests.append(request)
        told = database.rows("SELECT id, state, attempts FROM delivery")
        assert {identity: (state, number) for identity, state, number in told} == {
            identity: (state.value, attempts[identity]) for identity, state in states.items()
        }
        assert self.filed.requests() == max(requests)


def _comparable(traces: list[Trace]) -> list[Trace]:
    """Traces without what differs from journal to journal: ids, and the order of deliveries with one position."""
    bare = [replace(each, delivery=replace(each.delivery, id=0)) for each in traces]
    return sorted(bare, key=lambda trace: (not trace.doubtful, trace.delivery.position, trace.delivery.key))


def _outcome(act: Callable[[], None], refusal: type[Exception]) -> str:
    """How an act ends: all is well, or it is refused."""
    try:
        act()
    except refusal:
        return "refused"
    return "done"


def _steps(journal: Journal, steps: Sequence[Step], at: str) -> list[Transition]:
    """Steps of a journal's own deliveries; an id that no delivery has where it does not know the key."""
    known = journal.deliveries([step.key for step in steps])
    transitions = []
    for step in steps:
        delivery = known.get(step.key)
        attempt = (delivery.attempts if delivery else 0) + step.ahead
        identity = delivery.id if delivery else 10**9
        told = (f"why {at}", step.key, step.reached, step.missed)
        transitions.append(Transition(identity, step.state, attempt, at, step.request, *told))
    return transitions


Twins.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestTwins = Twins.TestCase
