"""Hands mails over to a mail server, one transaction each (RFC 5321, section 3.3).

What a failure means follows from how far the mail had come, never from the exception: nothing was taken as long as the
final dot of its content was not handed to the connection. From then on only a reply can tell; without one the mail is
in doubt.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from batchmail.message import Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import NotHandedOver, Transmission
from batchmail.providers.smtp_answer import (
    CLOSING,
    FAREWELL,
    SmtpReply,
    concluded,
    refused,
    refused_recipient,
    refused_recipients,
    refused_sender,
    rejected_recipients,
)
from batchmail.providers.smtp_group import GO_ON, Group
from batchmail.providers.smtp_session import Session, Unusable
from batchmail.providers.smtp_wire import Broken, Handover, SmtpTimeouts


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with its envelope, ready to go; `utf8` where an address in it is not ASCII."""

    sender: str
    recipients: tuple[str, ...]
    pieces: tuple[bytes, ...] = field(repr=False)
    utf8: bool

    @property
    def size(self) -> int:
        """Its bytes, as RFC 1870 counts them."""
        return sum(map(len, self.pieces))


#: What makes a message ready without a byte leaving: a letter, or why it cannot be one. Raises InputChanged.
Writer = Callable[[Message], Letter | Rejected]
#: Opens a connection that a mail can go over. Raises Unusable.
Opener = Callable[[], Awaitable[Session]]


class _Settled(Exception):
    """A transaction came to its end before the mail was handed over."""

    def __init__(self, outcome: Outcome, *, closing: bool = False) -> None:
        super().__init__()
        self.outcome = outcome
        self.closing = closing


class SmtpSender:
    """One connection to a mail server, opened for the first mail and used for all that follow.

    `ready` opens it before the mail's intent: a program that is ended while it logs in leaves no mail in doubt.
    """

    def __init__(self, write: Writer, connect: Opener, timeouts: SmtpTimeouts) -> None:
        self._write = write
        self._connect = connect
        self._timeouts = timeouts
        self._session: Session | None = None
        self._used = False
        self._open_transaction = False
        self._unusable: Unusable | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        session, self._session = self._session, None
        if session:
            await session.wire.close()

    def prepare(self, message: Message) -> Transmission:
        """Make a message ready, without a byte leaving. Raises InputChanged like the files."""
        return partial(self._transmit, self._write(message))

    async def ready(self) -> None:
        """A connection that has been logged in over; why there is none, the transmission tells."""
        self._unusable = None
        try:
            await self._connected()
        except Unusable as unusable:
            self._unusable = unusable

    async def _transmit(self, letter: Letter | Rejected) -> Outcome:
        if isinstance(letter, Rejected):
            return letter
        handover = Handover()
        try:
            return await self._transaction(letter, handover)
        except Unusable as unusable:
            return unusable.outcome
        except _Settled as settled:
            if settled.closing:
                await self._drop()
            return settled.outcome
        except TimeoutError:
            await self._drop()
            return self._stalled(handover)
        except Broken:
            await self._drop()
            return _broken(handover)
        except Exception as error:
            await self._drop()
            if handover.complete:
                raise
            raise NotHandedOver(error) from error
        except BaseException:
            await self._drop()
            raise

    async def _transaction(self, letter: Letter, handover: Handover) -> Outcome:
        session, group, reply = await self._begin(letter)
        try:
            self._admit(reply, letter)
            replies = await self._name_recipients(group, letter)
            reply = await group.reply()
            if reply.code != GO_ON:
                raise _refusal(reply, refused(reply))
        except _Settled as settled:
            settled.closing = settled.closing or not await group.given_up()
            raise
        answer = await session.wire.content(letter.pieces, handover)
        return await self._conclusion(session, answer, replies, handover)

    async def _begin(self, letter: Letter) -> tuple[Session, Group, SmtpReply]:
        """The reply to MAIL, over the connection at hand where it still works.

        Servers end connections that are idle, or were used for many mails. Nothing but the connection is lost then, so
        it is tried once more with a new one.
        """
        session = self._session
        if session is not None and self._used:
            group = _group(letter, session, reset=self._open_transaction)
            reply = await self._mail_again(group)
            if reply is not None and reply.code != CLOSING:
                return session, group, reply
            await self._drop()
        session = await self._connected()
        self._used = True
        group = _group(letter, session)
        return session, group, await group.reply()

    async def _connected(self) -> Session:
        """The connection at hand, unless it is known to have ended, or a new one. Raises Unusable."""
        unusable, self._unusable = self._unusable, None
        if unusable is not None:
            raise unusable
        if self._session is not None and not self._session.wire.usable:
            await self._drop()
        if self._session is None:
            self._session = await self._connect()
            self._used = False
        return self._session

    async def _mail_again(self, group: Group) -> SmtpReply | None:
        """The reply to MAIL over a connection that was used before; None where it is of no more use."""
        try:
            if self._open_transaction and (await group.reply()).kind != 2:  # noqa: PLR2004
                return None
            self._open_transaction = False
            return await group.reply()
        except (Broken, TimeoutError):
            return None

    def _admit(self, reply: SmtpReply, letter: Letter) -> None:
        if reply.kind != 2:  # noqa: PLR2004
            raise _refusal(reply, refused_sender(reply, letter.sender))
        self._open_transaction = True

    async def _name_recipients(self, group: Group, letter: Letter) -> Mapping[str, SmtpReply]:
        """The replies to RCPT, by mailbox."""
        replies: dict[str, SmtpReply] = {}
        for mailbox in letter.recipients:
            reply = replies[mailbox] = await group.reply()
            if reply.kind not in {2, 5}:
                raise _refusal(reply, refused_recipient(reply))
        if outcome := refused_recipients(replies):
            raise _Settled(outcome)
        return replies

    async def _conclusion(
        self, session: Session, answer: SmtpReply, replies: Mapping[str, SmtpReply], handover: Handover
    ) -> Outcome:
        self._open_transaction = False
        over = answer.kind not in {2, 4, 5} or answer.code in {CLOSING, FAREWELL}
        if over or not handover.complete or session.wire.muddled:
            await self._drop()
        outcome = concluded(answer) if handover.complete else _answered_early(answer)
        rejected = rejected_recipients(replies)
        return Divided(rejected, {}, outcome.provider_id) if rejected and isinstance(outcome, Sent) else outcome

    async def _drop(self) -> None:
        session, self._session = self._session, None
        self._open_transaction = False
        if session:
            await session.wire.abort()

    def _stalled(self, handover: Handover) -> Refused | InDoubt:
        if handover.complete:
            return InDoubt(f"no answer within {self._timeouts.answer:g} s")
        return Refused("connection-stalled", "the server stopped answering before it had the whole mail")


