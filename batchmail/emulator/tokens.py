"""Access tokens that end: by themselves, one by one, or all at a word."""

from secrets import token_urlsafe
from typing import Generic, TypeVar

from batchmail.clock import Clock

T = TypeVar("T")


class TokenHolder(Generic[T]):
    """The tokens that a tenant has given out, and what each of them grants."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, tuple[T, float]] = {}
        self._expired: dict[str, tuple[T, float]] = {}

    def revoke_token(self, value: str) -> None:
        """Forget a token; from now on it is refused, as one that has expired is."""
        self._tokens.pop(value, None)

    def expire_tokens(self) -> None:
        """From now on all tokens that there are count as expired."""
        self._expired |= self._tokens
        self._tokens = {}

    def restore_tokens(self) -> None:
        """Let the tokens in again that have been made to expire."""
        self._tokens |= self._expired
        self._expired = {}

    def _give_out(self, grant: T, lifetime_seconds: float) -> str:
        value = token_urlsafe(32)
        self._tokens[value] = (grant, self._clock.monotonic() + lifetime_seconds)
        return value

    def _granted(self, value: str) -> T | None:
        """What a token grants; None where there is no such one, or it has expired."""
        grant, expires = self._tokens.get(value, (None, 0.0))
        return grant if expires > self._clock.monotonic() else None
