"""What lets a request in: an access token, revealed only when a connection is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from batchmail.errors import BatchmailError


class Credential(Protocol):
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
    """What is added to every request, and the secrets in it, which nothing that is shown may hold."""

    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def conceal(self, body: bytes) -> bytes:
        """A server's answer without the secrets: some echo the request in their error pages."""
        for secret in self.secrets:
            for spelt in (secret, secret.replace("/", "\\/")):
                body = body.replace(spelt.encode(), b"***")
        return body


def bearer(credential: Credential) -> Access:
    """The header of RFC 6750. Raises SecretMissing where the token is not there, BatchmailError where it is none."""
    token = checked(credential.reveal(), "access token", "token")
    return Access({"Authorization": f"Bearer {token}"}, (token,))


def checked(secret: str, name: str, kind: str) -> str:
    """A secret that can stand in a header. Raises BatchmailError where it cannot; `name` and `kind` say what it is."""
    if not all("!" <= character <= "~" for character in secret):
        # The secret itself stays out of the sentence, and out of the traceback that the HTTP library would give.
        raise BatchmailError(
            f"The {name} has blanks, line breaks or letters outside of ASCII: it is not a {kind}",
            f"Copy the {kind} again, alone: without `Bearer`, quotation marks or a second line.",
        )
    return secret
