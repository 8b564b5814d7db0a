"""An emulated Pleasanter, running."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from batchmail.clock import Clock
from batchmail.emulator.faults import Faults
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.pleasanter import NO_PAGE, PleasanterServer
from batchmail.emulator.pleasanter_rules import PleasanterRules
from batchmail.emulator.running import HELD_BYTES
from batchmail.emulator.server import EmulatorServer


@dataclass(frozen=True, slots=True)
class RunningPleasanter:
    """What a client needs to know (`base_url`; `access_token`, the API key), and what it must not: the other side."""

    base_url: str
    access_token: str
    inbox: Inbox
    server: PleasanterServer


@contextmanager
def pleasanter_emulator(
    folder: Path | None = None,
    *,
    rules: PleasanterRules | None = None,
    faults: Faults | None = None,
    clock: Clock | None = None,
) -> Iterator[RunningPleasanter]:
    """Pleasanter on 127.0.0.1, until the context ends.

    With a `folder` the accepted mails are kept there, and in memory only the newest of them; without one all stay in
    memory. Raises InboxUnwritable where the folder cannot be used, on entry or, where that happened on the way, at the
    end.
    """
    with Inbox(folder, None if folder is None else HELD_BYTES) as inbox:
        pleasanter = PleasanterServer(inbox, rules, clock)
        with EmulatorServer(pleasanter.endpoints(), faults, clock, NO_PAGE) as server:
            yield RunningPleasanter(server.url, pleasanter.issue_key(), inbox, pleasanter)
