"""Pleasanter: mails that belong to a record, sent by the server's own mail system.

https://pleasanter.org/en/manual/api-email-send (the operation), and Implem.Pleasanter 1.5.3 for what the page leaves
open. The server answers before its mail system has: what that refuses nobody is told.
"""

import json
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal
from urllib.parse import quote, urlsplit

from batchmail.finding import Finding
from batchmail.job import TemplateText, Url
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import Outcome
from batchmail.providers.base import Call, Capabilities, Feature, Files, Reply, Sender
from batchmail.providers.credential import Access, FixedCredential, GivenToken, Token, checked
from batchmail.providers.kind import ProviderKind
from batchmail.providers.plain_text import as_text
from batchmail.providers.pleasanter_answer import outcome_of
from batchmail.providers.portable import Portable
from batchmail.providers.secret_check import unusable
from batchmail.rate import Rate
from batchmail.secret import Secret

TITLE = "Pleasanter"
#: The vendor's own service; most servers are a company's.
CLOUD = "pleasanter.net"

FEATURES = frozenset({Feature.FROM, Feature.CC, Feature.BCC, Feature.ATTACHMENTS, Feature.RECIPIENT_NAMES})
#: The column `Title` of the server's database; a longer subject ends in a crash.
SUBJECT_CHARACTERS = 1_024
#: A request may have 30,000,000 bytes (`MaxRequestBodySize`). So much is 29.3 MB in Base64, and leaves the text 0.6 MB.
ATTACHMENT_BYTES = 22_000_000

#: What ends a quoted name, or means somebody else: [User1] in it would be replaced by that user's address.
_IN_NAMES = str.maketrans('"\\[]<>', "'/()()") | dict.fromkeys([*range(32), 127], " ")


@dataclass(frozen=True, slots=True)
class PleasanterSettings:
    """The manifest's settings; `record_id` is a template over the row."""

    base_url: Url
    record_id: TemplateText
    api_key: Secret
    api_version: str = field(
        default="1.1", metadata={"takes": "a number such as 1.1", "pattern": r"[0-9]{1,3}(\.[0-9]{1,3})?"}
    )
    downgrade: Literal["none", "text"] = "none"


#: The rate is that of the server's optional throttle, `RateLimit.json`.
CAPABILITIES = Capabilities(
    features=FEATURES,
    rates=(Rate(10, 1.0),),
    subject_characters=SUBJECT_CHARACTERS,
    attachment_bytes=ATTACHMENT_BYTES,
    subject_is_cut=False,
)


def capabilities(settings: PleasanterSettings) -> Capabilities:
    """What the API can express, and what is converted as the settings allow."""
    return replace(CAPABILITIES, converted=frozenset({Feature.HTML} if settings.downgrade == "text" else ()))


@dataclass(frozen=True, slots=True)
class PleasanterApi:
    """The operation `POST /api/items/{recordId}/OutgoingMails/Send`; the key travels in the body."""

    base_url: str
    api_version: str
    api_key: str = field(repr=False)

    def call(self, message: Message, files: Files) -> Call:
        """The request that sends a message."""
        record = quote(message.record, safe="")
        return Call(
            method="POST",
            url=f"{self.base_url.rstrip('/')}/api/items/{record}/OutgoingMails/Send",
            # Nothing may follow: with `MimeTypeCheckOnApi` the server compares it letter by letter.
            headers={"Content-Type": "application/json"},
            body=self._body(message, files),
        )

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        """What an answer means."""
        del message  # the answer is one for all recipients
        return outcome_of(reply)

    def _body(self, message: Message, files: Files) -> tuple[bytes, ...]:
        """The request's JSON. Attachments are pieces of their own: the very objects that `files` keeps."""
        fields = _encoded(self._fields(message))
        if not message.attachments:
            return (fields,)
        pieces: list[bytes] = []
        before = fields.removesuffix(b"}") + b',"Attachments":['
        for attachment in message.attachments:
            opened = _encoded({"Name": attachment.filename, "ContentType": attachment.media_type}).removesuffix(b"}")
            pieces += [before + opened + b',"Base64":"', files.base64(attachment)]
            before = b'"},'
        return (*pieces, b'"}]}')

    def _fields(self, message: Message) -> dict[str, str | float]:
        """All fields but the attachments. `Body` is there even where it is empty: the server would put one in."""
        given: dict[str, str | float] = {
            "ApiVersion": float(self.api_version),
            "ApiKey": self.api_key,
            "From": _mailboxes([message.sender] if message.sender else ()),
            "To": _mailboxes(message.to),
            "Cc": _mailboxes(message.cc),
            "Bcc": _mailboxes(message.bcc),
            "Title": message.subject,
            "Body": message.body,
        }
        return {name: value for name, value in given.items() if value != "" or name in ("Title", "Body")}


