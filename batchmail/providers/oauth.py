"""OAuth 2.0: an access token that lives for an hour or a day, renewed in the midst of a run at the cost of no mail."""

import asyncio
from dataclasses import dataclass

from batchmail.clock import Clock
from batchmail.errors import BatchmailError
from batchmail.outcome import Closed, Refused
from batchmail.providers.credential import Access, GivenToken, bearer
from batchmail.providers.token_endpoint import TokenEndpoint
from batchmail.providers.token_lock import TokensBusy
from batchmail.providers.token_store import Tokens, TokenStore
from batchmail.secret import SecretMissing

#: A mail that was refused because of its token goes back into the queue: a new intent, a new request, the same attempt.
RENEWED = Refused(
    "token-expired", "the access token had expired", retry_after_seconds=0.0, attempt=False, strained=False
)


@dataclass(slots=True)
class _Held:
    """The token in use. `fresh` tells that it was renewed here, `proven` that the provider has taken it."""

    tokens: Tokens
    access: Access
    fresh: bool
    proven: bool = False


class OAuthCredential:
    """One credential for all connections of a run: whoever finds the token expired renews it, and the others wait.

    The work is done in a thread, which a cancelled run waits for: a refresh token that the provider has renewed is
    kept, whatever becomes of the run.
    """

    def __init__(self, endpoint: TokenEndpoint, store: TokenStore, clock: Clock) -> None:
        self._endpoint = endpoint
        self._store = store
        self._clock = clock
        self._held: _Held | None = None
        self._renewal: asyncio.Task[_Held | Refused | Closed] | None = None

    def check(self) -> None:
        """Look whether everything that it takes is there, without using it. Raises SecretMissing, TokensUnusable."""
        self._endpoint.client_secret.reveal()
        tokens = self._store.access()
        if tokens is not None:
            bearer(GivenToken(tokens.access))
        elif not self._store.refresh_token():
            raise SecretMissing("provider.oauth: nobody has signed in", f"Sign in: `{self._endpoint.login}`.")

    async def access(self) -> Access | Refused | Closed:
        """What lets the next request in, renewed where it is about to expire."""
        held = self._held
        if held is not None and not self._is_over(held.tokens):
            return held.access
        found = await self._found(held)
        return found.access if isinstance(found, _Held) else found

    def accepted(self, access: Access) -> None:
        """The provider has let a request in with it."""
        if self._held is not None and self._held.access is access:
            self._held.proven = True

    async def refused(self, access: Access, closed: Closed) -> Refused | Closed:
        """RENEWED where there is another token by now; otherwise why there is none."""
        held = self._held
        if held is None or held.access is not access:
            return RENEWED
        if held.fresh and not held.proven:
            return Closed(
                closed.code,
                f"the access token was renewed and is refused all the same: {closed.reason}",
                f"The consent no longer covers this mailbox. Sign in again as its member: `{self._endpoint.login}`.",
            )
        found = await self._found(held)
        return RENEWED if isinstance(found, _Held) else found

    async def _found(self, unwanted: _Held | None) -> _Held | Refused | Closed:
        """Another token than the unwanted one. Of all who ask at a time, the first has it looked for."""
        if self._renewal is None:
            self._renewal = asyncio.ensure_future(self._look(unwanted))
        return await asyncio.shield(self._renewal)

    async def _look(self, unwanted: _Held | None) -> _Held | Refused | Closed:
        try:
            found = await asyncio.to_thread(self._obtained, unwanted.tokens.access if unwanted else "")
            if isinstance(found, _Held):
                self._held = found
            return found
        finally:
            self._renewal = None

    def _obtained(self, unwanted: str) -> _Held | Refused | Closed:
        """Another access token, kept before anybody has it; blocking."""
        try:
            # Without the lock first: whose token is good has no need to write.
            return self._kept(unwanted) or self._renewed(unwanted)
        except TokensBusy:
            reason = "another batchmail has been renewing the access token for long"
            return Refused("token-busy", reason, reached=False)
        except BatchmailError as error:
            return Closed("credentials", error.message, error.hint)

    def _kept(self, unwanted: str) -> _Held | None:
        tokens = self._store.access()
        if tokens is None or tokens.access == unwanted or self._is_over(tokens):
            return None
        return _Held(tokens, bearer(GivenToken(tokens.access)), fresh=False)

    def _renewed(self, unwanted: str) -> _Held | Refused | Closed:
        with self._store.locked():
            if kept := self._kept(unwanted):
                return kept  # another process was quicker
            refresh = self._store.refresh_token()
            if not refresh:
                reason = "the access token has expired, and there is no refresh token"
                return Closed("not-signed-in", reason, f"Sign in: `{self._endpoint.login}`.")
            answer = self._endpoint.renewed(refresh)
            if not isinstance(answer, Tokens):
                return answer
            self._store.keep(answer)
            return _Held(answer, bearer(GivenToken(answer.access)), fresh=True)

    def _is_over(self, tokens: Tokens) -> bool:
        return tokens.usable_until is not None and tokens.usable_until <= self._clock.now().timestamp()
