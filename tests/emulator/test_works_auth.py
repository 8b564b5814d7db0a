"""The emulated authorization server: what it gives, to whom, and for how long."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from batchmail.emulator import Answer, Inbox, Incoming, Refusal, WorksAuth, WorksAuthRules, WorksRules, WorksTenant
from batchmail.emulator.exchange import Endpoint
from batchmail.emulator.works_auth_rules import DAY
from tests.emulator.bench import LEAST, ManualClock

REDIRECT = "http://127.0.0.1:8734/callback"


class Console:
    """An app of the Developer Console with its server, called without a network."""

    def __init__(self, rules: WorksAuthRules | None = None) -> None:
        self.clock = ManualClock()
        self.tenant = WorksTenant(Inbox(), WorksRules(), self.clock)
        self.auth = WorksAuth(self.tenant, rules, self.clock)
        self._endpoints: dict[str, Endpoint] = {
            each.operation: each for each in (*self.auth.endpoints(""), *self.tenant.endpoints(""))
        }

    def authorize(self, **changes: str) -> Answer:
        query = {
            "client_id": self.auth.client_id,
            "redirect_uri": REDIRECT,
            "scope": "mail",
            "response_type": "code",
            "state": "s&1",
            **changes,
        }
        return self._call("oauth2-authorize", query={name: value for name, value in query.items() if value})

    def redirected(self, **changes: str) -> Mapping[str, str]:
        """What the authorize page leads back with."""
        answer = self.authorize(**changes)
        assert answer.status == 302
        location = dict(answer.headers)["location"]
        assert location.startswith(f"{REDIRECT}?")
        return dict(parse_qsl(urlsplit(location).query))

    def post(self, operation: str, **form: str) -> Answer:
        fields = {"client_id": self.auth.client_id, "client_secret": self.auth.client_secret, **form}
        return self._call(f"oauth2-{operation}", body=urlencode(fields).encode())

    def token(self, grant_type: str, **form: str) -> tuple[int, dict[str, Any]]:
        answer = self.post("token", grant_type=grant_type, **form)
        assert ("cache-control", "no-store") in answer.headers
        return answer.status, json.loads(answer.body)

    def given(self, grant_type: str, **form: str) -> dict[str, Any]:
        status, fields = self.token(grant_type, **form)
        assert status == 200, fields
        return fields

    def error(self, grant_type: str, **form: str) -> tuple[int, str]:
        status, fields = self.token(grant_type, **form)
        assert fields["error_description"]
        return status, fields["error"]

    def send(self, token: str) -> int:
        """The status that a mail with an access token is answered with."""
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        body = json.dumps(LEAST).encode()
        return self._call("mail-create", headers=headers, body=body, parameters={"user": "me"}).status

    def _call(self, operation: str, **given: Any) -> Answer:  # noqa: ANN401  the parts of a request
        endpoint = self._endpoints[operation]
        parts: dict[str, Any] = {"parameters": {}, "query": {}, "headers": {}, "body": b"", **given}
        return endpoint.answer(Incoming(operation, endpoint.arrived(), endpoint.method, **parts))


def test_a_code_becomes_tokens_that_send() -> None:
    console = Console()
    back = console.redirected()
    assert back["state"] == "s&1"
    given = console.given("authorization_code", code=back["code"], redirect_uri=REDIRECT)
    assert (given["token_type"], given["scope"], given["expires_in"]) == ("Bearer", "mail", "86400")
    assert console.send(given["access_token"]) == 202
    assert console.given("refresh_token", refresh_token=given["refresh_token"])


def test_a_code_works_once_and_for_ten_minutes_and_for_its_redirect_url() -> None:
    console = Console()
    once, late, elsewhere = (console.redirected()["code"] for _ in range(3))
    console.given("authorization_code", code=once)
    assert console.error("authorization_code", code=once) == (400, "invalid_grant")
    assert console.error("authorization_code", code=elsewhere, redirect_uri="http://127.0.0.1:1/") == (
        400,
        "invalid_grant",
    )
    console.clock.passed += 600
    assert console.error("authorization_code", code=late) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "mail board"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_what_is_asked_wrongly_leads_back_with_an_error(changes: dict[str, str], error: str) -> None:
    assert Console().redirected(**changes) == {"error": error, "state": "s&1"}


def test_a_person_may_say_no() -> None:
    assert Console(WorksAuthRules(consents=False)).redirected()["error"] == "access_denied"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "https://evil.example.com/"},
        {"redirect_uri": "http://127.0.0.1/\r\nx: y"},
        {"redirect_uri": ""},
    ],
)
def test_nobody_is_led_to_where_the_app_is_not(changes: dict[str, str]) -> None:
    assert Console().authorize(**changes).status == 400


def test_a_registered_redirect_url_is_compared_letter_by_letter() -> None:
    console = Console(WorksAuthRules(redirect_uris=frozenset({"http://127.0.0.1:1/callback"})))
    assert console.authorize().status == 400
    assert console.authorize(redirect_uri="http://127.0.0.1:1/callback").status == 302


def test_with_rotation_a_refresh_token_works_once() -> None:
    console = Console()
    first = console.auth.issue_refresh_token()
    second = console.given("refresh_token", refresh_token=first)["refresh_token"]
    assert console.error("refresh_token", refresh_token=first) == (400, "invalid_grant")
    assert console.given("refresh_token", refresh_token=second)["refresh_token"] not in (first, second)
    assert console.auth.renewals == 2


def test_without_rotation_it_works_for_its_ninety_days() -> None:
    console = Console(WorksAuthRules(rotation=False, access_seconds=3600.0))
    token = console.auth.issue_refresh_token()
    assert "refresh_token" not in console.given("refresh_token", refresh_token=token)
    console.clock.passed += 90 * DAY - 1
    assert console.send(console.given("refresh_token", refresh_token=token)["access_token"]) == 202
    console.clock.passed += 1
    assert console.error("refresh_token", refresh_token=token) == (400, "invalid_grant")


@pytest.mark.parametrize(("form", "written"), [("string", "3600"), ("number", 3600)])
def test_an_access_token_lives_as_long_as_it_says(form: Any, written: object) -> None:  # noqa: ANN401  one of two words
    console = Console(WorksAuthRules(expires_in=form, access_seconds=3600.0))
    given = console.given("refresh_token", refresh_token=console.auth.issue_refresh_token())
    assert given["expires_in"] == written
    console.clock.passed += 3599
    assert console.send(given["access_token"]) == 202
    console.clock.passed += 1
    assert console.send(given["access_token"]) == 401


def test_errors_are_those_of_the_standard() -> None:
    console = Console()
    assert console.error("refresh_token", client_secret="wrong", refresh_token="x") == (401, "invalid_client")
    assert console.error("refresh_token") == (400, "invalid_request")
    assert console.error("refresh_token", refresh_token="x") == (400, "invalid_grant")
    assert console.error("password", username="kim") == (400, "unsupported_grant_type")
    strict = Console(WorksAuthRules(invalid_client_status=400))
    assert strict.error("refresh_token", client_id="x") == (400, "invalid_client")


def test_a_revoked_token_is_worth_nothing() -> None:
    console = Console()
    refresh, access = console.auth.issue_refresh_token(), console.tenant.issue_token()
    assert console.post("revoke", token=refresh, client_secret="wrong").status == 401
    assert [console.post("revoke", token=token).status for token in (refresh, access, "unknown")] == [200] * 3
    assert console.error("refresh_token", refresh_token=refresh) == (400, "invalid_grant")
    assert console.send(access) == 401


def assertion(**changes: object) -> str:
    claims = {"iss": "emulated-client", "sub": "a1b2.serviceaccount@works.example", "iat": 0, "exp": 0, **changes}
    parts = [{"alg": "RS256", "typ": "JWT"}, claims]
    return ".".join([*(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "sig"])


def test_a_service_account_gets_a_token_that_sends_no_mail() -> None:
    console = Console()
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    now = console.clock.now().timestamp()
    given = console.given(grant, assertion=assertion(iat=now, exp=now + 3600), scope="mail")
    refusal: Refusal = console.tenant.rules.service_account
    assert console.send(given["access_token"]) == refusal.status == 403
    for faulty in (
        assertion(iat=now, exp=now + 3601),
        assertion(iat=now - 60, exp=now),
        assertion(iat=now, exp=now + 60, iss="somebody"),
        assertion(iat=now, exp=now + 60, sub="kim@works.example"),
        assertion(iat="now", exp="later"),
        "no assertion",
        "a.b.c",
        "",
    ):
        assert console.error(grant, assertion=faulty) == (400, "invalid_grant")
