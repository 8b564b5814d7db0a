"""One run of a mailing in simulated time, with a provider that does as told and a process that may die at any await."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random
from typing import Self

from batchmail.delivery import Envelope
from batchmail.executor.executor import run
from batchmail.executor.interrupt import Interruption
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import RunResult
from batchmail.executor.setup import Setup
from batchmail.job import SendSpec, StopAfterSpec
from batchmail.journal.base import Journal
from batchmail.message import Address, Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.pace import memory_seconds
from batchmail.providers.base import Transmission
from batchmail.rate import Rate
from batchmail.simulation import SimulatedClock, simulate
from tests.reliability.mailing import Life, Watched, full_disk, key_of


class Says(Enum):
    """What a provider answers; in the doubtful cases, whether it took the mail."""

    SENT = auto()
    REJECTED = auto()
    REFUSED = auto()
    REFUSED_UNTIL = auto()
    TOO_MANY = auto()
    TOO_MANY_UNTIL = auto()
    UNREACHED = auto()
    EXPIRED = auto()
    DOUBT = auto()
    DOUBT_TAKEN = auto()
    CLOSED = auto()
    DIVIDED = auto()
    BUG = auto()
    BUG_TAKEN = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, how long the mail takes to the provider and the answer back, in seconds.

    `late` tells that a mail which was on its way when its sender went away is taken all the same.
    """

    says: Says
    there: float = 0.0
    back: float = 0.0
    late: bool = True


@dataclass(frozen=True, slots=True)
class Course:
    """All that decides how a run goes. `replies` come in turn; after the last, all are sent.

    The process dies before the turn of its event loop with the number `death`. The commit with the number `full` fails,
    after it was written where `written`.
    """

    replies: tuple[Reply, ...] = ()
    concurrency: int = 2
    combine: int = 1
    attempts: int = 3
    rates: tuple[Rate, ...] = ()
    canary: int | None = None
    stop_after: StopAfterSpec = field(default_factory=StopAfterSpec)
    doubts: int | None = None
    limit: int | None = None
    death: int | None = None
    interrupted_at: tuple[float, ...] = ()
    full: int | None = None
    written: bool = False
    seed: int = 0


class Death(Exception):
    """The process is no more."""


class Bug(Exception):
    """The program fails."""


class Carrier:
    """The provider: it takes mails down in the log of the mailing, and answers as told."""

    def __init__(self, life: Life, watched: Watched, course: Course, clock: SimulatedClock, wanted: set[str]) -> None:
        self._life = life
        self._watched = watched
        self._replies = iter(course.replies)
        self._clock = clock
        self._wanted = wanted

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    def prepare(self, message: Message) -> Transmission:
        return lambda: self._transmit(message)

    async def _transmit(self, message: Message) -> Outcome:
        self._begin(message)
        reply = next(self._replies, Reply(Says.SENT))
        outcome, takers = _answer(reply.says, message)
        arrived = False
        try:
            await self._clock.sleep(reply.there)
            arrived = True
            self._take(message, takers)
            await self._clock.sleep(reply.back)
        finally:
            if not arrived and reply.late:
                self._take(message, takers)
        if isinstance(outcome, Bug):
            raise outcome
        return outcome

    def _begin(self, message: Message) -> None:
        """A request begins: I6, I7 and I9."""
        mailboxes = [each.mailbox for each in message.to]
        assert self._watched.announced(mailboxes), "I7: a request without an intent"
        asked = {key_of(each) for each in mailboxes}
        assert asked <= self._wanted, f"I9: {asked - self._wanted} were not to be sent"
        self._life.begun += 1
        assert self._life.begun <= len(self._life.intents), "I6: more requests than intents"

    def _take(self, message: Message, takers: list[str]) -> None:
        """The provider accepts: I8."""
        for mailbox in takers:
            key = key_of(mailbox)
            assert message.subject.encode() == self._life.planned[key], f"I8: {key} got another's mail"
            self._life.accepted[key] += 1


