"""Settling what is in doubt: by a person's word, or by looking the mails up at the provider.

A mail that may have been taken is never sent again by itself. Only a person may say so, and not before the provider
has had its time: until then the mail may still turn up.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from batchmail.clock import Clock, stamp
from batchmail.delivery import Delivery, DeliveryState, Record, Transition
from batchmail.errors import BatchmailError
from batchmail.job import Job
from batchmail.journal.base import Journal
from batchmail.lookup import SKEW, Alike, Early, Found, Missing, Search, SentMail, Trace, Unmarked, Verdict, settled_at
from batchmail.outcome import Closed, Refused
from batchmail.pace import spacing_seconds
from batchmail.pipeline import KeysUnknown, provider_kinds
from batchmail.providers import ProviderKind
from batchmail.providers.base import Feature, LooksUp, Provider, SentFolder, SentPage
from batchmail.rate import Rate

T = TypeVar("T")

#: How often a question is asked that the provider does not answer for now, and the longest wait before it is again.
TRIES = 4
LONGEST_WAIT_SECONDS = 90.0
#: A folder is followed no further than so many pages.
MOST_PAGES = 10_000

BY_HAND = "settled by hand"


class NotInDoubt(BatchmailError):
    """Deliveries were to be settled that are settled."""

    exit_code = 2

    def __init__(self, states: Sequence[tuple[str, DeliveryState]]) -> None:
        told = ", ".join(f"`{key}` is {state.value.replace('_', ' ')}" for key, state in states)
        super().__init__(f"Not in doubt: {told}", "Only what is in doubt can be settled; nothing was changed.")


class TooEarly(BatchmailError):
    """A mail was to be sent again that may still turn up."""

    def __init__(self, keys: Sequence[str], until: datetime) -> None:
        names = ", ".join(f"`{key}`" for key in keys)
        super().__init__(
            f"{names}: the mail may still turn up, and the person would get it twice",
            f"It may be sent again from {clock_time_after(until)} on; nothing was changed.",
        )


class ReachesOthers(BatchmailError):
    """A mail was to be sent again that some of its recipients have for certain."""

    exit_code = 2

    def __init__(self, keys: Sequence[str]) -> None:
        names = ", ".join(f"`{key}`" for key in keys)
        super().__init__(
            f"{names}: some of the recipients have the mail for certain, and would get it twice",
            "Settle it with --sent or --abandon, and give whoever misses it a row of their own, with another key. "
            "Nothing was changed.",
        )


class CannotLookUp(BatchmailError):
    """The provider cannot be asked what was sent."""

    exit_code = 2

    def __init__(self, provider: Provider) -> None:
        super().__init__(
            f"{provider.title} cannot be asked what it has sent",
            "Look yourself, in the sender's mailbox or the server's log, or ask the recipient. Then say what is so: "
            "`batchmail resolve JOB --key KEY` with --sent, --resend or --abandon.",
        )


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up came to: a verdict on each delivery, and why it ended early, if it did. It recorded who was found.

    Where it ended early, only those found have a verdict.
    """

    verdicts: tuple[Verdict, ...] = ()
    stopped: Refused | Closed | None = None

    @property
    def found(self) -> int:
        """How many are known to be sent now."""
        return sum(isinstance(verdict, Found) for verdict in self.verdicts)


