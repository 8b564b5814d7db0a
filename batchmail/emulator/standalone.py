"""Emulators as servers of their own: each on its port, with a control side.

A further kind is a function from `Start` to a context with a `Standing`, and a line in `STANDALONE`. One that does not
speak HTTP takes a second port for its control side: `EmulatorServer((), door=start.door(control))`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType

from batchmail.emulator.access_switches import AddressLists, Members, token_operations
from batchmail.emulator.captured import CapturedMails
from batchmail.emulator.control import Control, Operation
from batchmail.emulator.exchange import Json
from batchmail.emulator.fault_script import FaultScript
from batchmail.emulator.glance import pleasanter_glance, smtp_glance, works_glance, works_v1_glance
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.pleasanter import NO_PAGE, PleasanterServer, PleasanterUser
from batchmail.emulator.pleasanter_rules import PleasanterRules
from batchmail.emulator.rule_switches import RuleSwitches
from batchmail.emulator.running import AUTH_PREFIX, HELD_BYTES, PREFIX
from batchmail.emulator.server import CONTROL_PATH, Door, EmulatorServer, PortUnusable
from batchmail.emulator.smtp import MailSystem
from batchmail.emulator.smtp_connection import OPERATIONS
from batchmail.emulator.smtp_rules import SmtpRules
from batchmail.emulator.smtp_server import SmtpServer
from batchmail.emulator.works import WorksTenant
from batchmail.emulator.works_auth import WorksAuth
from batchmail.emulator.works_request import is_address
from batchmail.emulator.works_rules import WorksRules
from batchmail.emulator.works_v1 import WorksV1Tenant, gateway_answer
from batchmail.emulator.works_v1_rules import GatewayRefusal, WorksV1Rules

HIGHEST_PORT = 65_535


class Ports:
    """Ports in a row from the first; 0 for each where that is 0, which takes any free one."""

    def __init__(self, first: int) -> None:
        self._ports = count(first) if first else None

    def take(self) -> int:
        """The next one. Raises PortUnusable behind the highest."""
        port = next(self._ports) if self._ports else 0
        if port > HIGHEST_PORT:
            raise PortUnusable(port, f"the highest port is {HIGHEST_PORT}")
        return port


@dataclass(frozen=True, slots=True)
class Start:
    """How an emulator is to be started.

    Without a `folder` the newest mails are kept in memory only. `limits` are those of the vendor, or none that make a
    sender wait; `account` is the sender's address or user id, `me` one that is made up.
    """

    ports: Ports
    folder: Path | None = None
    limits: bool = True
    account: str = "me"

    def inbox(self) -> Inbox:
        """An inbox of bounded size. Raises InboxUnwritable."""
        return Inbox(self.folder, HELD_BYTES)

    def door(self, control: Control) -> Door:
        """The next port."""
        return Door(self.ports.take(), control)


@dataclass(frozen=True, slots=True)
class Standing:
    """An emulator that runs: what to write under `provider:` in a manifest, and into the environment.

    `control_url` is where it is steered and looked into. Either of the `alternatives` can be written there instead.
    """

    kind: str
    control_url: str
    settings: Mapping[str, Json]
    environment: Mapping[str, str]
    alternatives: tuple[Mapping[str, Json], ...] = ()


StartUp = Callable[[Start], AbstractContextManager[Standing]]


def control_of(kind: str, inbox: Inbox, *operations: tuple[Operation, ...]) -> Control:
    """A control side with the inbox and whatever else a kind has."""
    mails = CapturedMails(inbox)

    def facts() -> dict[str, Json]:
        return {"kind": kind, "requests": inbox.requests, "accepted": inbox.accepted}

    return Control(facts, [each for group in (mails.operations(), *operations) for each in group])


@contextmanager
def _works(start: Start) -> Iterator[Standing]:
    with start.inbox() as inbox:
        tenant = WorksTenant(inbox, WorksRules() if start.limits else WorksRules.rehearsal(), account=start.account)
        auth = WorksAuth(tenant)
        endpoints = (*tenant.endpoints(PREFIX), *auth.endpoints(AUTH_PREFIX))
        faults = FaultScript([each.operation for each in endpoints], works_glance, lambda: inbox.requests)
        control = control_of(
            "works",
            inbox,
            faults.operations(),
            RuleSwitches(tenant).operations(),
            token_operations(tenant),
            AddressLists({"undeliverable": tenant.undeliverable}).operations(),
            RuleSwitches(auth, "auth-rules").operations(),
        )
        with EmulatorServer(endpoints, faults, door=start.door(control)) as server:
            yield _standing_works(server.url, tenant, auth)


def _standing_works(url: str, tenant: WorksTenant, auth: WorksAuth) -> Standing:
    settings: dict[str, Json] = {"kind": "works", "baseUrl": url + PREFIX}
    oauth: dict[str, Json] = {
        "clientId": auth.client_id,
        "clientSecret": {"env": "WORKS_CLIENT_SECRET"},
        "refreshToken": {"env": "WORKS_REFRESH_TOKEN"},
    }
    environment = {
        "WORKS_ACCESS_TOKEN": tenant.issue_token(),
        "WORKS_CLIENT_SECRET": auth.client_secret,
        "WORKS_REFRESH_TOKEN": auth.issue_refresh_token(),
    }
    return Standing(
        "works",
        url + CONTROL_PATH,
        {**settings, "accessToken": {"env": "WORKS_ACCESS_TOKEN"}},
        environment,
        ({**settings, "authUrl": url + AUTH_PREFIX, "oauth": oauth},),
    )


@contextmanager
def _works_v1(start: Start) -> Iterator[Standing]:
    with start.inbox() as inbox:
        rules = WorksV1Rules() if start.limits else WorksV1Rules.rehearsal()
        tenant = WorksV1Tenant(inbox, rules, account=start.account)
        lists = {"nonexistent": tenant.nonexistent, "dormant": tenant.dormant, "failing": tenant.failing}
        endpoints = tenant.endpoints()
        faults = FaultScript([each.operation for each in endpoints], works_v1_glance, lambda: inbox.requests)
        control = control_of(
            "works-v1",
            inbox,
            faults.operations(),
            RuleSwitches(tenant).operations(),
            token_operations(tenant),
            AddressLists(lists).operations(),
        )
        not_found = gateway_answer(GatewayRefusal(404, "001"))
        with EmulatorServer(endpoints, faults, not_found=not_found, door=start.door(control)) as server:
            yield _standing_v1(server.url, tenant)


def _standing_v1(url: str, tenant: WorksV1Tenant) -> Standing:
    settings: dict[str, Json] = {
        "kind": "works-v1",
        "baseUrl": url,
        "apiId": tenant.api_id,
        "consumerKey": {"env": "WORKS_CONSUMER_KEY"},
        "accessToken": {"env": "WORKS_V1_ACCESS_TOKEN"},
    }
    token, (key,) = tenant.issue_token(), tenant.consumer_keys
    environment = {"WORKS_CONSUMER_KEY": key, "WORKS_V1_ACCESS_TOKEN": token}
    return Standing("works-v1", url + CONTROL_PATH, settings, environment)


@contextmanager
def _pleasanter(start: Start) -> Iterator[Standing]:
    with start.inbox() as inbox:
        pleasanter = PleasanterServer(inbox, PleasanterRules() if start.limits else PleasanterRules.rehearsal())
        user = PleasanterUser(address=start.account) if is_address(start.account) else PleasanterUser()
        endpoints = pleasanter.endpoints()
        faults = FaultScript([each.operation for each in endpoints], pleasanter_glance, lambda: inbox.requests)
        control = control_of(
            "pleasanter",
            inbox,
            faults.operations(),
            RuleSwitches(pleasanter).operations(),
            token_operations(pleasanter),
            Members(pleasanter.members).operations(),
        )
        with EmulatorServer(endpoints, faults, not_found=NO_PAGE, door=start.door(control)) as server:
            settings: dict[str, Json] = {
                "kind": "pleasanter",
                "baseUrl": server.url,
                "apiKey": {"env": "PLEASANTER_API_KEY"},
            }
            environment = {"PLEASANTER_API_KEY": pleasanter.issue_key(user)}
            yield Standing("pleasanter", server.url + CONTROL_PATH, settings, environment)


@contextmanager
def _smtp(start: Start) -> Iterator[Standing]:
    with start.inbox() as inbox:
        system = MailSystem(inbox, SmtpRules() if start.limits else SmtpRules.rehearsal())
        lists = {"unknown": system.unknown, "full": system.full, "greylisted": system.greylisted}
        faults = FaultScript(OPERATIONS, smtp_glance, lambda: inbox.requests)
        control = control_of(
            "smtp",
            inbox,
            faults.operations(),
            RuleSwitches(system).operations(),
            token_operations(system),
            AddressLists({**lists, "senders": system.senders}).operations(),
        )
        with (
            EmulatorServer((), door=start.door(control)) as side,
            SmtpServer(system, faults, port=start.ports.take()) as server,
        ):
            settings: dict[str, Json] = {
                "kind": "smtp",
                "host": "127.0.0.1",
                "port": server.port,
                "security": "none",
                "username": start.account if is_address(start.account) else "me@emulator.example",
                "password": {"env": "SMTP_PASSWORD"},
            }
            yield Standing("smtp", side.url + CONTROL_PATH, settings, {"SMTP_PASSWORD": system.issue_token()})


#: By the provider's kind in the manifest, in the order of their ports.
STANDALONE: Mapping[str, StartUp] = MappingProxyType(
    {"works": _works, "works-v1": _works_v1, "pleasanter": _pleasanter, "smtp": _smtp}
)