#: What is answered, and whether the mail is taken; a divided answer depends on who is asked for.
ANSWERS: Mapping[Says, tuple[Outcome | Bug, bool]] = {
    Says.SENT: (Sent("id"), True),
    Says.REJECTED: (Rejected("C", "no"), False),
    Says.REFUSED: (Refused("R", "not now"), False),
    Says.REFUSED_UNTIL: (Refused("R", "not now", 90.0), False),
    Says.TOO_MANY: (Refused("429", "too many", attempt=False), False),
    Says.TOO_MANY_UNTIL: (Refused("429", "too many", 30.0, attempt=False), False),
    Says.UNREACHED: (Refused("no-connection", "refused", reached=False), False),
    Says.EXPIRED: (Refused("token-expired", "renewed", 0.0, attempt=False, strained=False), False),
    Says.DOUBT: (InDoubt("no answer"), False),
    Says.DOUBT_TAKEN: (InDoubt("no answer"), True),
    Says.CLOSED: (Closed("401", "no", "Log in."), False),
    Says.BUG: (Bug(), False),
    Says.BUG_TAKEN: (Bug(), True),
}


def _answer(says: Says, message: Message) -> tuple[Outcome | Bug, list[str]]:
    """What is answered, and who gets the mail."""
    everybody = [each.mailbox for each in message.recipients]
    if says is Says.DIVIDED:
        return _divided(everybody)
    outcome, taken = ANSWERS[says]
    return outcome, everybody if taken else []


def _divided(everybody: list[str]) -> tuple[Divided, list[str]]:
    """The first gets nothing, the second the mail, of the third and fourth nobody knows: one got it, the other not."""
    refused = {mailbox: Rejected("550", "unknown") for mailbox in everybody[:1]}
    doubtful = {mailbox: InDoubt("no answer") for mailbox in everybody[2:4]}
    return Divided(refused, doubtful), [*everybody[1:3], *everybody[4:]]


def take(life: Life, course: Course) -> RunResult | None:
    """Let a run take its course; None where the process died or failed. All that must hold is asserted."""
    with life.open() as journal:
        wanted = life.enrol(journal, course.limit)
        fault = full_disk(course.full, written=course.written) if course.full is not None else lambda _moment: None
        watched = Watched(life, journal, course.concurrency, fault)
        random = Random(course.seed)  # noqa: S311  a course is taken again from its seed
        simulated = _Run(life, watched, course, wanted, random)
        result = None
        with suppress(Death, Bug):
            result = simulate(
                simulated.scenario,
                thread_seconds=lambda: random.choice((0.0, 0.001, 0.5)),
                turn=_Turns(life, watched, course.death).begin,
                threads=False,
            )
        if result is not None:
            _nobody_is_left(life, result, wanted)
        return result


@dataclass(frozen=True, slots=True)
class _Run:
    life: Life
    watched: Watched
    course: Course
    wanted: set[str]
    random: Random

    async def scenario(self, clock: SimulatedClock) -> RunResult:
        course, wall, journal = self.course, self.life.wall, self.watched.journal
        wall.follow(clock)
        interruption = Interruption()
        for at in course.interrupted_at:
            asyncio.get_running_loop().call_later(at, interruption.request)
        since = wall.now().timestamp() - memory_seconds(course.rates)
        limiter = Limiter(course.rates, wall, journal.recent(since) if course.rates else ())
        spec = SendSpec(
            course.concurrency, attempts=course.attempts, canary=course.canary, stop_after=course.stop_after
        )
        carrier = Carrier(self.life, self.watched, course, clock, self.wanted)
        setup = Setup(self.watched, lambda: carrier, limiter, wall, spec, self.random.random, course.doubts)
        return await run(envelopes(journal, course.combine), setup, interruption=interruption)


@dataclass
class _Turns:
    """Counts the turns of the event loop, up to the death of the process."""

    life: Life
    watched: Watched
    death: int | None
    number: int = 0

    def begin(self) -> None:
        self.number += 1
        if self.number == 1:
            assert self.life.keeper.held, "I9: another run may begin meanwhile"
        if self.number == self.death:
            self.watched.dead = True
            raise Death


def envelopes(journal: Journal, combine: int) -> Iterator[Envelope]:
    for batch in journal.batches(combine):
        people = tuple(Address(mailbox) for delivery in batch.deliveries for mailbox in delivery.to)
        yield Envelope(Message(people, batch.content.decode(), "…"), batch.deliveries)


def _nobody_is_left(life: Life, result: RunResult, wanted: set[str]) -> None:
    """A run that nothing stopped has settled everybody; however it ended, nobody is on their way any more."""
    left = {key for key in wanted if life.states[key] == "queued"}
    if result.error is None:
        assert "sending" not in life.states.values()
        assert not left or result.closed is not None or result.interrupted, f"{left} were forgotten"
