"""Sends envelopes. Each send, in this order: prepare, permit, access, intent on the disk, transmission, result.

What can fail or take its time without a byte leaving comes before the intent: after a crash, a delivery with
an intent and no result is in doubt, and there should be few of those.
"""

import asyncio
from collections.abc import Callable, Iterator

from batchmail.clock import Recently, stamp
from batchmail.delivery import DeliveryState, Envelope
from batchmail.errors import BatchmailError
from batchmail.executor.attempt import Attempt
from batchmail.executor.backlog import Backlog, Entry
from batchmail.executor.breaker import Breaker
from batchmail.executor.committer import Committer
from batchmail.executor.doorway import Doorway
from batchmail.executor.health import Health
from batchmail.executor.interrupt import Interruption
from batchmail.executor.last_look import LastLook
from batchmail.executor.leave import Leave
from batchmail.executor.progress import Progress, RunResult, Tally
from batchmail.executor.readiness import Readiness
from batchmail.executor.retry import (
    Consequence,
    Divide,
    Halt,
    Settle,
    SettleEach,
    Tries,
    TryAgain,
    consequence,
    parted,
)
from batchmail.executor.setup import Setup
from batchmail.executor.showing import Showing
from batchmail.executor.thresholds import canary_closed, settled, stopped_by, waits_too_long
from batchmail.executor.waiting import nap
from batchmail.executor.worker import Worker
from batchmail.job import StopAfterSpec
from batchmail.outcome import Closed, Divided, Outcome
from batchmail.providers.base import NotHandedOver, Transmission

#: So many rejected requests are divided before any mail is sent: a text that the provider never takes must not be
#: tried with each recipient alone. Every mail that is sent allows one more.
DIVISIONS = 20

#: So long in all is waited for the copies of one mail that were refused for now: whoever sends it does nothing else.
COPIES_PATIENCE_SECONDS = 900.0

STOPPED = "the run was stopped before the mail was handed over"
INTERRUPTED = "interrupted after the mail was handed over"
BROKEN = "the program failed after the mail was handed over"
UNSENT = "the program failed before the mail was handed over"


def ignore(_progress: Progress) -> None:
    """Watch nothing."""


async def run(
    envelopes: Iterator[Envelope],
    setup: Setup,
    *,
    watch: Callable[[Progress], None] = ignore,
    interruption: Interruption | None = None,
) -> RunResult:
    """Send every envelope, whatever it takes, and come back when the journal is complete.

    `envelopes` is read in a thread, some way ahead, and may block there. `watch` gets the changes and must be quick.
    What stops a run in an orderly way is in the result; anything else (a bug) is raised, after the requests in
    flight were waited for and recorded.
    """
    return await _Run(envelopes, setup, watch, interruption or Interruption()).complete()


