"""What follows from an outcome. Only what is proven not to have been accepted is ever tried again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, assert_never

from batchmail.delivery import Delivery, DeliveryState
from batchmail.executor.pacing import LEAST_PAUSE_SECONDS
from batchmail.executor.reasons import listed, one_line, reason_in_doubt, reason_of_rejection
from batchmail.message import Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent

#: Backoff with full jitter: U(0,1) of 0.5 s doubled with every try, at most a minute.
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 60.0

#: A message that would have to wait longer than this in all closes the run: it stays queued for another day.
PATIENCE_SECONDS = 3600.0

#: What takes one mail minutes is tried again after one, two, four and then five: five attempts take twelve minutes.
FIRST_PATIENT_SECONDS = 60.0
LONGEST_PATIENT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Tries:
    """What an envelope has been through in this run: requests, attempts used up by them, seconds waited between."""

    requests: int = 0
    used: int = 0
    waited_seconds: float = 0.0


#: What a fresh envelope has been through.
UNTRIED = Tries()


class Settle(NamedTuple):
    """It is over, one way or another; `reached` and `missed` as in a Transition."""

    state: DeliveryState
    reason: str = ""
    provider_id: str = ""
    reached: bool = False
    missed: bool = False

    @property
    def partial(self) -> bool:
        """Whether it is sent, and somebody does not get it."""
        return self.missed and self.state is DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class SettleEach:
    """It is over, for each delivery in its own way: see Divided."""

    refused: Mapping[str, Rejected]
    doubtful: Mapping[str, InDoubt] = field(default_factory=dict)
    provider_id: str = ""

    def share(self, delivery: Delivery, message: Message) -> Settle:
        """How one delivery of a message ends.

        It is in doubt where it is for anybody, rejected where none of those in `to` gets it, else sent: sent again, it
        would reach somebody twice. The reason names who does not get it.
        """
        copied = (address.mailbox for address in message.cc + message.bcc)
        everybody = {mailbox.casefold(): mailbox for mailbox in (*delivery.to, *copied)}
        missed = _told({mailbox: one_line(each.code, each.reason) for mailbox, each in self.refused.items()}, everybody)
        unknown = _told({mailbox: one_line("", each.reason) for mailbox, each in self.doubtful.items()}, everybody)
        got = [shown for mailbox, shown in everybody.items() if mailbox not in missed and mailbox not in unknown]
        if unknown:
            reason = reason_in_doubt(everybody, missed, unknown, got)
            return Settle(DeliveryState.IN_DOUBT, reason, self.provider_id, reached=bool(got), missed=bool(missed))
        if delivery.to and missed.keys() >= {mailbox.casefold() for mailbox in delivery.to}:
            return Settle(DeliveryState.REJECTED, reason_of_rejection(everybody, missed, got))
        reason = f"not sent to {listed(everybody, missed)}" if missed else ""
        return Settle(DeliveryState.SENT, reason, self.provider_id, missed=bool(missed))


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Not accepted; once more after `delay_seconds`. `pause_seconds` holds for the whole run, 0 for no pause.

    `crowded` tells that it may take fewer connections, `patient` that minutes are waited for this one mail while others
    go on.
    """

    delay_seconds: float
    reason: str
    tries: Tries
    pause_seconds: float = 0.0
    crowded: bool = False
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Halt:
    """Not accepted, and nothing else will be: the message stays queued, the run ends."""

    closed: Closed
    reason: str


@dataclass(frozen=True, slots=True)
class Divide:
    """Refused for good, perhaps because of one of several recipients: each half of them is tried by itself."""

    reason: str
    tries: Tries


Consequence = Divide | Settle | SettleEach | TryAgain | Halt


def consequence(outcome: Outcome, tries: Tries, attempts: int, jitter: Callable[[], float]) -> Consequence:
    """What to do after an outcome: `tries` is what came before it, `jitter` gives numbers from 0 to 1.

    A refusal that uses up no attempt (a rate limit, no connection) is bounded by time instead: see PATIENCE_SECONDS.
    """
    match outcome:
        case Sent(provider_id):
            return Settle(DeliveryState.SENT, provider_id=provider_id)
        case Rejected(code, reason):
            return Settle(DeliveryState.REJECTED, one_line(code, reason))
        case Divided(refused, doubtful, provider_id):
            return SettleEach(refused, doubtful, provider_id)
        case InDoubt(reason):
            return Settle(DeliveryState.IN_DOUBT, one_line("", reason))
        case Refused():
            return _refused(outcome, tries, attempts, jitter)
        case Closed(code, reason):
            return Halt(outcome, one_line(code, reason))
        case _:
            assert_never(outcome)


def _told(reasons: Mapping[str, str], mailboxes: Iterable[str]) -> dict[str, str]:
    """Why, for those of the mailboxes that have a reason; all of them in lower case, in their order."""
    known = {mailbox.casefold(): reason for mailbox, reason in reasons.items()}
    return {mailbox: known[mailbox] for mailbox in mailboxes if mailbox in known}


def parted(following: Consequence, tries: Tries) -> Consequence:
    """What follows for several deliveries that travel together.

    One address that the provider does not like must not cost the others their mail. The rejection proves that nobody
    has got it, so nobody gets it twice.
    """
    if isinstance(following, Settle) and following.state is DeliveryState.REJECTED:
        return Divide(following.reason, replace(tries, requests=tries.requests + 1))
    return following


def _refused(refused: Refused, tries: Tries, attempts: int, jitter: Callable[[], float]) -> Consequence:
    reason = one_line(refused.code, refused.reason)
    used = tries.used + (refused.attempt and refused.reached)
    if used >= attempts and used > tries.used:
        return Settle(DeliveryState.FAILED, one_line("", f"{used} attempts used up, the last one: {reason}"))
    delay = (
        _patient_seconds(tries.used, jitter())
        if refused.patient
        else _delay_seconds(refused, tries.requests + 1, jitter())
    )
    waited = tries.waited_seconds + delay
    if waited > PATIENCE_SECONDS and refused.patient:
        told = f"not taken in {tries.waited_seconds / 60:.0f} minutes and {used} attempts: {reason}"
        return Settle(DeliveryState.FAILED, one_line("", told))
    if waited > PATIENCE_SECONDS:
        return Halt(_too_long(refused, waited), reason)
    whole_run = not refused.attempt or refused.retry_after_seconds is not None
    pause = delay if whole_run else 0.0
    again = Tries(tries.requests + 1, used, waited)
    return TryAgain(delay, reason, again, pause, crowded=refused.crowded, patient=refused.patient)


def _patient_seconds(used: int, jitter: float) -> float:
    """Never shorter than that: whoever greylists counts from the first attempt."""
    return (1 + jitter / 10) * min(LONGEST_PATIENT_SECONDS, FIRST_PATIENT_SECONDS * 2.0 ** min(used, 8))


def _delay_seconds(refused: Refused, requests: int, jitter: float) -> float:
    if refused.retry_after_seconds is not None:
        delay = max(0.0, refused.retry_after_seconds)
    else:
        # The exponent is bounded because a rate limit may be met any number of times.
        delay = jitter * min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** min(requests, 16))
    return delay if refused.attempt else max(LEAST_PAUSE_SECONDS, delay)


def _too_long(refused: Refused, waited: float) -> Closed:
    return Closed(
        refused.code,
        one_line("", f"{refused.reason}; a mail would have to wait for {waited / 60:,.0f} minutes in all"),
        "The rest is still queued. Run the command again when the provider takes mails again.",
    )
