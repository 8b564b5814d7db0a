"""LINE WORKS / NAVER WORKS: mail over WORKS API 2.0.

https://developers.worksmobile.com/en/docs/mail-create (the operation) and /en/docs/error-codes (its answers).
The pages leave much open; where a choice had to be made, the code says so.
"""

import json
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

from batchmail.clock import Clock, SystemClock
from batchmail.finding import Finding
from batchmail.job import Bytes, TemplateText, Url
from batchmail.message import Address, Attachment, Message
from batchmail.outcome import Closed, Outcome, Refused
from batchmail.providers.allowance import with_allowance
from batchmail.providers.base import Call, Capabilities, Feature, Files, Reply, Sender, SentFolder
from batchmail.providers.consent import Consent
from batchmail.providers.credential import Credential, FixedCredential, GivenToken, Token, bearer
from batchmail.providers.kind import ProviderKind
from batchmail.providers.oauth_settings import OAuthSettings
from batchmail.providers.portable import Portable
from batchmail.providers.secret_check import unusable, unusable_tokens
from batchmail.providers.token_endpoint import TokenEndpoint
from batchmail.providers.token_store import TokenStore
from batchmail.providers.works_answer import outcome_of
from batchmail.providers.works_sent import WorksSent
from batchmail.rate import Rate, Unit
from batchmail.secret import Secret, SecretUnnamed

if TYPE_CHECKING:
    from batchmail.providers.oauth import OAuthCredential

TITLE = "LINE WORKS / NAVER WORKS"
BASE_URL = Url("https://www.worksapis.com/v1.0")
AUTH_URL = Url("https://auth.worksmobile.com/oauth2/v2.0")
#: What a token must be good for (/en/docs/mail).
SCOPE = "mail"
#: The English page's number; the Korean one says 25 MB, and the tenant's administrator sets it.
ATTACHMENT_LIMIT = Bytes(20_000_000)

#: help.worksmobile.com, "security setting": mail of these levels cannot go to addresses outside.
INSIDE_LEVELS = frozenset({"Restricted", "Confidential"})

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

FEATURES = frozenset(
    {
        Feature.HTML,
        Feature.CC,
        Feature.BCC,
        Feature.USER_NAME,
        Feature.SAVE_SENT,
        Feature.SAVE_TRACKING,
        Feature.SEND_SEPARATELY,
        Feature.SECURITY_LEVEL,
        Feature.ATTACHMENTS,
        Feature.INLINE_IMAGES,
    }
)


@dataclass(frozen=True, slots=True)
class WorksSettings:
    """The manifest's settings. `plan` and `attachment_limit` are the tenant's own, and cannot be asked for.

    With `oauth`, an `access_token` is used until it has expired, and then renewed.
    """

    user_id: str = "me"
    access_token: Secret | None = None
    oauth: OAuthSettings | None = None
    base_url: Url = BASE_URL
    auth_url: Url = AUTH_URL
    plan: Literal["paid", "free"] = "paid"
    attachment_limit: Bytes = ATTACHMENT_LIMIT


