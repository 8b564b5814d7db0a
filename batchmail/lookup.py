"""Looking for mails in doubt among those that an account has sent. Pure: what there is, and what follows from it.

A mail in Sent has no number that the sender knows. It is recognised by its recipients, its subject and its time, and
several mails that are alike in all three are only ever counted: of two such deliveries, one mail proves neither.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from batchmail.delivery import Delivery, DeliveryState

#: How far the provider's clock and this machine's may be apart.
SKEW = timedelta(minutes=5)
#: How long after a request's end its mail may still appear, or a doubt may still resolve itself.
LAG = timedelta(minutes=15)


def subject_mark(subject: str, characters: int | None) -> bytes:
    """8 bytes that stand for a subject as the provider keeps it: cut after so many characters, blanks folded."""
    kept = " ".join(subject[:characters].split())
    return blake2b(kept.encode("utf-8", "surrogatepass"), digest_size=8).digest()


@dataclass(frozen=True, slots=True)
class Handover:
    """An attempt that the provider accepted, or may have; `ended` is None where the run died before it knew."""

    began: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """What a delivery may have left among the sent mails.

    `reason` is why it is in doubt, where it is; `looked` tells that it was looked for in vain since. `own` is False for
    another mailing's. `subject` is a mark, empty where there is nothing to look for.
    """

    delivery: Delivery
    state: DeliveryState
    subject: bytes
    handovers: tuple[Handover, ...]
    reason: str = ""
    looked: bool = False
    own: bool = True

    @property
    def doubtful(self) -> bool:
        """Whether it is to be settled."""
        return self.own and self.state is DeliveryState.IN_DOUBT


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that the account has sent, as far as the provider shows it: None stands for what has to be opened."""

    id: str
    subject: str | None
    to: tuple[str, ...] | None
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """The time in which a mail was taken, if it was."""

    since: datetime
    until: datetime

    def has(self, time: datetime) -> bool:
        """Whether a time lies in it."""
        return self.since <= time <= self.until

    def meets(self, other: "Span") -> bool:
        """Whether they have a time in common."""
        return self.since <= other.until and other.since <= self.until


