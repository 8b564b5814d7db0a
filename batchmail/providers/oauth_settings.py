"""What a manifest says of OAuth 2.0."""

from dataclasses import dataclass

from batchmail.secret import Secret


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """What renews an access token: an app of the Developer Console, and a member's consent.

    `batchmail login` gets that consent, so the refresh token may be left out; then it is kept in `.batchmail/`.
    """

    client_id: str
    client_secret: Secret
    refresh_token: Secret | None = None
