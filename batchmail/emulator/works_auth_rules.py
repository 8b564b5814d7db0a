"""How the emulated authorization server of WORKS is set up: the Developer Console's switches, and guesses."""

from dataclasses import dataclass
from typing import Literal

MINUTE = 60.0
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class WorksAuthRules:
    """Switches of an app. † marks what the vendor's pages do not say."""

    #: An access token's life in seconds: the console offers one hour and one day (/en/docs/auth-oauth).
    access_seconds: float = DAY
    #: A code's life in seconds; it works once (same page).
    code_seconds: float = 10 * MINUTE
    #: A refresh token's life in seconds (same page).
    refresh_seconds: float = 90 * DAY
    #: Whether a renewal gives a new refresh token and ends the old one; a switch of the console since December 2024.
    rotation: bool = True
    #: `expires_in` as JSON has it: pages and clients know both (/en/docs/sso-sp-oauth-token, "String/Integer").
    expires_in: Literal["string", "number"] = "string"
    #: † The status of `invalid_client`; RFC 6749, section 5.2, allows both.
    invalid_client_status: Literal[400, 401] = 401
    #: Whether the person who is asked agrees.
    consents: bool = True
    #: The scopes that the app has.
    scopes: frozenset[str] = frozenset({"mail", "mail.read"})
    #: The registered redirect URLs; None for any on this machine.
    redirect_uris: frozenset[str] | None = None
