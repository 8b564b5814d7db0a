"""Renewed access tokens: one renewal for everybody, kept before it is used, and a clear word where there is none."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchmail.location import TextLocation
from batchmail.outcome import Closed, Refused
from batchmail.providers.base import Reply
from batchmail.providers.credential import Access
from batchmail.providers.oauth import RENEWED, OAuthCredential
from batchmail.providers.token_endpoint import TokenEndpoint
from batchmail.providers.token_store import TokenStore
from batchmail.secret import Secret, SecretMissing
from tests.drawer import Drawer

HOUR = 3_600.0
DENIED = Closed("UNAUTHORIZED", "the token is wrong", "Get a new one.")


class ManualClock:
    """Time stands still until it is moved."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_790_000_000 + self.passed, UTC)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


@dataclass
class Issuer:
    """A token endpoint that rotates refresh tokens: each is good once. `answers` come first, where there are any."""

    valid: str = "refresh-0"
    expires_in: object = HOUR
    rotates: bool = True
    answers: list[Reply | Refused | Closed] = field(default_factory=list)
    forms: list[Mapping[str, str]] = field(default_factory=list)
    issued: int = 0

    def post(self, url: str, fields: Mapping[str, str]) -> Reply | Refused | Closed:
        assert url == "https://auth.example.com/oauth2/v2.0/token"
        self.forms.append(fields)
        if self.answers:
            return self.answers.pop(0)
        if fields["refresh_token"] != self.valid:
            return reply(400, error="invalid_grant", error_description=f"{fields['refresh_token']} is spent")
        self.issued += 1
        answer: dict[str, object] = {"access_token": f"access-{self.issued}", "expires_in": self.expires_in}
        if self.rotates:
            self.valid = f"refresh-{self.issued}"
            answer["refresh_token"] = self.valid
        return reply(200, **answer)


def reply(status: int, **fields: object) -> Reply:
    return Reply(status, {}, json.dumps(fields).encode())


