"""An emulated tenant of LINE WORKS API 1.0, running."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from batchmail.clock import Clock
from batchmail.emulator.faults import Faults
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.running import HELD_BYTES
from batchmail.emulator.server import EmulatorServer
from batchmail.emulator.works_v1 import WorksV1Tenant, gateway_answer
from batchmail.emulator.works_v1_rules import GatewayRefusal, WorksV1Rules


@dataclass(frozen=True, slots=True)
class RunningWorksV1:
    """What a client needs to know (`base_url`, `access_token`), and what it must not: the other side.

    The access token is taken for the consumer key as well.
    """

    base_url: str
    access_token: str
    inbox: Inbox
    tenant: WorksV1Tenant


@contextmanager
def works_v1_emulator(
    folder: Path | None = None,
    *,
    rules: WorksV1Rules | None = None,
    faults: Faults | None = None,
    clock: Clock | None = None,
    account: str = "me",
) -> Iterator[RunningWorksV1]:
    """LINE WORKS API 1.0 on 127.0.0.1, until the context ends.

    With a `folder` the accepted mails are kept there, and in memory only the newest of them; without one all stay in
    memory. `account` is the sender's address. Raises InboxUnwritable where the folder cannot be used, on entry or,
    where that happened on the way, at the end.
    """
    with Inbox(folder, None if folder is None else HELD_BYTES) as inbox:
        tenant = WorksV1Tenant(inbox, rules or WorksV1Rules(), clock, account)
        not_found = gateway_answer(GatewayRefusal(404, "001"))
        with EmulatorServer(tenant.endpoints(), faults, clock, not_found) as server:
            token = tenant.issue_token()
            tenant.consumer_keys.add(token)
            yield RunningWorksV1(server.url, token, inbox, tenant)
