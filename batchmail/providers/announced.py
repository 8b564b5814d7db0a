"""The kinds of providers that a manifest may already name, and that cannot send yet: their settings."""

from dataclasses import dataclass
from typing import Literal

from batchmail.secret import Secret


@dataclass(frozen=True, slots=True)
class DkimSettings:
    """How mails are signed."""

    domain: str
    selector: str
    private_key: Secret


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail server."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    access_token: Secret | None = None
    dkim: DkimSettings | None = None


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """A folder that mails are written to instead of being sent."""

    directory: str = "outbox"
    format: Literal["eml", "mbox", "maildir"] = "eml"
