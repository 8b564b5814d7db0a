"""The token endpoint of OAuth 2.0 (RFC 6749), as an app of the Developer Console calls it.

https://developers.worksmobile.com/en/docs/auth-oauth: the app's secret travels in the form; nothing is said of PKCE.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from batchmail.clock import Clock
from batchmail.outcome import Closed, Refused
from batchmail.providers.base import Reply
from batchmail.providers.token_answer import read_answer
from batchmail.providers.token_store import Tokens
from batchmail.secret import Secret

#: Sends a form and brings the answer, or why there is none; blocking.
Post = Callable[[str, Mapping[str, str]], Reply | Refused | Closed]


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Where an app gets tokens; `login` is the command that gets a person's consent."""

    auth_url: str
    client_id: str
    client_secret: Secret
    clock: Clock
    login: str
    post: Post

    def renewed(self, refresh_token: str) -> Tokens | Refused | Closed:
        """A new access token, with a new refresh token where the app rotates them. Raises SecretMissing.

        Once the provider has renewed a refresh token, the old one may be worth nothing: an answer that is lost on its
        way, or a crash before the new token is kept, makes a new consent necessary.
        """
        hint = (
            f"Sign in again: `{self.login}`. A refresh token lives 90 days; it also ends when the member's password "
            "changes, or when another program renews it and keeps the new one to itself."
        )
        return self._asked({"grant_type": "refresh_token", "refresh_token": refresh_token}, hint)

    def exchanged(self, code: str, redirect_uri: str) -> Tokens | Refused | Closed:
        """The tokens for a code of the authorize page. Raises SecretMissing."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        hint = f"A code works once, for 10 minutes, and only as a whole. Begin again: `{self.login}`."
        return self._asked(fields, hint)

    def _asked(self, fields: Mapping[str, str], hint: str) -> Tokens | Refused | Closed:
        secret = self.client_secret.reveal()
        form = {**fields, "client_id": self.client_id, "client_secret": secret}
        secrets = (secret, *(form[name] for name in ("refresh_token", "code") if name in form))
        reply = self.post(f"{self.auth_url.rstrip('/')}/token", form)
        if not isinstance(reply, Reply):
            return reply
        return read_answer(reply, secrets, self.clock.now().timestamp(), hint)