def _group(letter: Letter, session: Session, *, reset: bool = False) -> Group:
    """The commands that lead to a letter's content; `reset` ends a transaction before. Raises _Settled like `_mail`.

    A server may want an empty mail after it has refused the one recipient: nobody gets it. Of several, some could, so
    that DATA waits for all of their replies.
    """
    names = [f"RCPT TO:<{mailbox}>" for mailbox in letter.recipients]
    commands = [*["RSET"] * reset, _mail(letter, session), *names, "DATA"]
    together = 1 if not session.pipelining else len(commands) - (len(names) > 1)
    return Group(session.wire, commands, together)


def _mail(letter: Letter, session: Session) -> str:
    """The MAIL command. Raises _Settled where the server has said already that it will not take this mail."""
    limit = session.size_limit
    if limit is not None and letter.size > limit:
        reason = f"the mail has {letter.size:,} bytes; the server takes {limit:,}"
        raise _Settled(Rejected("too-large", reason))
    if letter.utf8 and not session.utf8:
        reason = "an address has letters outside of ASCII before its @, which the server does not take (no SMTPUTF8)"
        raise _Settled(Rejected("no-smtputf8", reason))
    size = f" SIZE={letter.size}" if "SIZE" in session.offers else ""
    return f"MAIL FROM:<{letter.sender}>{size}{' SMTPUTF8' if letter.utf8 else ''}"


def _refusal(reply: SmtpReply, outcome: Outcome) -> _Settled:
    """The end of a transaction; after a reply that announces it, or that refuses nothing, of the connection too.

    A server that answers DATA with 2yz may wait for the content all the same.
    """
    return _Settled(outcome, closing=reply.code == CLOSING or reply.kind not in {4, 5})


def _broken(handover: Handover) -> Refused | InDoubt:
    if handover.complete:
        return InDoubt("the connection broke after the mail was handed over")
    return Refused("connection-broken", "the server broke the connection before it had the whole mail")


def _answered_early(answer: SmtpReply) -> Outcome:
    """What an answer means that came before the server had the whole mail, and so cannot have taken it."""
    outcome = concluded(answer)
    match outcome:
        case Sent() | InDoubt():
            if answer.kind == 2:  # noqa: PLR2004
                return InDoubt(f"the server answered {answer.code} before it had the whole mail")
            return Refused("no-sense", "the server gave no readable answer before it had the whole mail")
        case Rejected() | Refused() | Closed() | Divided():
            return outcome
