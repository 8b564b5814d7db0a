"""The kinds of providers that a manifest may already name, and that cannot send yet: their settings."""

from dataclasses import dataclass
from typing import Literal

from batchmail.job import Bytes, Url
from batchmail.secret import Secret

_WORKS_V1_URL = Url("https://apis.worksmobile.com")
_ATTACHMENT_LIMIT = Bytes(20_000_000)


@dataclass(frozen=True, slots=True)
class WorksV1Settings:
    """LINE WORKS API 1.0."""

    api_id: str
    consumer_key: Secret
    access_token: Secret
    base_url: Url = _WORKS_V1_URL
    attachment_limit: Bytes = _ATTACHMENT_LIMIT


@dataclass(frozen=True, slots=True)
class PleasanterSettings:
    """Pleasanter's mail API; `record_id` is a template over the row."""

    base_url: Url
    record_id: str
    api_key: Secret
    api_version: str = "1.1"
    downgrade: Literal["none", "text"] = "none"


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