def capabilities(settings: WorksSettings) -> Capabilities:
    """What the API can express and how much it takes.

    The help pages count 500 *external* addresses a mail, 60 mails a minute and 20,000 recipients a day for a mailbox;
    whom a tenant calls external is not known here, so the 500 are kept for all.
    """
    calls = {"paid": 240, "free": 60}[settings.plan]
    return Capabilities(
        features=FEATURES,
        rates=(
            Rate(calls, 60.0, sustained=0.5),
            Rate(60, 60.0),
            Rate(20_000, 86_400.0, Unit.RECIPIENTS),
        ),
        subject_characters=180,
        filename_characters=250,
        attachment_bytes=settings.attachment_limit,
        recipients_per_request=500,
        inside_levels=INSIDE_LEVELS,
        inside_domain=settings.user_id.rpartition("@")[2].lower() if "@" in settings.user_id else "",
        # Each operation has a limit of its own; half of it, for it is the whole company's.
        look_up=Rate(calls // 2, 60.0),
    )


@dataclass(frozen=True)
class WorksApi:
    """The operation `POST /users/{userId}/mail`."""

    base_url: str
    user_id: str

    def call(self, message: Message, files: Files) -> Call:
        """The request that sends a message."""
        return Call(
            method="POST",
            url=self._url,
            headers={"Content-Type": "application/json"},
            body=_body(message, files),
        )

    @cached_property
    def _url(self) -> str:
        return f"{self.base_url.rstrip('/')}/users/{quote(self.user_id, safe='')}/mail"

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        """What an answer means."""
        del message  # the answer is one for all recipients
        return with_allowance(outcome_of(reply), reply)


def _body(message: Message, files: Files) -> tuple[bytes, ...]:
    """The request's JSON. Attachments are pieces of their own: the very objects that `files` keeps."""
    fields = _encoded(_fields(message))
    if not message.attachments:
        return (fields,)
    pieces: list[bytes] = []
    before = fields.removesuffix(b"}") + b',"attachments":['
    for attachment in message.attachments:
        opened = _encoded(_attachment_fields(attachment)).removesuffix(b"}")
        pieces += [before + opened + b',"data":"', files.base64(attachment)]
        before = b'"},'
    return (*pieces, b'"}]}')


def _fields(message: Message) -> dict[str, str | bool]:
    """All fields but the attachments. Optional texts may not be empty, so they are left out where they would be."""
    given: dict[str, str | bool] = {
        "to": _addresses(message.to),
        "cc": _addresses(message.cc),
        "bcc": _addresses(message.bcc),
        "subject": message.subject,
        "body": message.body,
        "contentType": message.content_type.value,
        "userName": message.user_name or "",
        "isSaveSentMail": message.save_sent,
        "isSaveTracking": message.save_tracking,
        "isSendSeparately": message.send_separately,
        # The default is left unsaid: an administrator may have closed the choice of levels.
        "securityLevel": "" if message.security_level == "General" else message.security_level,
    }
    required = ("to", "subject", "body")
    return {name: value for name, value in given.items() if value != "" or name in required}


def _attachment_fields(attachment: Attachment) -> dict[str, str | bool]:
    fields: dict[str, str | bool] = {"filename": attachment.filename, "fileType": attachment.media_type}
    return fields if attachment.cid is None else fields | {"cid": attachment.cid, "inline": True}


def _addresses(addresses: Iterable[Address]) -> str:
    return ";".join(address.mailbox for address in addresses)


def _encoded(fields: dict[str, str | bool]) -> bytes:
    text = _JSON.encode(fields)
    # Half a surrogate pair has no UTF-8; a backslash escape of it is JSON, and the server's to judge.
    return text.encode("utf-8", "backslashreplace")


class WorksProvider(Portable):
    """WORKS API 2.0 with a job's settings."""

    def __init__(self, settings: WorksSettings, token: Token | None = None, clock: Clock | None = None) -> None:
        self.title = TITLE
        self.account = settings.user_id
        self.capabilities = capabilities(settings)
        self.record: TemplateText | None = None
        self.official = urlsplit(settings.base_url).hostname == urlsplit(BASE_URL).hostname
        self._settings = settings
        self._token = token
        self._clock = clock or SystemClock()
        self._api = WorksApi(settings.base_url, settings.user_id)

    def adapt(self, message: Message) -> Message:
        """The message as it is."""
        return message

    def check_credentials(self) -> None:
        """Raises SecretMissing where there is no token, SecretUnusable where it is none, TokensUnusable."""
        if self._renewable is None:
            self._fixed()
        else:
            self._renewable.check()

    def secret_findings(self) -> Iterator[Finding]:
        """That a secret is there and no good, or that the tokens kept beside the manifest cannot be read."""
        token = self._token or self._settings.access_token
        yield from unusable(token, lambda: bearer(token) if token else None)
        consent = None if self._token else consent_of(self._settings, self._clock)
        if consent is not None and self._settings.oauth is not None:
            oauth = self._settings.oauth
            yield from unusable(oauth.client_secret, oauth.client_secret.check)
            if oauth.refresh_token is not None:
                yield from unusable(oauth.refresh_token, oauth.refresh_token.check)
            yield from unusable_tokens(consent.store, oauth.client_secret.where)

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A new connection; with `oauth`, all share one token. Raises what `check_credentials` raises."""
        from batchmail.providers.http import HttpSender, Timeouts  # noqa: PLC0415  planning does without the network

        return HttpSender(self._api, files, self._credential(), self._tls, Timeouts(answer=timeout_seconds))

    def sent_folder(self) -> SentFolder:
        """A new connection that reads the account's Sent folder. Raises what `check_credentials` raises."""
        from batchmail.providers.http_reader import HttpReader  # noqa: PLC0415  as in `open`

        reader = HttpReader(self._credential(), self._tls)
        return WorksSent(reader, self._settings.base_url, self._settings.user_id)

    def _credential(self) -> Credential:
        return self._fixed() if self._renewable is None else self._renewable

    def _fixed(self) -> Credential:
        token = self._token or self._settings.access_token
        if token is None:
            raise SecretUnnamed(
                "provider: there is neither `accessToken` nor `oauth`",
                "Name the place of the token in the manifest: `accessToken: {env: WORKS_ACCESS_TOKEN}`, in a workbook "
                "in a row with `provider.accessToken.env` in column A and WORKS_ACCESS_TOKEN in column B.",
            )
        return FixedCredential(bearer(token))

    @cached_property
    def _renewable(self) -> "OAuthCredential | None":
        """One for all connections; None where nothing renews the token."""
        consent = None if self._token else consent_of(self._settings, self._clock)
        if consent is None:
            return None
        from batchmail.providers.oauth import OAuthCredential  # noqa: PLC0415  as in `open`

        return OAuthCredential(consent.endpoint, consent.store, self._clock)

    def at(self, base_url: str, access_token: str) -> "WorksProvider":
        """The same provider, sending to an emulator instead."""
        return WorksProvider(replace(self._settings, base_url=Url(base_url)), GivenToken(access_token))

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        """One for all connections: it takes 40 ms to make."""
        from batchmail.providers.tls import tls_for  # noqa: PLC0415  as in `open`

        return tls_for(self._settings.base_url)


def consent_of(settings: object, clock: Clock | None = None) -> Consent | None:
    """How a member's consent is got; None where the settings name no app to give it to."""
    if not isinstance(settings, WorksSettings) or settings.oauth is None:
        return None
    oauth = settings.oauth
    manifest = oauth.client_secret.where.path
    name = f"{settings.auth_url}\n{oauth.client_id}\n{settings.user_id}\n{_reference(oauth.refresh_token)}"
    store = TokenStore(manifest.parent / ".batchmail" / "tokens.json", name, oauth.refresh_token, settings.access_token)
    login = f"batchmail login {manifest.as_posix()}"
    endpoint = TokenEndpoint(
        settings.auth_url, oauth.client_id, oauth.client_secret, clock or SystemClock(), login, _post
    )
    return Consent(endpoint, store, SCOPE)


def _reference(secret: Secret | None) -> str:
    """A reference to a secret, the same from whatever folder the program is started."""
    if secret is None:
        return ""
    return f"{secret.scheme}:{Path(secret.name).resolve() if secret.scheme == 'file' else secret.name}"


def _post(url: str, fields: Mapping[str, str]) -> Reply | Refused | Closed:
    from batchmail.providers.http_form import post_form  # noqa: PLC0415  planning does without the network

    return post_form(url, fields)


def build(settings: object) -> WorksProvider:
    """The provider for a job's settings. Raises TypeError where they are not WorksSettings."""
    if not isinstance(settings, WorksSettings):
        raise TypeError(f"WorksSettings expected, not {type(settings).__name__}")
    return WorksProvider(settings)


KIND = ProviderKind("works", TITLE, WorksSettings, build, capabilities(WorksSettings()))
