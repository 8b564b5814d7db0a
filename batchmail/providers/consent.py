"""A person's consent: the authorization code flow of RFC 6749, section 4.1."""

from dataclasses import dataclass
from urllib.parse import urlencode

from batchmail.errors import BatchmailError
from batchmail.outcome import Closed
from batchmail.providers.token_endpoint import TokenEndpoint
from batchmail.providers.token_lock import TokensBusy
from batchmail.providers.token_store import Tokens, TokenStore


class ConsentFailed(BatchmailError):
    """No tokens came of it."""

    #: As for a provider that refuses the credentials of a run.
    exit_code = 4


@dataclass(frozen=True, slots=True)
class Consent:
    """How a job's provider is asked for a person's consent, and where the tokens go."""

    endpoint: TokenEndpoint
    store: TokenStore
    scope: str

    @property
    def place(self) -> str:
        """Where the refresh token is kept, in words."""
        return self.store.place

    def address(self, redirect_uri: str, state: str) -> str:
        """The page that asks the person; it leads back to `redirect_uri` with a code and the same `state`."""
        query = {
            "client_id": self.endpoint.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.scope,
            "response_type": "code",
            "state": state,
        }
        return f"{self.endpoint.auth_url.rstrip('/')}/authorize?{urlencode(query)}"

    def check(self) -> None:
        """Look whether the app's secret is there, before anybody is asked. Raises SecretMissing."""
        self.endpoint.client_secret.reveal()

    def complete(self, code: str, redirect_uri: str) -> Tokens:
        """Change a code for tokens, and keep them; blocking.

        Raises ConsentFailed, SecretMissing, SecretUnkept, TokensUnusable.
        """
        try:
            with self.store.locked():
                tokens = self.endpoint.exchanged(code, redirect_uri)
                if not isinstance(tokens, Tokens):
                    hint = tokens.hint if isinstance(tokens, Closed) else f"Begin again: `{self.endpoint.login}`."
                    raise ConsentFailed(f"The sign-in failed ({tokens.code}): {tokens.reason}", hint)
                if not tokens.refresh:
                    raise ConsentFailed(
                        "The sign-in failed: the provider gave no refresh token", f"Try: `{self.endpoint.login}`."
                    )
                self.store.keep(tokens)
        except TokensBusy:
            raise ConsentFailed(
                "The tokens are being renewed by another batchmail", f"Begin again: `{self.endpoint.login}`."
            ) from None
        return tokens
