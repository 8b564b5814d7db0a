"""The authorization server of WORKS: codes, access tokens and refresh tokens for the members of a tenant.

developers.worksmobile.com/en/docs/auth-oauth and /en/docs/auth-jwt; errors as in RFC 6749, section 5.2. Nobody has to
log in: whoever opens the authorize page is the tenant's sender, and agrees or not as the rules say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from secrets import token_urlsafe
from urllib.parse import parse_qsl, urlencode, urlsplit

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.exchange import Answer, Endpoint, Incoming, Json, json_answer
from batchmail.emulator.works import WorksTenant, WorksUser
from batchmail.emulator.works_assertion import is_assertion
from batchmail.emulator.works_auth_rules import WorksAuthRules

#: Operations; the names begin alike, so that they are told from those of mail.
AUTHORIZE, TOKEN, REVOKE = "oauth2-authorize", "oauth2-token", "oauth2-revoke"

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_NOT_STORED = (("cache-control", "no-store"),)


class _Refused(Exception):
    """An error of RFC 6749."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.answer = json_answer(status, {"error": error, "error_description": description})


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code or a refresh token stands for."""

    user: WorksUser
    scope: str
    ends: float
    redirect_uri: str = ""


class WorksAuth:
    """An app of the Developer Console, and the server that gives it tokens. `renewals` counts refreshed tokens."""

    def __init__(self, tenant: WorksTenant, rules: WorksAuthRules | None = None, clock: Clock | None = None) -> None:
        self.rules = rules or WorksAuthRules()
        self.client_id = "emulated-client"
        self.client_secret = token_urlsafe(16)
        self.renewals = 0
        self._tenant = tenant
        self._clock = clock or SystemClock()
        self._codes: dict[str, _Grant] = {}
        self._refresh_tokens: dict[str, _Grant] = {}

    def issue_refresh_token(self, user: WorksUser | None = None, *, scope: str = "mail") -> str:
        """A new refresh token for a user, the sender unless another is named."""
        return self._issued(self._refresh_tokens, user or self._tenant.sender, scope, self.rules.refresh_seconds)

    def revoke_refresh_token(self, value: str) -> None:
        """Forget a refresh token, as when the member's password changes."""
        self._refresh_tokens.pop(value, None)

    def obey(self, rules: WorksAuthRules) -> None:
        """Follow other rules from now on; what was given out keeps the life that it was given."""
        self.rules = rules

    def endpoints(self, prefix: str) -> tuple[Endpoint, ...]:
        """The operations under a prefix such as `/oauth2/v2.0`."""

        def endpoint(operation: str, method: str, answer: Callable[[Incoming], Answer]) -> Endpoint:
            path = f"{prefix}/{operation.removeprefix('oauth2-')}"
            return Endpoint(operation, method, path, answer, count(1).__next__)

        return (
            endpoint(AUTHORIZE, "GET", self.authorize),
            endpoint(TOKEN, "POST", self.token),
            endpoint(REVOKE, "POST", self.revoke),
        )

    def authorize(self, incoming: Incoming) -> Answer:
        """`GET /authorize`: back to the app with a code; a page where it cannot be known that it is the app."""
        asked = incoming.query
        redirect_uri = asked.get("redirect_uri", "")
        if asked.get("client_id") != self.client_id or not self._is_registered(redirect_uri):
            page = b"<!doctype html><title>Error</title><p>Unknown client or redirect URL"
            return Answer(400, page, (("content-type", "text/html"),))
        scopes = frozenset(asked.get("scope", "").split())
        if asked.get("response_type") != "code":
            back = {"error": "unsupported_response_type"}
        elif not scopes or not scopes <= self.rules.scopes:
            back = {"error": "invalid_scope"}
        elif not self.rules.consents:
            back = {"error": "access_denied"}
        else:
            scope, seconds = asked["scope"], self.rules.code_seconds
            back = {"code": self._issued(self._codes, self._tenant.sender, scope, seconds, redirect_uri)}
        if "state" in asked:
            back["state"] = asked["state"]
        return Answer(302, b"", (("location", f"{redirect_uri}?{urlencode(back)}"),))

    def token(self, incoming: Incoming) -> Answer:
        """`POST /token`."""
        form = _form(incoming)
        grants: Mapping[str, Callable[[Mapping[str, str]], Answer]] = {
            "authorization_code": self._changed,
            "refresh_token": self._renewed,
            _JWT_BEARER: self._asserted,
        }
        try:
            self._authenticate(form)
            return grants.get(form.get("grant_type", ""), _unsupported)(form).with_headers(_NOT_STORED)
        except _Refused as refused:
            return refused.answer.with_headers(_NOT_STORED)

    def revoke(self, incoming: Incoming) -> Answer:
        """`POST /revoke`: of a token that nobody knows, too, it says that it is gone (RFC 7009)."""
        form = _form(incoming)
        try:
            self._authenticate(form)
        except _Refused as refused:
            return refused.answer
        value = form.get("token", "")
        self.revoke_refresh_token(value)
        self._tenant.revoke_token(value)
        return Answer(200)

    def _authenticate(self, form: Mapping[str, str]) -> None:
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            raise _Refused("invalid_client", "Unknown client, or wrong secret", self.rules.invalid_client_status)

    def _changed(self, form: Mapping[str, str]) -> Answer:
        grant = self._spent(self._codes, form.get("code"))
        if form.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
            raise _Refused("invalid_grant", "The redirect URL is another one")
        return self._answered(grant, self.issue_refresh_token(grant.user, scope=grant.scope))

    def _renewed(self, form: Mapping[str, str]) -> Answer:
        value = form.get("refresh_token")
        grant = self._spent(self._refresh_tokens, value)
        self.renewals += 1
        if self.rules.rotation:
            return self._answered(grant, self.issue_refresh_token(grant.user, scope=grant.scope))
        self._refresh_tokens[str(value)] = grant
        return self._answered(grant)

    def _asserted(self, form: Mapping[str, str]) -> Answer:
        if not is_assertion(form.get("assertion", ""), self.client_id, self._clock.now().timestamp()):
            raise _Refused("invalid_grant", "The assertion does not hold")
        grant = _Grant(self._tenant.sender, form.get("scope", ""), self._clock.monotonic())
        return self._answered(grant, service_account=True)

    def _answered(self, grant: _Grant, refresh_token: str = "", *, service_account: bool = False) -> Answer:
        seconds = self.rules.access_seconds
        access_token = self._tenant.issue_token(
            grant.user, scope=grant.scope, lifetime_seconds=seconds, service_account=service_account
        )
        fields: dict[str, Json] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": f"{seconds:.0f}" if self.rules.expires_in == "string" else round(seconds),
            "scope": grant.scope,
        }
        return json_answer(200, fields | ({"refresh_token": refresh_token} if refresh_token else {}))

    def _issued(
        self, grants: dict[str, _Grant], user: WorksUser, scope: str, seconds: float, redirect_uri: str = ""
    ) -> str:
        value = token_urlsafe(24)
        grants[value] = _Grant(user, scope, self._clock.monotonic() + seconds, redirect_uri)
        return value

    def _spent(self, grants: dict[str, _Grant], value: str | None) -> _Grant:
        if not value:
            raise _Refused("invalid_request", "The grant is missing")
        grant = grants.pop(value, None)
        if grant is None or grant.ends <= self._clock.monotonic():
            raise _Refused("invalid_grant", "The grant is unknown, spent, expired or revoked")
        return grant

    def _is_registered(self, redirect_uri: str) -> bool:
        if self.rules.redirect_uris is not None:
            return redirect_uri in self.rules.redirect_uris
        here = urlsplit(redirect_uri).hostname in ("127.0.0.1", "localhost", "::1")
        return here and redirect_uri.isascii() and redirect_uri.isprintable()


def _unsupported(form: Mapping[str, str]) -> Answer:
    raise _Refused("unsupported_grant_type", f"{form.get('grant_type', 'Nothing')} is no grant")


def _form(incoming: Incoming) -> Mapping[str, str]:
    return dict(parse_qsl(incoming.body.decode("latin-1"), keep_blank_values=True))