@dataclass(frozen=True, slots=True)
class Found:
    """It was sent. `times` is more than 1 where it was found more often than it should be."""

    trace: Trace
    times: int
    provider_id: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Long enough after the attempt, no such mail is there."""

    trace: Trace


@dataclass(frozen=True, slots=True)
class Alike:
    """Fewer mails are there than deliveries that they could be; `others` is the number of those."""

    trace: Trace
    mails: int
    others: int


@dataclass(frozen=True, slots=True)
class Early:
    """It is not there, and may still appear until `until`."""

    trace: Trace
    until: datetime


@dataclass(frozen=True, slots=True)
class Unmarked:
    """It cannot be recognised: no copy was to be kept, an older version has sent it, or copies for cc look the same."""

    trace: Trace


Verdict = Found | Missing | Alike | Early | Unmarked

#: The addresses that a mail is recognised by, in lower case and in order, and the mark of its subject.
_Sight = tuple[tuple[str, ...], bytes]


def windows(trace: Trace, timeout: timedelta) -> list[Span]:
    """When the mails of a delivery were taken, if they were."""
    return [Span(each.began - SKEW, (each.ended or each.began + timeout) + LAG + SKEW) for each in trace.handovers]


def settled_at(trace: Trace, timeout: timedelta) -> datetime | None:
    """From when on a delivery that is not there was not taken, as far as anybody can know."""
    return max(((each.ended or each.began + timeout) + LAG for each in trace.handovers), default=None)


@dataclass(slots=True)
class _Suspect:
    """A delivery with all that it is recognised by. `claims` are all the ways in which its mails may show."""

    trace: Trace
    windows: list[Span]
    sights: frozenset[_Sight]
    claims: frozenset[_Sight]

    def meets(self, window: Span) -> bool:
        return any(own.meets(window) for own in self.windows)


class Search:
    """Takes the sent mails in, newest first, and says what became of each delivery in doubt."""

    def __init__(
        self, traces: Iterable[Trace], timeout: timedelta, *, separately: bool, characters: int | None = None
    ) -> None:
        """`timeout` is how long a request may take at most.

        `separately` tells that the recipients of one request have copies of their own, which the provider may show as
        one mail or as many. `characters` is how much of a subject the provider keeps.
        """
        self._timeout = timeout
        self._separately = separately
        self._characters = characters
        self._suspects = [self._suspect(trace) for trace in traces]
        sought = [each for each in self._suspects if _is_sought(each.trace)]
        self._hits: dict[_Sight, dict[str, datetime]] = {sight: {} for each in sought for sight in each.sights}
        self._claimants: dict[_Sight, list[_Suspect]] = {sight: [] for sight in self._hits}
        for each in self._suspects:
            for sight in each.claims & self._claimants.keys():
                self._claimants[sight].append(each)
        #: No older mail is of interest; None where there is nothing to look for.
        self.since = min((window.since for each in sought for window in each.windows), default=None)

    def matters(self, mail: SentMail) -> bool:
        """Whether a mail may be one that is looked for, as far as it is known."""
        if mail.time is not None and self.since is not None and mail.time < self.since:
            return False
        if mail.subject is None:
            return True
        mark = subject_mark(mail.subject, self._characters)
        if mail.to is None:
            return any(sight[1] == mark for sight in self._hits)
        return any(sight in self._hits for sight in self._sights(mail.to, mark))

    def take(self, mail: SentMail) -> None:
        """Count a mail of which all is known; one that is shown twice counts once."""
        if mail.subject is None or mail.to is None or mail.time is None:
            raise ValueError(f"mail {mail.id} has to be opened first")
        for sight in self._sights(mail.to, subject_mark(mail.subject, self._characters)):
            if sight in self._hits:
                self._hits[sight][mail.id] = mail.time

    def verdicts(self, now: datetime, *, complete: bool) -> Iterator[Verdict]:
        """What became of those in doubt; where the search is not `complete`, only who was found."""
        for suspect in self._suspects:
            if not suspect.trace.doubtful:
                continue
            verdict = self._verdict(suspect, now)
            if complete or isinstance(verdict, Found):
                yield verdict

    def _verdict(self, suspect: _Suspect, now: datetime) -> Verdict:
        trace = suspect.trace
        if not _is_sought(trace):
            return Unmarked(trace)
        seen = [self._seen(sight, suspect) for sight in suspect.sights]
        rivals = [self._rivals(sight, suspect) for sight in suspect.sights]
        if all(len(ids) > others for ids, others in zip(seen, rivals, strict=True)):
            times = max(len(ids) - others for ids, others in zip(seen, rivals, strict=True))
            return Found(trace, times, seen[0][0] if len(seen[0]) == 1 else "")
        until = settled_at(trace, self._timeout)
        if until is not None and now < until:
            return Early(trace, until)
        if not any(seen):
            return Missing(trace)
        return Alike(trace, max(map(len, seen)), max(rivals))

    def _seen(self, sight: _Sight, suspect: _Suspect) -> list[str]:
        """The mails that may be a delivery's."""
        times = self._hits[sight].items()
        return [identity for identity, time in times if any(window.has(time) for window in suspect.windows)]

    def _rivals(self, sight: _Sight, suspect: _Suspect) -> int:
        """How many of the mails that look so may be others', at most."""
        others = (each for each in self._claimants[sight] if each is not suspect)
        return sum(suspect.meets(window) for each in others for window in each.windows)

    def _suspect(self, trace: Trace) -> _Suspect:
        own = frozenset(self._sights(trace.delivery.to, trace.subject))
        # Another mailing, or an earlier run of this one, may have been sent the other way.
        joint, alone = _together(trace.delivery.to, trace.subject), _each(trace.delivery.to, trace.subject)
        return _Suspect(trace, windows(trace, self._timeout), own, frozenset((*joint, *alone)))

    def _sights(self, to: Iterable[str], mark: bytes) -> list[_Sight]:
        return _each(to, mark) if self._separately else _together(to, mark)


def _each(to: Iterable[str], mark: bytes) -> list[_Sight]:
    return [((mailbox,), mark) for mailbox in sorted({mailbox.casefold() for mailbox in to})]


def _together(to: Iterable[str], mark: bytes) -> list[_Sight]:
    return [(tuple(sorted({mailbox.casefold() for mailbox in to})), mark)]


def _is_sought(trace: Trace) -> bool:
    return trace.doubtful and bool(trace.subject) and bool(trace.handovers)
