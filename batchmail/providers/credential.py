"""What lets a request in: a token that stays, or one that can be renewed on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from batchmail.errors import BatchmailError
from batchmail.outcome import Closed, Refused
from batchmail.secret import Secret, SecretUnusable


class Token(Protocol):
    """What gives an access token when it is asked for; a Secret is one."""

    def reveal(self) -> str:
        """The token. Raises SecretMissing where it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token at hand, as an emulator gives one out."""

    token: str = field(repr=False)

    def reveal(self) -> str:
        return self.token


@dataclass(frozen=True, slots=True)
class Access:
    """What is added to a request, and the secrets in it, which nothing that is shown may hold."""

    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    _spellings: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_spellings", _spellings(self.secrets))

    def conceal(self, body: bytes) -> bytes:
        """What a server says, without the secrets: error pages may echo the request, a redirect may carry a token."""
        return _without(body, self._spellings)


class Credential(Protocol):
    """What all connections to a provider are let in with. Nothing here raises for what the network does."""

    async def access(self) -> Access | Refused | Closed:
        """What lets the next request in; otherwise why nothing does, before a byte of a mail has left."""
        ...

    def accepted(self, access: Access) -> None:
        """The provider has let a request in, whatever it thought of the mail."""
        ...

    async def refused(self, access: Access, closed: Closed) -> Refused | Closed:
        """What follows for a mail that the provider refused because of its access; `closed` is what it said."""
        ...


@dataclass(frozen=True, slots=True)
class FixedCredential:
    """An access that nothing renews."""

    fixed: Access

    async def access(self) -> Access:
        return self.fixed

    def accepted(self, access: Access) -> None:
        del access  # nothing follows from it

    async def refused(self, access: Access, closed: Closed) -> Closed:
        del access
        return closed


def bearer(token: Token) -> Access:
    """The header of RFC 6750. Raises SecretMissing where the token is not there, SecretUnusable where it is none."""
    value = checked(token, "access token", "token")
    return Access({"Authorization": f"Bearer {value}"}, (value,))


def checked(token: Token, name: str, kind: str) -> str:
    """A secret that can stand in a header; `name` and `kind` say what it is.

    Raises SecretMissing where it is not there, SecretUnusable where it cannot stand there.
    """
    secret = token.reveal()
    if not all("!" <= character <= "~" for character in secret):
        # The secret itself stays out of the sentence, and out of the traceback that the HTTP library would give.
        raise _unusable(
            token,
            f"the {name} has blanks, line breaks or letters outside of ASCII: it is not a {kind}",
            f"Copy the {kind} again, alone: without `Bearer`, quotation marks or a second line.",
        )
    return secret


def _unusable(token: Token, reason: str, hint: str) -> BatchmailError:
    if isinstance(token, Secret):
        return SecretUnusable(token.where, reason, hint)
    return BatchmailError(f"{reason[:1].upper()}{reason[1:]}", hint)


def _spellings(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    """How secrets stand in an answer: as they are, in JSON, in a form."""
    spelt = ((secret, secret.replace("/", "\\/"), quote(secret, safe="")) for secret in filter(None, secrets))
    return tuple(dict.fromkeys(spelling.encode() for each in spelt for spelling in each))


def concealed(body: bytes, secrets: tuple[str, ...]) -> bytes:
    """A text without the secrets in any of their spellings."""
    return _without(body, _spellings(secrets))


def _without(body: bytes, spellings: tuple[bytes, ...]) -> bytes:
    for spelling in spellings:
        body = body.replace(spelling, b"***")
    return body