class Desk:
    """A folder with a manifest, and the places where its secrets are."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.issuer = Issuer()
        self.refresh: Secret | None = self.secret("env", "REFRESH")
        self.given: Secret | None = None
        self._env = monkeypatch
        self.set("CLIENT_SECRET", "client-canary")
        self.set("REFRESH", "refresh-0")

    def set(self, name: str, value: str) -> None:
        self._env.setenv(name, value)

    def secret(self, scheme: str, name: str) -> Secret:
        where = TextLocation(self.folder / "job.yaml", 5, 3)
        return Secret("file", str(self.folder / name), where) if scheme == "file" else Secret("env", name, where)

    @property
    def tokens(self) -> Path:
        return self.folder / ".batchmail" / "tokens.json"

    def store(self, patience_seconds: float = 60.0) -> TokenStore:
        return TokenStore(self.tokens, "works", self.refresh, self.given, patience_seconds=patience_seconds)

    def credential(self, patience_seconds: float = 60.0) -> OAuthCredential:
        """What another process would have."""
        endpoint = TokenEndpoint(
            "https://auth.example.com/oauth2/v2.0/",
            "app",
            self.secret("env", "CLIENT_SECRET"),
            self.clock,
            "batchmail login job.yaml",
            self.issuer.post,
        )
        return OAuthCredential(endpoint, self.store(patience_seconds), self.clock)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def token(access: Access | Refused | Closed) -> str:
    assert isinstance(access, Access), access
    return access.headers["Authorization"].removeprefix("Bearer ")


def first(desk: Desk) -> str:
    """The token that a process begins with."""
    return token(asyncio.run(desk.credential().access()))


def closed(desk: Desk) -> Closed:
    """Why a process that begins gets no token."""
    outcome = asyncio.run(desk.credential().access())
    assert isinstance(outcome, Closed), outcome
    return outcome


def test_sixteen_connections_renew_once(desk: Desk) -> None:
    async def scenario() -> None:
        credential = desk.credential()
        begun = await asyncio.gather(*(credential.access() for _ in range(16)))
        assert {token(access) for access in begun} == {"access-1"}
        [access] = {id(each): each for each in begun if isinstance(each, Access)}.values()
        credential.accepted(access)
        outcomes = await asyncio.gather(*(credential.refused(access, DENIED) for _ in range(16)))
        assert outcomes == [RENEWED] * 16
        assert token(await credential.access()) == "access-2"
        assert await credential.refused(access, DENIED) == RENEWED  # a mail that was long on its way
        assert len(desk.issuer.forms) == 2

    asyncio.run(scenario())


def test_a_token_is_renewed_shortly_before_its_end(desk: Desk) -> None:
    async def scenario() -> None:
        credential = desk.credential()
        seen = []
        for passed in (0, HOUR - 61, HOUR - 60, HOUR):
            desk.clock.passed = passed
            seen.append(token(await credential.access()))
        assert seen == ["access-1", "access-1", "access-2", "access-2"]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("written", "life"),
    [("3600", HOUR), (3600, HOUR), (3600.0, HOUR), (" 86400 ", 24 * HOUR), ("3599.9", 3599.0), (100, 100.0)],
)
def test_the_end_may_be_written_as_a_text_or_a_number(desk: Desk, written: object, life: float) -> None:
    desk.issuer.expires_in = written
    assert first(desk) == "access-1"
    desk.clock.passed = life - min(60.0, life / 10) - 1
    assert first(desk) == "access-1"
    desk.clock.passed += 2
    assert first(desk) == "access-2"


@pytest.mark.parametrize("written", [None, "soon", 0, -1, "-5", True, [3600], "99999999999", "1e3", float("nan")])
def test_a_token_without_a_known_end_is_used_until_it_is_refused(desk: Desk, written: object) -> None:
    desk.issuer.expires_in = written
    assert first(desk) == "access-1"
    desk.clock.passed = 1e9
    assert first(desk) == "access-1"


def test_a_second_run_within_the_hour_needs_no_renewal(desk: Desk) -> None:
    assert (first(desk), first(desk)) == ("access-1", "access-1")
    assert len(desk.issuer.forms) == 1


def test_what_the_app_asks_is_what_the_provider_documents(desk: Desk) -> None:
    first(desk)
    assert desk.issuer.forms == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-0",
            "client_id": "app",
            "client_secret": "client-canary",
        }
    ]


def test_a_rotated_token_outlives_the_process(desk: Desk) -> None:
    for number in (1, 2, 3):
        assert first(desk) == f"access-{number}"
        desk.clock.passed += HOUR
    assert [form["refresh_token"] for form in desk.issuer.forms] == ["refresh-0", "refresh-1", "refresh-2"]
    if os.name == "posix":
        assert desk.tokens.stat().st_mode & 0o777 == 0o600
        assert desk.tokens.parent.stat().st_mode & 0o777 == 0o700


def test_a_new_token_in_the_variable_is_obeyed(desk: Desk) -> None:
    first(desk)
    desk.issuer.valid = "refresh-new"
    desk.set("REFRESH", "refresh-new")
    assert first(desk) == "access-2"
    assert desk.issuer.forms[-1]["refresh_token"] == "refresh-new"
    desk.clock.passed += HOUR
    assert first(desk) == "access-3"
    assert desk.issuer.forms[-1]["refresh_token"] == "refresh-2"


def test_a_rotated_token_goes_into_the_file_that_the_manifest_names(desk: Desk) -> None:
    path = desk.folder / "refresh.txt"
    path.write_text("refresh-0\n", encoding="utf-8")
    desk.refresh = desk.secret("file", "refresh.txt")
    assert (first(desk), first(desk)) == ("access-1", "access-1")
    assert path.read_text(encoding="utf-8") == "refresh-1\n"
    assert "refresh-1" not in desk.tokens.read_text(encoding="utf-8")
    path.write_text("refresh-other\n", encoding="utf-8")
    desk.issuer.valid = "refresh-other"
    assert first(desk) == "access-2"


def test_a_rotated_token_goes_into_the_keyring_and_no_other_into_a_file(desk: Desk) -> None:
    desk.refresh = Secret("keyring", "works/billing", TextLocation(desk.folder / "job.yaml", 5, 3))
    with Drawer.opened() as drawer:
        drawer.entries["works", "billing"] = "refresh-0"
        assert (first(desk), first(desk)) == ("access-1", "access-2")
        assert drawer.entries == {("works", "billing"): "refresh-2"}
        drawer.locked = True
        assert "KeyringLocked" in closed(desk).reason
    kept = desk.tokens.read_text(encoding="utf-8")
    assert not [token for token in ("access-1", "access-2", "refresh-1", "refresh-2") if token in kept]


def test_without_rotation_the_old_token_goes_on(desk: Desk) -> None:
    desk.issuer.rotates = False
    first(desk)
    desk.clock.passed += HOUR
    assert first(desk) == "access-2"
    assert {form["refresh_token"] for form in desk.issuer.forms} == {"refresh-0"}


def test_a_token_that_cannot_be_kept_is_never_used(desk: Desk) -> None:
    path = desk.folder / "secrets" / "refresh.txt"
    path.parent.mkdir()
    path.write_text("refresh-0\n", encoding="utf-8")
    desk.refresh = Secret("file", str(path), TextLocation(desk.folder / "job.yaml", 5, 3))
    issue = desk.issuer.post

    def post(url: str, fields: Mapping[str, str]) -> Reply | Refused | Closed:
        answer = issue(url, fields)
        path.unlink()
        path.mkdir()  # where a file cannot be put, on any system and for any user
        (path / "in the way").touch()
        return answer

    desk.issuer.post = post  # type: ignore[method-assign]  # the disk fails between the renewal and its keeping

    async def scenario() -> None:
        credential = desk.credential()
        outcome = await credential.access()
        assert isinstance(outcome, Closed)
        assert "refresh.txt" in outcome.reason
        assert not isinstance(await credential.access(), Access)

    asyncio.run(scenario())
    assert not desk.tokens.exists() or "access-1" not in desk.tokens.read_text(encoding="utf-8")


def test_the_manifest_s_own_token_is_used_until_it_is_refused_and_never_again(desk: Desk) -> None:
    desk.given = desk.secret("env", "GIVEN")
    desk.set("GIVEN", "given-0")

    async def scenario() -> None:
        credential = desk.credential()
        access = await credential.access()
        assert token(access) == "given-0"
        assert isinstance(access, Access)
        assert await credential.refused(access, DENIED) == RENEWED
        assert token(await credential.access()) == "access-1"

    asyncio.run(scenario())
    assert first(desk) == "access-1"
    desk.set("GIVEN", "given-1")
    assert first(desk) == "given-1"
    assert len(desk.issuer.forms) == 1


def test_a_token_of_the_manifest_that_is_not_there_is_no_hindrance(desk: Desk) -> None:
    desk.given = desk.secret("env", "NOWHERE")
    assert first(desk) == "access-1"


def test_processes_that_share_a_file_renew_once(desk: Desk) -> None:
    """Each thread stands for a process: nothing is shared but the files."""
    gate = threading.Barrier(8)

    def process(_: int) -> str:
        credential = desk.credential()
        gate.wait()
        return token(asyncio.run(credential.access()))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(process, range(8))) == {"access-1"}
    assert len(desk.issuer.forms) == 1


def test_a_token_that_another_process_has_renewed_is_taken_over(desk: Desk) -> None:
    async def scenario() -> None:
        one, other = desk.credential(), desk.credential()
        old = [await one.access(), await other.access()]
        for credential, access in zip((one, other), old, strict=True):
            assert isinstance(access, Access)
            credential.accepted(access)
            assert await credential.refused(access, DENIED) == RENEWED
        assert [token(await each.access()) for each in (one, other)] == ["access-2", "access-2"]
        assert len(desk.issuer.forms) == 2

    asyncio.run(scenario())


def test_a_renewal_that_hangs_elsewhere_stops_no_run(desk: Desk) -> None:
    with desk.store().locked():
        outcome = asyncio.run(desk.credential(patience_seconds=0.0).access())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.reached) == ("token-busy", False)
    assert desk.issuer.forms == []


def test_a_new_token_that_is_refused_at_once_closes_the_run(desk: Desk) -> None:
    async def scenario() -> None:
        credential = desk.credential()
        access = await credential.access()
        assert isinstance(access, Access)
        outcome = await credential.refused(access, DENIED)
        assert isinstance(outcome, Closed)
        assert outcome.code == "UNAUTHORIZED"
        assert "`batchmail login job.yaml`" in outcome.hint

    asyncio.run(scenario())
    assert len(desk.issuer.forms) == 1


def test_a_renewal_goes_on_when_those_who_wait_for_it_are_cancelled(desk: Desk) -> None:
    begun, may_end = threading.Event(), threading.Event()
    issue = desk.issuer.post

    def post(url: str, fields: Mapping[str, str]) -> Reply | Refused | Closed:
        begun.set()
        may_end.wait()
        return issue(url, fields)

    desk.issuer.post = post  # type: ignore[method-assign]  # a slow endpoint

    async def scenario() -> None:
        waiting = asyncio.ensure_future(desk.credential().access())
        await asyncio.to_thread(begun.wait)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        may_end.set()

    asyncio.run(scenario())
    assert desk.store().refresh_token() == "refresh-1"


PASSING = [
    Refused("no-connection", "auth.example.com refused the connection", reached=False),
    reply(500),
    reply(503, error="temporarily_unavailable"),
    Reply(502, {}, b"<html>Bad gateway</html>"),
    reply(400, error="temporarily_unavailable"),
    Reply(429, {"retry-after": "7"}),
]


@pytest.mark.parametrize("answer", PASSING)
def test_an_endpoint_that_is_down_costs_no_attempt_and_is_asked_again(desk: Desk, answer: Reply | Refused) -> None:
    desk.issuer.answers = [answer]

    async def scenario() -> None:
        credential = desk.credential()
        outcome = await credential.access()
        assert isinstance(outcome, Refused)
        assert not outcome.reached
        waits = isinstance(answer, Reply) and answer.status == 429
        assert outcome.retry_after_seconds == (7.0 if waits else None)
        assert token(await credential.access()) == "access-1"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "code", "hint"),
    [
        (reply(400, error="invalid_grant", error_description="refresh-0 is spent"), "invalid_grant", "batchmail login"),
        (reply(401, error="invalid_client"), "invalid_client", "provider.oauth.clientSecret"),
        (reply(400, error="unauthorized_client"), "unauthorized_client", "provider.oauth.clientId"),
        (reply(400, error="invalid_scope"), "invalid_scope", "scope `mail`"),
        (reply(400, error="invalid_request"), "invalid_request", "provider.authUrl"),
        (Reply(404, {}, b"<html>Nothing</html>"), "HTTP 404", "provider.authUrl"),
        (Reply(302, {"location": "https://evil.example.com"}), "HTTP 302", "provider.authUrl"),
        (Reply(200, {}, b"<html>Log in to this network</html>"), "no-token", "login page"),
        (reply(200, access_token=["refresh-0"]), "no-token", "provider.authUrl"),
        (reply(200, access_token="two words"), "no-token", "provider.authUrl"),
        (reply(200, access_token="access-1", token_type="mac"), "no-token", "provider.authUrl"),
        (reply(400, error=["x\x1b[31m"], error_description={"a": "client-canary"}), "['x\\x1b[31m']", "authUrl"),
    ],
)
def test_what_another_try_cannot_mend_closes_the_run(desk: Desk, answer: Reply, code: str, hint: str) -> None:
    desk.issuer.answers = [answer]
    outcome = closed(desk)
    assert outcome.code == code
    assert hint in outcome.hint
    assert (outcome.code + outcome.reason).isprintable()
    assert not [secret for secret in ("client-canary", "refresh-0", "access-1") if secret in repr(outcome)]


def test_without_any_sign_in_the_command_for_it_is_told(desk: Desk) -> None:
    desk.set("REFRESH", "")
    with pytest.raises(SecretMissing, match="nobody has signed in") as caught:
        desk.credential().check()
    assert caught.value.hint == "Sign in: `batchmail login job.yaml`."
    assert closed(desk).code == "not-signed-in"
    desk.refresh = None
    assert closed(desk).code == "not-signed-in"
    desk.set("CLIENT_SECRET", "")
    with pytest.raises(SecretMissing, match="CLIENT_SECRET is not set"):
        desk.credential().check()


@pytest.mark.parametrize("content", ["not JSON", "[]", "\x00"])
def test_a_damaged_file_of_tokens_is_told(desk: Desk, content: str) -> None:
    first(desk)
    desk.tokens.write_text(content, encoding="utf-8")
    outcome = closed(desk)
    assert "tokens.json: the file of tokens is damaged" in outcome.reason
    assert "batchmail login" in outcome.hint


def test_what_others_keep_in_the_file_stays(desk: Desk) -> None:
    desk.tokens.parent.mkdir()
    desk.tokens.write_text('{"other": {"refresh": "theirs"}, "odd": 7}', encoding="utf-8")
    first(desk)
    kept = json.loads(desk.tokens.read_text(encoding="utf-8"))
    assert (kept["other"], kept["odd"], len(kept)) == ({"refresh": "theirs"}, 7, 3)


def test_nothing_that_is_shown_holds_a_secret(desk: Desk) -> None:
    async def scenario() -> None:
        credential = desk.credential()
        access = await credential.access()
        shown = [repr(each) for each in (credential, access, credential._held, desk.store().access(), desk.store())]
        assert not [text for text in shown if "access-1" in text or "canary" in text or "refresh-1" in text]

    asyncio.run(scenario())