def _mailboxes(addresses: Iterable[Address]) -> str:
    return ",".join(map(_mailbox, addresses))


def _mailbox(address: Address) -> str:
    """An address as the server reads it: within double quotes, which have no escape, nothing separates."""
    name = address.name.translate(_IN_NAMES).strip()
    return f'"{name}" <{address.mailbox}>' if name else address.mailbox


def _encoded(fields: dict[str, str | float] | dict[str, str]) -> bytes:
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair has no UTF-8; a backslash escape of it is JSON, and the server's to judge.
    return text.encode("utf-8", "backslashreplace")


class PleasanterProvider(Portable):
    """Pleasanter's mail API with a job's settings."""

    def __init__(self, settings: PleasanterSettings, token: Token | None = None) -> None:
        self.title = TITLE
        self.account = "the API key's user"
        self.capabilities = capabilities(settings)
        self.record: TemplateText | None = settings.record_id
        self.official = urlsplit(settings.base_url).hostname == CLOUD
        self._settings = settings
        self._token = token or settings.api_key

    def adapt(self, message: Message) -> Message:
        """The message as text where `downgrade: text` allows it, else as it is. Raises what `as_text` raises."""
        if self._settings.downgrade == "none" or message.content_type is ContentType.TEXT:
            return message
        return replace(message, body=as_text(message.body), content_type=ContentType.TEXT)

    def check_credentials(self) -> None:
        """Raises SecretMissing where there is no API key, SecretUnusable where it is none."""
        self._key()

    def secret_findings(self) -> Iterator[Finding]:
        """That the API key is there and is none."""
        return unusable(self._token, self._key)

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A new connection. Raises what `check_credentials` raises."""
        from batchmail.providers.http import HttpSender, Timeouts  # noqa: PLC0415  planning does without the network

        key = self._key()
        api = PleasanterApi(self._settings.base_url, self._settings.api_version, key)
        credential = FixedCredential(Access({}, (key,)))
        return HttpSender(api, files, credential, self._tls, Timeouts(answer=timeout_seconds))

    def at(self, base_url: str, access_token: str) -> "PleasanterProvider":
        """The same provider, sending to an emulator instead."""
        return PleasanterProvider(replace(self._settings, base_url=Url(base_url)), GivenToken(access_token))

    def _key(self) -> str:
        return checked(self._token, "API key", "key")

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        """One for all connections: it takes 40 ms to make."""
        from batchmail.providers.tls import tls_for  # noqa: PLC0415  as in `open`

        return tls_for(self._settings.base_url)


def build(settings: object) -> PleasanterProvider:
    """The provider for a job's settings. Raises TypeError where they are not PleasanterSettings."""
    if not isinstance(settings, PleasanterSettings):
        raise TypeError(f"PleasanterSettings expected, not {type(settings).__name__}")
    return PleasanterProvider(settings)


KIND = ProviderKind(
    "pleasanter", TITLE, PleasanterSettings, build, CAPABILITIES, converts={Feature.HTML: "downgrade: text"}
)
