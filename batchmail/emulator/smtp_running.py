"""An emulated mail server, running."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from batchmail.clock import Clock
from batchmail.emulator.faults import FaultSource
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.running import HELD_BYTES
from batchmail.emulator.smtp import MailSystem
from batchmail.emulator.smtp_connection import Tls
from batchmail.emulator.smtp_rules import SmtpRules
from batchmail.emulator.smtp_server import SmtpServer


@dataclass(frozen=True, slots=True)
class RunningSmtp:
    """What a client needs to know (`base_url`, `access_token`), and what it must not: the other side.

    The access token is taken for a password as well.
    """

    base_url: str
    access_token: str
    inbox: Inbox
    system: MailSystem
    server: SmtpServer


@contextmanager
def smtp_emulator(
    folder: Path | None = None,
    *,
    rules: SmtpRules | None = None,
    faults: FaultSource | None = None,
    clock: Clock | None = None,
    tls: Tls | None = None,
    port: int = 0,
) -> Iterator[RunningSmtp]:
    """A mail server on 127.0.0.1, until the context ends.

    With a `folder` the accepted mails are kept there, and in memory only the newest of them; without one all stay in
    memory. Without `tls` it speaks in the clear. Raises PortUnusable, and InboxUnwritable where the folder cannot be
    used, on entry or, where that happened on the way, at the end.
    """
    with Inbox(folder, None if folder is None else HELD_BYTES) as inbox:
        system = MailSystem(inbox, rules or SmtpRules(), clock)
        with SmtpServer(system, faults, clock, tls, port) as server:
            yield RunningSmtp(server.url, system.issue_token(), inbox, system, server)
