"""An emulated WORKS tenant, running."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from batchmail.clock import Clock
from batchmail.emulator.faults import Faults
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.server import EmulatorServer
from batchmail.emulator.works import WorksTenant
from batchmail.emulator.works_auth import WorksAuth
from batchmail.emulator.works_auth_rules import WorksAuthRules
from batchmail.emulator.works_rules import WorksRules

#: Where the operations are, at the vendor too.
PREFIX = "/v1.0"
AUTH_PREFIX = "/oauth2/v2.0"

#: What is kept in memory of mails that are on the disk too; the inbox of a large rehearsal must not grow with it.
HELD_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class RunningWorks:
    """What a client needs to know (`base_url`, `access_token`, `auth_url`), and what it must not: the other side."""

    base_url: str
    access_token: str
    inbox: Inbox
    tenant: WorksTenant
    auth_url: str
    auth: WorksAuth


@contextmanager
def works_emulator(
    folder: Path | None = None,
    *,
    rules: WorksRules | None = None,
    faults: Faults | None = None,
    clock: Clock | None = None,
    account: str = "me",
    auth_rules: WorksAuthRules | None = None,
) -> Iterator[RunningWorks]:
    """WORKS API 2.0 and its authorization server on 127.0.0.1, until the context ends.

    With a `folder` the accepted mails are kept there, and in memory only the newest of them; without one all stay in
    memory. `account` is the user id or address that the access token belongs to. Raises InboxUnwritable where the
    folder cannot be used, on entry or, where that happened on the way, at the end.
    """
    with Inbox(folder, None if folder is None else HELD_BYTES) as inbox:
        tenant = WorksTenant(inbox, rules or WorksRules(), clock, account)
        auth = WorksAuth(tenant, auth_rules, clock)
        endpoints = (*tenant.endpoints(PREFIX), *auth.endpoints(AUTH_PREFIX))
        with EmulatorServer(endpoints, faults, clock) as server:
            yield RunningWorks(server.url + PREFIX, tenant.issue_token(), inbox, tenant, server.url + AUTH_PREFIX, auth)