class _Run:
    def __init__(
        self,
        envelopes: Iterator[Envelope],
        setup: Setup,
        watch: Callable[[Progress], None],
        interruption: Interruption,
    ) -> None:
        self._setup = setup
        self._clock = setup.clock
        self._showing = Showing(watch, self._progress, setup.clock, setup.show_seconds, self._fail)
        self._interruption = interruption
        self._started = setup.clock.monotonic()
        self._stop = asyncio.Event()
        self._limiter = setup.limiter
        self._canary = setup.spec.canary
        self._is_bounded = setup.spec.stop_after != StopAfterSpec()
        self._backlog = Backlog(envelopes, setup.spec.concurrency, setup.clock, self._canary)
        self._committer = Committer(setup.ledger, self._fail)
        self._stamps = Recently(setup.clock, stamp)
        self._last_look = LastLook(setup.look, self._committer, self._backlog, self._stamps)
        breaker = Breaker(setup.doubts, share=setup.spec.stop_after.in_doubt is None)
        self._readiness = Readiness()
        self._doorway = Doorway(setup.spec.concurrency, setup.clock)
        self._health = Health(setup.limiter, setup.clock, setup.jitter, breaker, setup.retries)
        self._tally = Tally()
        self._workers: list[asyncio.Task[None]] = []
        self._closed: Closed | None = None
        self._error: Exception | None = None
        self._last_request = 0
        self._in_flight = 0
        self._connections = 0
        self._divided = 0
        #: When copies are due whose refusal takes minutes.
        self._postponed: list[float] = []

    async def complete(self) -> RunResult:
        self._interruption.attach(self._drain, self._cancel)
        self._limiter.attach(self._begin_to_wait)
        async with self._committer, self._backlog:
            try:
                self._last_request = self._setup.ledger.requests()
            except BatchmailError as error:
                self._fail(error)
            async with asyncio.TaskGroup() as group:
                self._workers = [group.create_task(self._guarded()) for _ in range(self._setup.spec.concurrency)]
        self._showing.now()
        if self._backlog.withheld:
            self._closed = self._closed or canary_closed(self._tally.counts)
        return self._result()

    async def _guarded(self) -> None:
        """A worker that never takes the others down with it: they finish what they have begun."""
        try:
            await self._work()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling() == 0:
                failure = RuntimeError("a sender was cancelled by nobody")
                failure.__cause__ = error
                self._fail(failure)
            raise
        except NotHandedOver as unsent:
            self._fail(unsent.cause)
        except Exception as error:  # noqa: BLE001 - it is raised again when the journal is complete
            self._fail(error)

    async def _work(self) -> None:
        """Take the first envelope before opening a connection for it: a small job opens few."""
        entry = await self._backlog.take()
        if entry is None:
            return
        async with self._setup.open_sender() as sender:
            self._connections += 1
            try:
                await self._work_as(Worker.here(sender, Leave(self._limiter, self._stop)), entry)
            finally:
                self._connections -= 1

    async def _work_as(self, worker: Worker, first: Entry) -> None:
        """Send one after another, as long as this connection is not one too many; the last one never is."""
        entry: Entry | None = first
        while entry is not None:
            following = await self._send(worker, entry)
            if isinstance(following, TryAgain) and following.crowded and self._connections > 1:
                return
            entry = await self._backlog.take()

    async def _send(self, worker: Worker, waiting: Entry) -> Consequence | None:
        """What follows for an envelope, None where it has not left.

        Who may not be written to any more neither waits for the limiter nor leaves after it.
        """
        planned = await self._last_look.at(waiting)
        if planned is None:
            return None
        message = planned.envelope.message
        transmission = worker.connection.prepare(message)
        if not await worker.leave.take(len(message.recipients)):
            return None
        try:
            if not await self._readiness.of(worker):
                return None
            entry = await self._last_look.at(planned)
            if entry is None:
                return None
            if entry is not planned:
                transmission = worker.connection.prepare(entry.envelope.message)
            with await self._doorway.enter() as passage:
                if self._stop.is_set():
                    return None
                self._last_request += 1
                attempt = Attempt(entry, self._last_request)
                following = await self._hand_over(attempt, passage.to(transmission), worker.leave)
            if following is not None:
                self._follow(attempt, following)
            return following
        finally:
            worker.leave.give_back()

    async def _hand_over(self, attempt: Attempt, transmission: Transmission, leave: Leave) -> Consequence | None:
        """Intent, then transmission; None where the run was stopped between the two."""
        handed_over = False
        try:
            await self._committer.commit(attempt.intent(self._stamps.now()))
            if self._stop.is_set():
                self._record(attempt, Settle(DeliveryState.QUEUED, STOPPED))
                return None
            handed_over = True
            copies = len(attempt.entry.envelope.message.recipients) if self._setup.in_copies else 1
            self._tally.begin(attempt.deliveries, copies)
            outcome = await self._transmitted(transmission)
            if isinstance(outcome, Divided):
                outcome = await self._completed(outcome, leave)
            tries = attempt.entry.tries
            following = consequence(outcome, tries, self._setup.spec.attempts, self._setup.jitter)
            if attempt.deliveries > 1 and self._divided < DIVISIONS + self._tally.sent:
                following = parted(following, tries)
        except BaseException as error:
            self._abandon(attempt, error, handed_over=handed_over)
            raise
        self._learn(leave, outcome, following)
        return following

    def _learn(self, leave: Leave, outcome: Outcome, following: Consequence) -> None:
        if leave.permit is not None and not (isinstance(outcome, Divided) and outcome.rest):
            self._health.heed(leave.permit, outcome)
        if closed := self._health.closed_by(outcome, following, self._tally.requests):
            self._close(closed)

    async def _completed(self, outcome: Outcome, leave: Leave) -> Outcome:
        """The outcome, when copies that were refused for now have been tried again as often as a mail is.

        The others have got theirs: nothing but these copies leaves, and after a crash the delivery is in doubt.
        """
        tries = Tries()
        while isinstance(outcome, Divided) and outcome.rest is not None:
            rest = outcome.rest
            following = consequence(rest.refused, tries, self._setup.spec.attempts, self._setup.jitter)
            self._learn(leave, rest.refused, following)
            if not isinstance(following, TryAgain) or following.tries.waited_seconds > COPIES_PATIENCE_SECONDS:
                break
            tries = following.tries
            if not await self._waited(following, rest.copies, leave):
                break
            self._tally.begin(0, rest.copies)
            outcome = await self._transmitted(rest.transmit)
        return outcome

    async def _waited(self, again: TryAgain, copies: int, leave: Leave) -> bool:
        """Whether so many copies may leave now, after the wait for them; not where the run was stopped meanwhile."""
        leave.give_back()
        self._limiter.pause(again.pause_seconds, again.reason)
        due = self._clock.monotonic() + again.delay_seconds
        if again.patient:
            self._postponed.append(due)
            self._showing.now()
        try:
            await nap(self._clock, again.delay_seconds, self._stop)
        finally:
            if again.patient:
                self._postponed.remove(due)
        return await leave.take(copies)

    async def _transmitted(self, transmission: Transmission) -> Outcome:
        self._in_flight += 1
        try:
            self._showing.changed()
            return await transmission()
        finally:
            self._in_flight -= 1

    def _abandon(self, attempt: Attempt, error: BaseException, *, handed_over: bool) -> None:
        if not handed_over:
            self._record(attempt, Settle(DeliveryState.QUEUED, STOPPED))
            return
        if isinstance(error, NotHandedOver) and not self._setup.in_copies:  # of the copies before, some may be sent
            self._end(attempt, Settle(DeliveryState.QUEUED, UNSENT))
            return
        reason = INTERRUPTED if isinstance(error, asyncio.CancelledError) else BROKEN
        self._end(attempt, Settle(DeliveryState.IN_DOUBT, reason))

    def _follow(self, attempt: Attempt, following: Consequence) -> None:
        match following:
            case Settle():
                self._end(attempt, following)
            case Divide(reason, tries):
                self._divided += 1
                self._end(attempt, Settle(DeliveryState.QUEUED, reason))
                for half in attempt.entry.envelope.halves():
                    self._backlog.put_back(Entry(half, tries), 0.0)
            case SettleEach():
                self._end_each(attempt, following)
            case TryAgain(delay, reason, tries, pause):
                self._limiter.pause(pause, reason)
                self._end(attempt, Settle(DeliveryState.QUEUED, reason))
                self._backlog.put_back(Entry(attempt.entry.envelope, tries), delay, postponed=following.patient)
                self._showing.now()
            case Halt(closed, reason):
                self._close(closed)
                self._end(attempt, Settle(DeliveryState.QUEUED, reason))

    def _end(self, attempt: Attempt, settled: Settle) -> None:
        self._record(attempt, settled)
        self._tally.end(attempt.deliveries, settled.state, partial=settled.partial)
        self._look_at_results()

    def _end_each(self, attempt: Attempt, settled: SettleEach) -> None:
        envelope = attempt.entry.envelope
        for delivery in envelope.deliveries:
            share = settled.share(delivery, envelope.message)
            self._record(attempt.of(delivery), share)
            self._tally.end(1, share.state, partial=share.partial)
        self._look_at_results()

    def _look_at_results(self) -> None:
        """Show them, and do what the job wants done about them."""
        self._showing.changed()
        if self._canary is None and not self._is_bounded:
            return
        counts = self._tally.counts
        if closed := stopped_by(counts, self._setup.spec.stop_after):
            self._close(closed)
        if self._canary is not None and settled(counts) >= self._canary:
            if counts.sent - counts.partial == settled(counts):
                self._backlog.release()
            else:
                self._backlog.withhold()
            self._canary = None

    def _record(self, attempt: Attempt, settled: Settle) -> None:
        """Hand in a result, without waiting until it is durable.

        The worker's next intent comes after it in the same queue, so no commit ever shows a worker with two
        requests on their way: at most `concurrency` are `sending` at any time, on the disk as well.
        """
        self._committer.hand_in(attempt.result(settled, self._stamps.now()))

    def _begin_to_wait(self) -> None:
        longest, seconds = self._setup.longest_wait_seconds, self._limiter.waiting_seconds
        if longest is not None and seconds > longest:
            self._close(waits_too_long(seconds, self._limiter.waiting_for, self._clock.now()))
        self._showing.now()

    def _progress(self) -> Progress:
        waiting, now = self._limiter.waiting_seconds, self._clock.monotonic()
        postponed = [*self._backlog.postponed(), *self._postponed]
        return Progress(
            self._tally.counts,
            self._tally.requests,
            waiting,
            now - self._started,
            self._limiter.waiting_for if waiting else "",
            self._in_flight,
            self._interruption.requested,
            len(postponed),
            max(0.0, min(postponed, default=now) - now),
            self._health.unreached,
        )

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self._halt()

    def _close(self, closed: Closed) -> None:
        self._closed = self._closed or closed
        self._halt()

    def _halt(self) -> None:
        """Begin nothing more."""
        self._stop.set()
        self._backlog.close()
        self._readiness.call_off()

    def _drain(self) -> None:
        """A person wants the run to end."""
        self._halt()
        self._showing.now()

    def _cancel(self) -> None:
        """Wait for nothing either."""
        for worker in self._workers:
            worker.cancel()

    def _result(self) -> RunResult:
        error = self._error
        if error is not None and not isinstance(error, BatchmailError):
            raise error
        return RunResult(
            self._tally.counts,
            self._tally.requests,
            self._clock.monotonic() - self._started,
            self._closed,
            self._interruption.requested,
            error,
            self._health.unreached,
        )
