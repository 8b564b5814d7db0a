"""An emulated mail server, and senders that hand mails over to it: in the clear, after STARTTLS, and inside TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from batchmail.emulator import Faults, RunningSmtp, SmtpRules, Tls, smtp_emulator
from batchmail.event_loop import LoopFactory
from batchmail.message import Address, Message
from batchmail.outcome import Outcome
from batchmail.providers.smtp import _written
from batchmail.providers.smtp_login import Login, Threshold
from batchmail.providers.smtp_sender import SmtpSender
from batchmail.providers.smtp_session import MailServer, open_session
from batchmail.providers.smtp_wire import SmtpTimeouts

if TYPE_CHECKING:
    from tests.providers.conftest import Contents

Security = Literal["none", "starttls", "tls"]
CERTIFICATE = Path(__file__).parent / "loopback.pem"
MESSAGE = Message(
    (Address("kim@example.com"),), "Invoice 7", "<p>Dear Kim</p>", sender=Address("billing@example.com"), identity="7"
)


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@dataclass
class MailDesk:
    """What goes out, and where it arrives; faults may be set at any time."""

    emulator: RunningSmtp
    faults: Faults
    files: Contents
    security: Security
    timeouts: SmtpTimeouts = field(default_factory=SmtpTimeouts)
    oauth: bool = False
    trusting: bool = True
    threshold: Threshold = field(default_factory=Threshold)
    loop: LoopFactory = asyncio.new_event_loop

    def sender(self, password: str | None = None) -> SmtpSender:
        tls = ssl.create_default_context(cafile=CERTIFICATE if self.trusting else None)
        login = Login("billing@example.com", password or self.emulator.access_token, oauth=self.oauth)
        server = MailServer("127.0.0.1", self.emulator.server.port, self.security, tls, login)
        write = partial(_written, account="", files=self.files, signer=None)
        return SmtpSender(write, partial(open_session, server, self.threshold, self.timeouts), self.timeouts)

    def send(self, *messages: Message, password: str | None = None) -> list[Outcome]:
        """Hand messages over, one after another, over one connection if that holds."""
        with asyncio.Runner(loop_factory=self.loop) as runner:
            return runner.run(self._send(messages or (MESSAGE,), password))

    async def _send(self, messages: tuple[Message, ...], password: str | None) -> list[Outcome]:
        async with self.sender(password) as sender:
            return [await sender.prepare(message)() for message in messages]

    def send_around(self, message: Message) -> tuple[Outcome, Outcome]:
        """A message, and another one once all faults are over, with the same sender."""
        with asyncio.Runner(loop_factory=self.loop) as runner:
            return runner.run(self._send_around(message))

    async def _send_around(self, message: Message) -> tuple[Outcome, Outcome]:
        async with self.sender() as sender:
            first = await sender.prepare(message)()
            self.faults.clear()
            return first, await sender.prepare(MESSAGE)()


@contextmanager
def mail_desk(
    files: Contents,
    security: Security = "none",
    rules: SmtpRules | None = None,
    loop: LoopFactory = asyncio.new_event_loop,
) -> Iterator[MailDesk]:
    """An emulated mail server; its certificate is trusted."""
    faults = Faults()
    tls = None if security == "none" else Tls(server_tls(), implicit=security == "tls")
    with smtp_emulator(rules=rules, faults=faults, tls=tls) as emulator:
        yield MailDesk(emulator, faults, files, security, loop=loop)


def to(*mailboxes: str) -> Message:
    """A message to several people."""
    return replace(MESSAGE, to=tuple(map(Address, mailboxes)))