def clock_time(time: datetime) -> str:
    """A time as people read it, in this machine's zone."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}"


def clock_time_after(time: datetime) -> str:
    """The first full minute that is not before a time."""
    return clock_time(time + timedelta(minutes=1, microseconds=-1))


def settle_by_hand(journal: Journal, keys: Sequence[str], state: DeliveryState, job: Job, clock: Clock) -> None:
    """Make deliveries in doubt sent, queued or abandoned, because a person says so: all of them or none.

    Who is known to miss a mail is not forgotten. Raises KeysUnknown, NotInDoubt, and for what is to be queued
    ReachesOthers and TooEarly, where some have got it and where it may still turn up.
    """
    records = journal.records(keys)
    if unknown := [key for key in keys if key not in records]:
        raise KeysUnknown(unknown)
    if settled := [(key, each.state) for key, each in records.items() if each.state is not DeliveryState.IN_DOUBT]:
        raise NotInDoubt(settled)
    if state is DeliveryState.QUEUED:
        if reached := [key for key, each in records.items() if each.reached]:
            raise ReachesOthers(reached)
        _require_settled(journal.traces(), set(keys), _timeout(job), clock.now())
    at = stamp(clock)
    journal.record([_by_hand(each, records[each.key], state, at) for each in _deliveries(journal, keys)])


def _by_hand(delivery: Delivery, record: Record, state: DeliveryState, at: str) -> Transition:
    divided = record.reached or record.missed
    reason = f"{BY_HAND}; before: {record.reason}" if divided else BY_HAND
    return Transition(delivery.id, state, delivery.attempts, at, 0, reason, record.provider_id if divided else "")


def may_look_up(job: Job) -> bool:
    """Whether a job's provider can be asked what it has sent."""
    return _kind(job).capabilities.look_up is not None


def sends_copies(job: Job) -> bool:
    """Whether every recipient costs a request, because the job's provider cannot send separately by itself."""
    return _kind(job).capabilities.in_copies(separately=job.message.send_separately)


def provider_of(job: Job) -> Provider:
    """The provider that a job names. Raises PluginFailed."""
    return _kind(job).build(job.provider.settings)


def _kind(job: Job) -> ProviderKind:
    kind = provider_kinds()[job.provider.kind]
    assert isinstance(kind, ProviderKind), kind
    return kind


def unsaid(_number: int) -> None:
    """Say nothing."""


async def look_up(
    journal: Journal,
    job: Job,
    provider: Provider,
    clock: Clock,
    *,
    again: bool = True,
    begin: Callable[[int], None] = unsaid,
) -> LookedUp:
    """Look for the mails in doubt among those that the account has sent, and record what was found.

    Without `again`, those that were looked for in vain before are left alone. `begin` gets the number of those that are
    looked for, before the provider is asked. Raises CannotLookUp, and what opening a connection raises; what goes wrong
    later is in the result.
    """
    if not isinstance(provider, LooksUp) or provider.capabilities.look_up is None:
        raise CannotLookUp(provider)
    traces = journal.traces()
    if not again:
        traces = [replace(trace, own=False) if trace.looked else trace for trace in traces]
    separately = job.message.send_separately and Feature.SEND_SEPARATELY in provider.capabilities.features
    characters = provider.capabilities.subject_characters
    if separately and (job.message.cc or job.message.bcc):
        # Those in cc may have copies of their own in Sent, which look like mails to them.
        traces = [replace(trace, subject=b"") for trace in traces]
    search = Search(traces, _timeout(job), separately=separately, characters=characters)
    stopped = None
    if search.since is not None:
        begin(sum(trace.doubtful for trace in traces))
        async with provider.sent_folder() as folder:
            stopped = await _Walk(folder, search, provider.capabilities.look_up, clock).end()
    verdicts = tuple(search.verdicts(clock.now(), complete=stopped is None))
    at = stamp(clock)
    steps = [_step(verdict, at, clock.now()) for verdict in verdicts]
    journal.record([step for step in steps if step is not None])
    return LookedUp(verdicts, stopped)


def _require_settled(traces: Sequence[Trace], keys: set[str], timeout: timedelta, now: datetime) -> None:
    times = {each.delivery.key: settled_at(each, timeout) for each in traces if each.doubtful}
    early = {key: time for key, time in times.items() if key in keys and time is not None and now < time}
    if early:
        raise TooEarly(list(early), max(early.values()))


def _deliveries(journal: Journal, keys: Sequence[str]) -> list[Delivery]:
    known = journal.deliveries(keys)
    return [known[key] for key in dict.fromkeys(keys)]


