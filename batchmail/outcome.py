"""What became of one request to a provider. What cannot be known is an answer of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a provider still permits: so many requests until its window ends, in so many seconds.

    It counts what others send through the same app, and says nothing about the mail it came with.
    """

    remaining: int
    reset_seconds: float


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider accepted it; that is not yet an inbox. `provider_id` where the provider names one."""

    provider_id: str = ""
    allowance: Allowance | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused this message for good, and did not send it."""

    code: str
    reason: str
    allowance: Allowance | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class InDoubt:
    """It may have been accepted, or not. Never sent again by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Divided:
    """The answer differs by recipient.

    The mailboxes in `refused` do not get the mail, those in `doubtful` may get it or not, all others of the message do.
    `rest` is there where some of the refused may be tried again without reaching anybody else.
    """

    refused: Mapping[str, Rejected]
    doubtful: Mapping[str, InDoubt] = field(default_factory=dict)
    provider_id: str = ""
    rest: "Rest | None" = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Proven not accepted, for now: it may be tried again.

    `retry_after_seconds` is the provider's own wish and holds for the whole run, not for one message.
    `attempt` tells whether it uses up one of the message's attempts (a rate limit does not). `reached` is False where
    no connection to the provider came about; that uses up no attempt either. `strained` is False where it tells nothing
    of how much the provider can take: an access token that has expired, and was renewed. `crowded` tells that there
    were too many connections at once. `patient` tells that it is about this one mail and takes minutes: greylisting, a
    mailbox that is busy. `hint` is what to look at, where it goes on.
    """

    code: str
    reason: str
    retry_after_seconds: float | None = None
    attempt: bool = True
    reached: bool = True
    strained: bool = True
    crowded: bool = False
    patient: bool = False
    allowance: Allowance | None = field(default=None, compare=False)
    hint: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Rest:
    """The copies of a mail that were refused for now, after others were taken: how many, and the last refusal.

    `transmit` tries them once more, and gives what became of the whole mail.
    """

    copies: int
    refused: Refused
    transmit: "Callable[[], Awaitable[Outcome]]" = field(repr=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """Proven not accepted, and no other message would be: credentials, a redirect, a certificate. Stops the run."""

    code: str
    reason: str
    hint: str


Outcome = Sent | Rejected | Divided | Refused | InDoubt | Closed
