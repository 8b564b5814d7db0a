"""One connection to the emulated mail server. The home of aiosmtpd."""

import asyncio
import logging
import socket
import ssl
from base64 import b64decode
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import assert_never

from aiosmtpd.smtp import MISSING, SMTP, Envelope, Session, TLSSetupException

from batchmail.clock import Clock
from batchmail.emulator.exchange import Answer, Incoming
from batchmail.emulator.faults import Cut, Fault, FaultSource, HalfAnswer, Silence
from batchmail.emulator.smtp import MailSystem, Transaction

#: A mail that has arrived as a whole; its faults are those of requests to the other emulators.
SEND = "send"
#: What can go wrong before: the greeting, the commands, and the first bytes of a mail's content.
CONNECT, BODY = "connect", "body"
COMMANDS = ("EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT")
OPERATIONS = (SEND, CONNECT, *COMMANDS, BODY)

#: Access tokens are long, and stand in the command that brings them.
_LONGEST_LINE = 12_288
_CLOSING = b"421"
_GO_ON = b"354"
_YES = "250"
_FAILED = "451 4.3.0 The emulator failed"

# It warns of its own attributes, which would end up on stderr where no handler takes that.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificate of a mail server; `implicit` where TLS comes before the greeting (RFC 8314)."""

    context: ssl.SSLContext
    implicit: bool = False


@dataclass(slots=True)
class Premises:
    """What all connections of a server share; `failure` is the first thing that anything here raised."""

    system: MailSystem
    faults: FaultSource
    clock: Clock
    tls: Tls | None = None
    open: "set[Connection]" = field(default_factory=set)
    failure: Exception | None = None

    def fault(self, incoming: Incoming) -> Fault | None:
        """What goes wrong with something that a client says."""
        try:
            return self.faults.of(incoming)
        except Exception as error:  # noqa: BLE001  raised again when the server's context ends
            self.failure = self.failure or error
            return Fault(Answer(451, b"4.3.0 The emulator failed"))