def _step(verdict: Verdict, at: str, now: datetime) -> Transition | None:
    """What is remembered of a verdict; nothing where time may still tell."""
    delivery, reason = verdict.trace.delivery, verdict.trace.reason
    match verdict:
        case Found(_, times, provider_id):
            told = "found in Sent" if times == 1 else f"found {times} times in Sent: it may have arrived more than once"
            return Transition(
                delivery.id, DeliveryState.SENT, delivery.attempts, at, reason=told, provider_id=provider_id
            )
        case Missing():
            told = f"{reason}; not found in Sent on {clock_time(now)}"
        case Alike(_, mails, others):
            noun = "other" if others == 1 else "others"
            told = f"{reason}; cannot be told from {others} {noun} with its recipient and subject ({mails} in Sent)"
        case Early() | Unmarked():
            return None
        case _:
            assert_never(verdict)
    return Transition(delivery.id, DeliveryState.IN_DOUBT, delivery.attempts, at, reason=told)


def _timeout(job: Job) -> timedelta:
    return timedelta(seconds=job.send.timeout_seconds)


def _clocks_differ(ahead: timedelta) -> Closed:
    minutes = round(abs(ahead).total_seconds() / 60)
    return Closed(
        "clocks-differ",
        f"this machine's clock is {minutes:,} minutes {'behind' if ahead > timedelta() else 'ahead of'} the provider's",
        "Mails are recognised by their time. Set the clock; if it was wrong when they were sent, settle them by hand.",
    )


class _Walk:
    """Goes through a folder of sent mails, from the newest to the oldest that is of interest."""

    def __init__(self, folder: SentFolder, search: Search, rate: Rate, clock: Clock) -> None:
        self._folder = folder
        self._search = search
        self._spacing_seconds = spacing_seconds(rate)
        self._clock = clock
        self._next = clock.monotonic()

    async def end(self) -> Refused | Closed | None:
        """Take in what there is; None where nothing is left, else why not all of it could be seen."""
        cursor = ""
        for _ in range(MOST_PAGES):
            page = await self._asked(self._folder.page, cursor)
            if not isinstance(page, SentPage):
                return page
            if page.now is not None and abs(page.now - self._clock.now()) > SKEW:
                return _clocks_differ(page.now - self._clock.now())
            for mail in page.mails:
                if fault := await self._take(mail):
                    return fault
            if not page.cursor or self._is_past(page):
                return None
            cursor = page.cursor
        return Closed("too-many", f"the Sent folder has more than {MOST_PAGES:,} pages", "Settle the mails by hand.")

    async def _take(self, mail: SentMail) -> Refused | Closed | None:
        if not self._search.matters(mail):
            return None
        if mail.subject is None or mail.to is None or mail.time is None:
            opened = await self._asked(self._folder.mail, mail.id)
            if not isinstance(opened, SentMail):
                return opened
            mail = opened
        self._search.take(mail)
        return None

    def _is_past(self, page: SentPage) -> bool:
        """Whether all further mails are too old."""
        times = [mail.time for mail in page.mails if mail.time is not None]
        return bool(times) and self._search.since is not None and max(times) < self._search.since

    async def _asked(self, ask: Callable[[str], Awaitable[T | Refused | Closed]], subject: str) -> T | Refused | Closed:
        """An answer, as often as it takes within reason."""
        answer = await self._paced(ask, subject)
        for number in range(1, TRIES):
            if not isinstance(answer, Refused):
                return answer
            wait = 2.0**number if answer.retry_after_seconds is None else answer.retry_after_seconds
            if wait > LONGEST_WAIT_SECONDS:
                return answer
            await self._clock.sleep(wait)
            answer = await self._paced(ask, subject)
        return answer

    async def _paced(self, ask: Callable[[str], Awaitable[T | Refused | Closed]], subject: str) -> T | Refused | Closed:
        now = self._clock.monotonic()
        if now < self._next:
            await self._clock.sleep(self._next - now)
        self._next = self._clock.monotonic() + self._spacing_seconds
        return await ask(subject)
