"""What holds for every run, whatever the provider answers, the journal does, and whenever a person interrupts."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from random import Random

from hypothesis import event, given, settings
from hypothesis import strategies as st

from batchmail.delivery import Counts, Delivery, DeliveryState, Envelope, Transition
from batchmail.errors import BatchmailError
from batchmail.executor.executor import run
from batchmail.executor.interrupt import Interruption
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec, StopAfterSpec
from batchmail.message import Address, Message
from batchmail.outcome import Allowance, Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.rate import Rate
from batchmail.simulation import Answer, Script, SimulatedClock, Tape, simulate

FINAL = {DeliveryState.SENT, DeliveryState.REJECTED, DeliveryState.FAILED, DeliveryState.IN_DOUBT}


@dataclass(frozen=True)
class Course:
    """All that decides how a run goes. `answers` are those to each envelope in turn; after the last it is Sent."""

    answers: Sequence[Sequence[Answer]]
    sizes: Sequence[int] = (1,)
    concurrency: int = 2
    attempts: int = 3
    rates: Sequence[Rate] = ()
    doubts: int | None = None
    interrupted_at: Sequence[float] = ()
    commits: int | None = None
    seed: int = 0
    canary: int | None = None
    stop_after: StopAfterSpec = field(default_factory=StopAfterSpec)


@dataclass
class Seen:
    """What an onlooker saw of a run."""

    course: Course
    envelopes: list[Envelope]
    tape: Tape
    result: RunResult | None = None
    outcomes: dict[int, list[Outcome | Exception]] = field(default_factory=lambda: defaultdict(list))
    shared_rejections: dict[int, list[Outcome | Exception]] = field(default_factory=lambda: defaultdict(list))
    turns: Counter[int] = field(default_factory=Counter)
    answered: list[Outcome | Exception] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    begun_before_the_fault: int | None = None
    without_intent: int = 0
    open_now: int = 0


def envelopes(course: Course) -> list[Envelope]:
    made = []
    for number in range(len(course.answers)):
        size = course.sizes[number % len(course.sizes)]
        people = [f"p{number}-{each}@example.com" for each in range(size)]
        deliveries = (Delivery(number * 10 + n, to, number * 10 + n, (to,), b"") for n, to in enumerate(people))
        made.append(Envelope(Message(tuple(map(Address, people)), f"{number}", "…"), tuple(deliveries)))
    return made


def take(course: Course) -> Seen:
    """Let a run take its course."""
    random = Random(course.seed)  # noqa: S311 - a course is taken again from its seed

    def fault(commit: int) -> Exception | None:
        if course.commits is None or commit < course.commits:
            return None
        seen.begun_before_the_fault = len(seen.begun)
        return BatchmailError("the disk is full", "")

    seen = Seen(course, envelopes(course), Tape(fault=fault))
    simulate(lambda clock: _scenario(clock, seen, random), thread_seconds=lambda: random.choice([0, 0.001, 0.5]))
    return seen


async def _scenario(clock: SimulatedClock, seen: Seen, random: Random) -> None:
    course = seen.course

    def answer(message: Message, _number: int) -> Answer:
        number = int(message.subject)
        people = {address.mailbox for address in message.to}
        ids = [delivery.id for delivery in seen.envelopes[number].deliveries if delivery.to[0] in people]
        seen.without_intent += any(seen.tape.state(each) is not DeliveryState.SENDING for each in ids)
        seen.begun.append(clock.monotonic())
        told = course.answers[number]
        turn = seen.turns[number]
        seen.turns[number] += 1
        given = told[turn] if turn < len(told) else Answer(Sent(), 0.1)
        seen.answered.append(given.outcome)
        shared = len(ids) > 1 and isinstance(given.outcome, Rejected)
        for each in ids:
            (seen.shared_rejections if shared else seen.outcomes)[each].append(given.outcome)
        return given

    script, interruption = Script(clock, answer), Interruption()
    for at in course.interrupted_at:
        asyncio.get_running_loop().call_later(at, interruption.request)
    spec = SendSpec(course.concurrency, attempts=course.attempts, canary=course.canary, stop_after=course.stop_after)
    limiter = Limiter(course.rates, clock)
    setup = Setup(seen.tape, script.open, limiter, clock, spec, random.random, course.doubts, None)
    seen.result = await run(iter(seen.envelopes), setup, interruption=interruption)
    seen.open_now = script.open_now


seconds = st.sampled_from([0.0, 0.001, 0.5, 1.0, 30.0])
refusals = st.builds(Refused, st.just("R"), st.just("no"), st.sampled_from([None, 0.0, 2.0, 90.0]), st.booleans())
verdicts = st.sampled_from([Sent("id"), Rejected("C", "no"), InDoubt("no answer")])
answers = st.builds(Answer, refusals | verdicts, seconds)
closing = st.builds(Answer, st.just(Closed("401", "no", "log in")), seconds)
allowances = st.builds(Allowance, st.integers(0, 20), st.floats(0, 60))
unreached = st.just(Answer(Refused("no-connection", "refused", reached=False), 0.1))
telling = st.builds(
    lambda answer, allowance: replace(answer, outcome=replace(answer.outcome, allowance=allowance)),
    st.builds(Answer, refusals | st.just(Sent("id")), seconds),
    allowances,
)
bounds = st.builds(StopAfterSpec, st.none() | st.integers(1, 5), st.none() | st.integers(1, 5))
never: st.SearchStrategy[Sequence[float]] = st.just(())
no_fault: st.SearchStrategy[int | None] = st.none()
rates = st.builds(Rate, st.integers(1, 20), st.sampled_from([1.0, 60.0, 3600.0]))


@st.composite
def courses(
    draw: st.DrawFn,
    answers: st.SearchStrategy[Answer] = answers,
    interrupted: st.SearchStrategy[Sequence[float]] = never,
    commits: st.SearchStrategy[int | None] = no_fault,
    canary: st.SearchStrategy[int | None] = st.none(),  # noqa: B008  a strategy has no state
    stop_after: st.SearchStrategy[StopAfterSpec] = st.just(StopAfterSpec()),  # noqa: B008  the same
) -> Course:
    return Course(
        draw(st.lists(st.lists(answers, max_size=5), max_size=25)),
        draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)),
        draw(st.integers(1, 5)),
        draw(st.integers(1, 4)),
        draw(st.lists(rates, max_size=2)),
        draw(st.none() | st.integers(1, 3)),
        draw(interrupted),
        draw(commits),
        draw(st.integers(0, 1_000)),
        draw(canary),
        draw(stop_after),
    )


moments = st.floats(0, 5) | st.floats(0, 500)
any_courses = courses(
    answers | closing | unreached | telling,
    st.lists(moments, max_size=3),
    st.none() | st.integers(0, 30),
    st.none() | st.integers(1, 30),
    bounds,
)


def by_delivery(steps: Sequence[Transition]) -> dict[int, list[Transition]]:
    """The steps of each delivery, in order."""
    found: dict[int, list[Transition]] = defaultdict(list)
    for step in steps:
        found[step.delivery].append(step)
    return found


@given(courses())
def test_a_run_that_nothing_stops_settles_everything_exactly_once(course: Course) -> None:
    seen = take(replace(course, doubts=None))
    result = seen.result
    assert result is not None
    assert result.closed is None
    steps = by_delivery(seen.tape.steps)
    for envelope in seen.envelopes:
        for delivery in envelope.deliveries:
            final = [step.state for step in steps[delivery.id] if step.state in FINAL]
            assert len(final) == 1
            assert steps[delivery.id][-1].state is final[0]


@given(any_courses)
def test_no_transmission_begins_without_its_intent_on_the_disk(course: Course) -> None:
    assert take(course).without_intent == 0


@given(any_courses)
def test_no_more_requests_than_workers_are_on_their_way_at_any_point_of_the_journal(course: Course) -> None:
    sending: Counter[int] = Counter()
    for step in take(course).tape.steps:
        sending[step.request] += 1 if step.state is DeliveryState.SENDING else -1
        assert sum(count > 0 for count in sending.values()) <= course.concurrency


@given(any_courses)
def test_only_what_was_refused_is_ever_sent_again(course: Course) -> None:
    for outcomes in take(course).outcomes.values():
        assert all(isinstance(outcome, Refused) for outcome in outcomes[:-1])


@given(any_courses)
def test_no_mail_gets_more_attempts_than_allowed(course: Course) -> None:
    for outcomes in take(course).outcomes.values():
        free = [each for each in outcomes if isinstance(each, Refused) and not (each.attempt and each.reached)]
        used = [outcome for outcome in outcomes if outcome not in free]
        assert len(used) <= course.attempts


@given(any_courses)
def test_the_journal_says_what_the_provider_said(course: Course) -> None:
    seen = take(course)
    last = {
        Sent: DeliveryState.SENT,
        Rejected: DeliveryState.REJECTED,
        InDoubt: DeliveryState.IN_DOUBT,
        Closed: DeliveryState.QUEUED,
    }
    if course.commits is not None or len(course.interrupted_at) > 1:
        return
    for delivery, outcomes in seen.outcomes.items():
        expected = last.get(type(outcomes[-1]))
        open_ends = {DeliveryState.QUEUED, DeliveryState.FAILED}
        if delivery in seen.shared_rejections:
            open_ends.add(DeliveryState.REJECTED)
        state = seen.tape.state(delivery)
        assert state is expected or (expected is None and state in open_ends)


@given(any_courses)
def test_whatever_stops_a_run_everything_is_settled_or_queued_at_its_end(course: Course) -> None:
    seen = take(course)
    result = seen.result
    assert result is not None
    event("error" if result.error else "closed" if result.closed else "interrupted" if result.interrupted else "done")
    last = {id_: steps[-1].state for id_, steps in by_delivery(seen.tape.steps).items()}
    assert seen.open_now == 0
    if result.error is None:
        assert set(last.values()) <= FINAL | {DeliveryState.QUEUED}
        assert result.counts == Counts(**Counter(state.value for state in last.values() if state in FINAL))
    stopped = result.closed or result.interrupted or result.error
    unsettled = sum(len(envelope.deliveries) for envelope in seen.envelopes) - result.counts.unfinished
    assert stopped or unsettled == result.counts.sent


@given(courses(answers | closing, st.lists(moments, min_size=1, max_size=3)))
def test_after_an_interruption_nothing_begins(course: Course) -> None:
    assert all(at <= min(course.interrupted_at) for at in take(course).begun)


@given(courses(answers | closing), st.integers(0, 20))
def test_after_a_closed_door_no_more_begins_than_was_on_its_way(course: Course, after: int) -> None:
    told = [
        [*each[:1], Answer(Closed("401", "no", ""), 0.5)] if n >= after else each
        for n, each in enumerate(course.answers)
    ]
    seen = take(replace(course, answers=told))
    assert seen.result is not None
    closed = sum(isinstance(outcome, Closed) for outcome in seen.answered)
    assert closed <= course.concurrency
    assert not closed or seen.result.closed is not None


@given(courses(answers | closing, commits=st.integers(0, 30)))
def test_after_a_failure_of_the_journal_nothing_begins(course: Course) -> None:
    seen = take(course)
    assert seen.result is not None
    failed = seen.begun_before_the_fault is not None
    assert failed == (seen.result.error is not None)
    assert not failed or len(seen.begun) == seen.begun_before_the_fault


@given(courses(st.builds(Answer, st.just(InDoubt("no answer")), seconds)), st.integers(1, 4))
def test_an_outage_puts_no_more_in_doubt_than_the_limit_and_what_was_on_its_way(course: Course, doubts: int) -> None:
    outage = [[Answer(InDoubt("no answer"), 1.0)]] * 40
    seen = take(replace(course, answers=outage, doubts=doubts))
    in_doubt = sum(isinstance(outcome, InDoubt) for outcome in seen.answered)
    assert doubts <= in_doubt < doubts + course.concurrency


@settings(max_examples=10)
@given(st.integers(1, 3), st.integers(0, 1_000), st.sampled_from([None, 60.0, 900.0, 7200.0]))
def test_a_provider_that_refuses_for_ever_ends_the_run_with_everything_queued(
    concurrency: int, seed: int, wish: float | None
) -> None:
    refusal = Answer(Refused("429", "slow down", wish, attempt=False), 0.1)
    endless = [[refusal] * 4_000] * 12
    seen = take(Course(endless, concurrency=concurrency, seed=seed))
    assert seen.result is not None
    assert seen.result.closed is not None
    assert seen.result.counts == Counts()


@given(any_courses)
def test_nothing_leaves_after_the_canary_unless_all_of_it_was_sent(course: Course) -> None:
    canary = len(course.answers) * 3 if course.canary is None else course.canary
    states: dict[int, DeliveryState] = {}
    for step in take(course).tape.steps:
        if step.delivery not in states and len(states) >= canary:
            assert set(list(states.values())[:canary]) == {DeliveryState.SENT}
        states[step.delivery] = step.state


@given(courses(answers, stop_after=bounds))
def test_after_as_many_bad_results_as_the_job_bears_no_more_follow_than_were_on_their_way(course: Course) -> None:
    seen = take(replace(course, doubts=None, sizes=[1]))
    assert seen.result is not None
    counts, bound = seen.result.counts, course.stop_after
    event("closed" if seen.result.closed else "done")
    if bound.rejected is not None:
        assert counts.rejected < bound.rejected + course.concurrency
    if bound.in_doubt is not None:
        assert counts.in_doubt < bound.in_doubt + course.concurrency


@given(any_courses)
def test_attempts_and_requests_only_ever_rise(course: Course) -> None:
    steps = take(course).tape.steps
    intents = [step for step in steps if step.state is DeliveryState.SENDING]
    for own in by_delivery(intents).values():
        assert [step.attempt for step in own] == list(range(1, len(own) + 1))
    requests = [step.request for step in intents]
    assert requests == list(accumulate(requests, max))
