"""One request a recipient, for a provider that cannot send separately by itself: nobody sees another's address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from batchmail.message import Address, Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Sender, Transmission
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
class SeparateSender:
    """A connection that hands a message over once for each recipient, one after another."""

    sender: Sender

    async def __aenter__(self) -> Self:
        await self.sender.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.sender.__aexit__(*exc)

    def prepare(self, message: Message) -> Transmission:
        """All copies made ready. Raises InputChanged like the sender."""
        mailboxes = [address.mailbox for address in message.recipients]
        transmissions = [self.sender.prepare(copy) for copy in copies(message)]
        return partial(_transmit, tuple(zip(mailboxes, transmissions, strict=True)))


async def _transmit(copies: Sequence[tuple[str, Transmission]]) -> Outcome:
    """What became of all copies together.

    As long as nobody may have the mail, it can be tried again as a whole. From then on whoever is refused, if only for
    now, is told by name: tried again, the mail would reach the others twice.
    """
    outcomes: dict[str, Outcome] = {}
    for mailbox, transmission in copies:
        outcome = await transmission()
        if isinstance(outcome, Refused | Closed) and all(isinstance(each, Rejected) for each in outcomes.values()):
            return outcome
        outcomes[mailbox] = outcome
        if isinstance(outcome, Closed):
            break
    return together(outcomes, [mailbox for mailbox, _ in copies])


def together(outcomes: Mapping[str, Outcome], mailboxes: Sequence[str]) -> Outcome:
    """One outcome for several recipients; those without one were not tried, because nobody would have been served."""
    told = [outcomes.get(mailbox, Rejected("", "not tried after a refusal")) for mailbox in mailboxes]
    shares = {mailbox: _share(mailbox, outcome) for mailbox, outcome in zip(mailboxes, told, strict=True)}
    refused = {mailbox: share for mailbox, share in shares.items() if isinstance(share, Rejected)}
    doubtful = {mailbox: share for mailbox, share in shares.items() if isinstance(share, InDoubt)}
    if refused or doubtful:
        return Divided(refused, doubtful)
    return next(outcome for outcome in told if isinstance(outcome, Sent))


def _share(mailbox: str, outcome: Outcome) -> Sent | Rejected | InDoubt:
    """The outcome for one recipient."""
    match outcome:
        case Sent() | Rejected() | InDoubt():
            return outcome
        case Divided(refused, doubtful):
            return refused.get(mailbox) or doubtful.get(mailbox) or Sent()
        case Refused(code, reason) | Closed(code, reason):
            return Rejected(code, f"{reason} (not tried again, because others have got the mail)")
