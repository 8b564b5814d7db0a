"""One person's mail: its identity, its state, and the envelope it travels in."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from batchmail.message import Message, framed
from batchmail.quickly_made import quickly_made


class DeliveryState(StrEnum):
    """Where a delivery stands. *Sent* means accepted by the provider, not delivered to an inbox."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Mailing:
    """The identity of a job's run: the same name with a new edition is a new mailing."""

    job: str
    edition: str = ""

    def identity(self, keys: Iterable[str]) -> str:
        """32 hexadecimal digits for the mail to these keys: the same in every attempt, and no key can be read in it."""
        parts = b"".join(map(framed, (self.job, self.edition, *keys)))
        return blake2b(parts, digest_size=16).hexdigest()

    def __str__(self) -> str:
        return f"{self.job} · edition {self.edition}" if self.edition else self.job


class Candidate(NamedTuple):
    """One row as the plan sees it: a tuple, for they are made by the million.

    `to` holds the addresses; `content` the digest of all but them. Candidates with the same `batch`
    may travel in one request. `others` is how many it goes to besides, in cc and bcc. `skip` is empty for a row that
    should get its mail, else the reason why not.
    `subject` is the mark by which a look-up finds the mail (`lookup.subject_mark`), empty where no copy of it is kept.
    `nameless` is the digest of the mail without names beside the addresses, empty where it has none.
    """

    position: int
    key: str
    to: tuple[str, ...]
    content: bytes
    batch: bytes
    skip: str = ""
    subject: bytes = b""
    others: int = 0
    nameless: bytes = b""

    @property
    def mail(self) -> bytes:
        """What two rows with the same mail share, however their people are named: they would get it twice."""
        return self.nameless or self.content


@quickly_made
@dataclass(frozen=True, slots=True)
class Delivery:
    """A row's mail as the journal knows it; `attempts` is how often it was handed to the provider."""

    id: int
    key: str
    position: int
    to: tuple[str, ...]
    content: bytes
    attempts: int = 0


@quickly_made
@dataclass(frozen=True, slots=True)
class Envelope:
    """One request's worth: a message and the deliveries that it settles, at least one."""

    message: Message
    deliveries: tuple[Delivery, ...]

    def halves(self) -> "tuple[Envelope, Envelope]":
        """The same mail in two envelopes; not for a single delivery."""
        return self.split(len(self.deliveries) // 2)

    def split(self, count: int) -> "tuple[Envelope, Envelope]":
        """The same mail in two envelopes, the first with so many deliveries; neither has none."""
        return self._part(self.deliveries[:count]), self._part(self.deliveries[count:])

    def _part(self, deliveries: tuple[Delivery, ...]) -> "Envelope":
        own = {mailbox for delivery in deliveries for mailbox in delivery.to}
        to = tuple(address for address in self.message.to if address.mailbox in own)
        return Envelope(self.message.addressed(to), deliveries)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What of an envelope may leave by now: None where nobody is left. `skipped` are those who never will, and why."""

    envelope: Envelope | None
    skipped: tuple[tuple[Delivery, str], ...] = ()


class Transition(NamedTuple):
    """A delivery's step to another state, to be made durable in the journal.

    `attempt` is the attempt's number from 1, and 0 where none was made. `request` is the number of the request
    it belongs to, counted from 1 over all runs of the mailing (deliveries that travel together share it), and 0
    where there is none. `at` is ISO 8601 with an offset. `reached` tells that somebody has got the mail for
    certain though it is in doubt for others, `missed` that somebody does not get it though others do or may. Neither is
    forgotten when a doubt is settled, until the mail is queued again. `recipients`, with a step
    to `sending`, is to how many the mail goes, those in cc and bcc among them (deliveries that travel together share
    those: the first counts them); 0 where that is not known. A tuple, for every mail makes two: half a microsecond
    instead of three.
    """

    delivery: int
    state: DeliveryState
    attempt: int
    at: str
    request: int = 0
    reason: str = ""
    provider_id: str = ""
    reached: bool = False
    missed: bool = False
    recipients: int = 0


class Record(NamedTuple):
    """A delivery's last known result, for reports and status; `reached` and `missed` as in a Transition.

    A tuple, as a report has one for every row.
    """

    key: str
    state: DeliveryState
    reason: str
    attempts: int
    at: str
    provider_id: str
    to: tuple[str, ...]
    reached: bool = False
    missed: bool = False

    @property
    def partial(self) -> bool:
        """Whether some of its recipients have got the mail and others do not: sent again, it would reach them twice."""
        return self.missed and self.state is DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class Counts:
    """How many deliveries stand in each state; `partial` are those of `sent` that somebody does not get."""

    queued: int = 0
    sending: int = 0
    sent: int = 0
    rejected: int = 0
    failed: int = 0
    in_doubt: int = 0
    skipped: int = 0
    abandoned: int = 0
    partial: int = 0

    @property
    def unfinished(self) -> int:
        """Those that ended otherwise than sent, skipped or abandoned."""
        return self.rejected + self.failed + self.in_doubt

    def of(self, state: DeliveryState) -> int:
        """The count of one state."""
        return int(getattr(self, state.value))
