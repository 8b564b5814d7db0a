"""One request a recipient, for a provider that cannot send separately by itself: nobody sees another's address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from batchmail.message import Address, Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Rest, Sent
from batchmail.providers.around import SenderAround
from batchmail.providers.base import Transmission
from batchmail.rate import Rate, Unit


def rates_by_copy(rates: Sequence[Rate]) -> tuple[Rate, ...]:
    """The rates of such a job: what counts requests, counts recipients."""
    return tuple(replace(rate, unit=Unit.RECIPIENTS) for rate in rates)


def copies(message: Message) -> tuple[Message, ...]:
    """A copy for each recipient of a message, addressed to that one alone, each with an identity of its own."""
    return tuple(_copy(message, number, address) for number, address in enumerate(message.recipients, start=1))


def _copy(message: Message, number: int, address: Address) -> Message:
    identity = message.identity and f"{message.identity}.{number}"
    return replace(message, to=(address,), cc=(), bcc=(), identity=identity, send_separately=False)


@dataclass(frozen=True, slots=True)
class SeparateSender(SenderAround):
    """A connection that hands a message over once for each recipient, one after another; made ready for the first."""

    def prepare(self, message: Message) -> Transmission:
        """All copies made ready. Raises InputChanged like the sender."""
        mailboxes = [address.mailbox for address in message.recipients]
        transmissions = [self.sender.prepare(copy) for copy in copies(message)]
        return _Copies(tuple(zip(mailboxes, transmissions, strict=True))).transmit


@dataclass(frozen=True, slots=True)
class _Copies:
    """The copies of a message, what has become of each, and how often they were begun."""

    copies: Sequence[tuple[str, Transmission]]
    before: Mapping[str, Outcome] = field(default_factory=dict)
    rounds: int = 0

    async def transmit(self) -> Outcome:
        """What became of all copies together, after those were tried that nobody has answered for good.

        As long as nobody may have the mail, it can be tried again as a whole. From then on only the copies of those who
        are refused for now may be: whoever has got the mail would get it twice.
        """
        outcomes = dict(self.before)
        for mailbox, transmission in self.copies:
            if mailbox in outcomes and not isinstance(outcomes[mailbox], Refused):
                continue
            outcome = await transmission()
            if isinstance(outcome, Refused | Closed) and all(isinstance(each, Rejected) for each in outcomes.values()):
                return outcome
            outcomes[mailbox] = outcome
            if isinstance(outcome, Closed) or (isinstance(outcome, Refused) and _means_all(outcome)):
                break
        return self._so_far(outcomes)

    def _so_far(self, outcomes: Mapping[str, Outcome]) -> Outcome:
        """The outcome, and how to go on where a copy was refused for now."""
        mailboxes = [mailbox for mailbox, _ in self.copies]
        outcome = together(outcomes, mailboxes, self.rounds + 1)
        waiting = [each for each in outcomes.values() if isinstance(each, Refused)]
        if not waiting or not isinstance(outcome, Divided) or any(isinstance(e, Closed) for e in outcomes.values()):
            return outcome
        untried = len(mailboxes) - len(outcomes)
        again = replace(self, before=outcomes, rounds=self.rounds + 1)
        return replace(outcome, rest=Rest(len(waiting) + untried, max(waiting, key=_weight), again.transmit))


def _means_all(refused: Refused) -> bool:
    """Whether the next copy would be refused as well: a rate limit, no connection."""
    return not (refused.attempt and refused.reached)


def _weight(refused: Refused) -> tuple[bool, float, bool]:
    """Which of several refusals tells how long to wait."""
    return _means_all(refused), refused.retry_after_seconds or 0.0, refused.patient


def together(outcomes: Mapping[str, Outcome], mailboxes: Sequence[str], rounds: int = 1) -> Outcome:
    """One outcome for several recipients; those without one were not tried, because nobody would have been served."""
    told = [outcomes.get(mailbox, Rejected("", "not tried after a refusal")) for mailbox in mailboxes]
    shares = {mailbox: _share(mailbox, outcome, rounds) for mailbox, outcome in zip(mailboxes, told, strict=True)}
    refused = {mailbox: share for mailbox, share in shares.items() if isinstance(share, Rejected)}
    doubtful = {mailbox: share for mailbox, share in shares.items() if isinstance(share, InDoubt)}
    sent = [outcome for outcome in told if isinstance(outcome, Sent)]
    if refused or doubtful:
        return Divided(refused, doubtful, next((each.provider_id for each in sent), ""))
    return sent[0]


def _share(mailbox: str, outcome: Outcome, rounds: int) -> Sent | Rejected | InDoubt:
    """The outcome for one recipient."""
    match outcome:
        case Sent() | Rejected() | InDoubt():
            return outcome
        case Divided(refused, doubtful, provider_id):
            return refused.get(mailbox) or doubtful.get(mailbox) or Sent(provider_id)
        case Refused(code, reason):
            return Rejected(code, f"{reason} (tried {'once' if rounds == 1 else f'{rounds} times'})")
        case Closed(code, reason):
            return Rejected(code, f"{reason} (not tried again)")
