"""A tenant on the bench: called without a network, with a clock that is moved by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from batchmail.emulator import AcceptedMail, Answer, Inbox, Incoming, WorksRules, WorksTenant
from batchmail.emulator.exchange import Endpoint

REQUESTS = Path(__file__).parent / "requests"
START = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)

#: Laws hold on slow machines too.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: The least that can be sent.
LEAST = {"to": "kim@works.example", "subject": "Hello"}


MAIL = "/users/{user}/mail"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look-up answers; `json` is its body, read."""

    answer: Answer
    json: dict[str, Any]


class ManualClock:
    """Time stands still until it is told to pass."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Bench:
    """A tenant with its inbox, and how to call it."""

    def __init__(self, rules: WorksRules | None = None, folder: Path | None = None) -> None:
        self.clock = ManualClock()
        self.inbox = Inbox(folder)
        self.tenant = WorksTenant(self.inbox, rules or WorksRules(), self.clock)
        self.token = self.tenant.issue_token()
        self._endpoints = {(each.method, each.path): each for each in self.tenant.endpoints("")}

    def send(
        self,
        body: bytes | Mapping[str, object] = LEAST,
        *,
        fields: Mapping[str, object] | None = None,
        user: str = "me",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`POST /users/{user}/mail`; `fields` are added to the body, `headers` replace the usual ones."""
        content = body if isinstance(body, bytes) else encoded({**body, **(fields or {})})
        endpoint = self._endpoints["POST", MAIL]
        incoming = self._incoming(endpoint, content, {"user": user})
        return endpoint.answer(incoming if headers is None else replace(incoming, headers=headers))

    def folders(self) -> Seen:
        """The list of folders."""
        return self.get(f"{MAIL}/mailfolders")

    def listing(self, folder: object, **query: object) -> Seen:
        """A page of a folder's list."""
        return self.get(f"{MAIL}/mailfolders/{{folder}}/children", query, folder=folder)

    def reading(self, mail: object, **query: object) -> Seen:
        """One mail."""
        return self.get(f"{MAIL}/{{mail}}", query, mail=mail)

    def get(self, path: str, query: Mapping[str, object] | None = None, **parameters: object) -> Seen:
        """What a GET answers."""
        asked = {name: str(value) for name, value in (query or {}).items()}
        named = {name: str(value) for name, value in parameters.items()}
        endpoint = self._endpoints["GET", path]
        answer = endpoint.answer(replace(self._incoming(endpoint, b"", {"user": "me", **named}), query=asked))
        return Seen(answer, json.loads(answer.body))

    @property
    def mail(self) -> AcceptedMail:
        """The only mail that was accepted."""
        (mail,) = self.inbox.mails
        return mail

    def _incoming(self, endpoint: Endpoint, body: bytes, parameters: Mapping[str, str]) -> Incoming:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        return Incoming(endpoint.operation, 1, endpoint.method, parameters, {}, headers, body)


def encoded(fields: Mapping[str, object]) -> bytes:
    """A request's body."""
    return json.dumps(fields, ensure_ascii=False).encode()


def refusal(answer: Answer) -> tuple[int, str]:
    """The status and code of a refusal, which has the documented shape and no other."""
    body = json.loads(answer.body)
    assert list(body) == ["code", "description"]
    assert body["description"]
    assert ("content-type", "application/json") in answer.headers
    return answer.status, body["code"]


def accepted(answer: Answer) -> bool:
    """Whether it is the one documented success: 202 with nothing in it."""
    return (answer.status, answer.body) == (202, b"")