class Connection(SMTP):
    """aiosmtpd's protocol, with faults, and with logins and mails in the hands of the mail system.

    An `Incoming` that faults are asked about has the connection's number (from 1) up to AUTH, the transaction's from
    MAIL on; `parameters` hold what stands beside the command, and the envelope.
    """

    line_length_limit = _LONGEST_LINE

    def __init__(self, premises: Premises, number: int) -> None:
        rules, tls = premises.system.rules, premises.tls
        starttls = tls.context if tls and not tls.implicit and rules.starttls else None
        self._premises = premises
        self._system = premises.system
        self._number = number
        self._mail = Transaction()
        self._greeted = False
        self._kept: list[bytes] | None = None
        self._content_follows = False
        super().__init__(
            self,
            hostname="emulator.invalid",
            ident="ESMTP",
            data_size_limit=rules.message_bytes,
            enable_SMTPUTF8=rules.smtputf8,
            tls_context=starttls,
            auth_require_tls=rules.login_needs_tls and not (tls and tls.implicit),
            auth_exclude_mechanism={"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"} - rules.logins,
            loop=asyncio.get_running_loop(),
        )
        self.command_size_limits = defaultdict(lambda: _LONGEST_LINE)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._premises.open.add(self)
        # asyncio does it where a socket tells its protocol, which accepted ones do not; each reply would take 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._premises.open.discard(self)

    def cut(self) -> None:
        """End the connection, whatever it is in the midst of."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if not self._content_follows:
            super().data_received(data)
            return
        self._content_follows = False
        fault = self._premises.fault(self._incoming(BODY, "", data))
        match fault.ending if fault else None:
            case None:
                super().data_received(data)
            case Answer() as answer:
                self._deafened()
                self._writer.write(_line(answer) + b"\r\n")
            case HalfAnswer() | Cut():
                self.cut()
            case Silence():
                self._deafened()
            case never:
                assert_never(never)

    async def push(self, status: str | bytes) -> None:
        line = status.encode() if isinstance(status, str) else status
        if not self._greeted:
            self._greeted = True
            await self._through_faults(CONNECT, "", lambda: self._say(line))
        elif self._kept is not None:
            self._kept.append(line)
        else:
            await self._say(line)

    async def handle_exception(self, error: Exception) -> str:
        if not isinstance(error, TLSSetupException):  # a client that does not trust the certificate, say
            self._premises.failure = self._premises.failure or error
        return _FAILED

    async def check_auth_needed(self, caller_method: str) -> bool:
        del caller_method
        needed = self._system.rules.login_required and not (self.session and self.session.authenticated)
        if needed:
            await self.push("530 5.7.0 Authentication required")
        return needed

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._through_faults("EHLO", hostname, lambda: super(Connection, self).smtp_EHLO(hostname))

    async def smtp_STARTTLS(self, arg: str) -> None:
        await self._through_faults("STARTTLS", arg, lambda: super(Connection, self).smtp_STARTTLS(arg))

    async def smtp_AUTH(self, arg: str) -> None:
        await self._through_faults("AUTH", arg, lambda: super(Connection, self).smtp_AUTH(arg))

    async def smtp_MAIL(self, arg: str | None) -> None:
        self._mail = Transaction(self._system.inbox.request_began())
        await self._through_faults("MAIL", arg, lambda: super(Connection, self).smtp_MAIL(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._through_faults("RCPT", arg, lambda: super(Connection, self).smtp_RCPT(arg))

    async def smtp_DATA(self, arg: str) -> None:
        await self._through_faults("DATA", arg, lambda: super(Connection, self).smtp_DATA(arg))

    async def smtp_RSET(self, arg: str) -> None:
        await self._through_faults("RSET", arg, lambda: super(Connection, self).smtp_RSET(arg))

    async def smtp_QUIT(self, arg: str) -> None:
        await self._through_faults("QUIT", arg, lambda: super(Connection, self).smtp_QUIT(arg))

    async def auth_CRAM__MD5(self, _: object, args: list[str]) -> None:
        """Offered; `handle_AUTH` does it."""

    async def auth_XOAUTH2(self, _: object, args: list[str]) -> None:
        """Offered; `handle_AUTH` does it."""

    async def handle_EHLO(
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        offered = ["250-PIPELINING"] if self._system.rules.pipelining else []
        return [*responses[:-1], *offered, responses[-1]]

    async def handle_AUTH(self, _: SMTP, session: Session, __: Envelope, args: list[str]) -> str | None:
        try:
            given = b64decode(args[1], validate=True) if len(args) > 1 else None
        except ValueError:
            return "501 5.5.2 Cannot decode Base64"
        verdict = await self._system.log_in(args[0], given, self._ask)
        session.authenticated = verdict is not None and verdict.startswith("235")
        return verdict

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        reply = self._system.mail(address)
        if reply.startswith(_YES):
            self._mail.sender = envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        del options
        reply = self._system.rcpt(address, len(envelope.rcpt_tos))
        if reply.startswith(_YES):
            envelope.rcpt_tos.append(address)
            self._mail.recipients.append(address)
        return reply

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self._content_follows = False
        fault = self._premises.fault(self._incoming(SEND, "", content))
        if fault is None:
            return self._system.accept(self._mail, content)
        reply = self._system.accept(self._mail, content) if fault.handled else None
        await self._wait(fault)
        if isinstance(fault.ending, Answer):
            return _line(fault.ending).decode("utf-8", "replace")
        if fault.ending is not None:
            await self._end(fault.ending)
        return reply or self._system.accept(self._mail, content)

    async def _through_faults(self, operation: str, argument: str | None, own: Callable[[], Awaitable[None]]) -> None:
        """The emulator's own answer to a command, or what was asked for in its place."""
        fault = self._premises.fault(self._incoming(operation, argument or "", b""))
        if fault is None:
            await own()
            return
        kept = await self._kept_back(own) if fault.handled else []
        await self._wait(fault)
        match fault.ending:
            case None if not fault.handled:
                await own()
            case None:
                for line in kept:
                    await self._say(line)
            case Answer() as answer:
                await self._say(_line(answer))
            case ending:
                await self._end(ending)

    async def _kept_back(self, own: Callable[[], Awaitable[None]]) -> list[bytes]:
        """What would have been said."""
        kept = self._kept = []
        try:
            await own()
        finally:
            self._kept = None
        return kept

    async def _wait(self, fault: Fault) -> None:
        if fault.wait_seconds:
            await self._premises.clock.sleep(fault.wait_seconds)

    async def _end(self, ending: HalfAnswer | Cut | Silence) -> None:
        """Never comes back: it waits until the client has gone, which cancels it."""
        match ending:
            case HalfAnswer(answer, kept):
                line = _line(answer) + b"\r\n"
                self._writer.write(line[: len(b"250 ") + kept])
                await self._writer.drain()
                if isinstance(self.transport, asyncio.WriteTransport):
                    self.transport.close()  # what has been written still goes out
            case Cut():
                self.cut()
            case Silence():
                pass
            case never:
                assert_never(never)
        await asyncio.Event().wait()

    async def _say(self, line: bytes) -> None:
        self._content_follows = line.startswith(_GO_ON)
        await super().push(line)
        if line.startswith(_CLOSING) and isinstance(self.transport, asyncio.WriteTransport):
            self.transport.close()

    async def _ask(self, question: str) -> bytes | None:
        answer = await self.challenge_auth(question)
        return None if answer is MISSING else bytes(answer)

    def _deafened(self) -> None:
        """Nothing more is read."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.ReadTransport):
            transport.pause_reading()

    def _incoming(self, operation: str, argument: str, body: bytes) -> Incoming:
        early = operation in (CONNECT, "EHLO", "STARTTLS", "AUTH")
        return Incoming(
            operation=operation,
            number=self._number if early else self._mail.number,
            method="POST" if operation == SEND else "",
            parameters={"argument": argument, "from": self._mail.sender, "to": ";".join(self._mail.recipients)},
            query={},
            headers={},
            body=body,
        )


def _line(answer: Answer) -> bytes:
    """An answer as a reply: its status is the code, its body the text."""
    return str(answer.status).encode("ascii") + b" " + answer.body
