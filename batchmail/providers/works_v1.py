"""LINE WORKS: mail over API 1.0, which came before WORKS API 2.0 and was announced to end on 30 April 2023.

developers.worksmobile.com/jp/document/1004004/v2 (the operation), /jp/document/3002003 (headers and the gateway).
The pages leave much open; where a choice had to be made, the code says so.
"""

import re
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from batchmail.finding import Finding
from batchmail.job import Bytes, TemplateText, Url
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import Outcome, Rejected
from batchmail.providers.base import Call, Capabilities, Feature, Files, Reply, Sender
from batchmail.providers.credential import Access, FixedCredential, GivenToken, Token, bearer, checked
from batchmail.providers.form import FormFile, form
from batchmail.providers.kind import ProviderKind
from batchmail.providers.portable import Portable
from batchmail.providers.secret_check import unusable
from batchmail.providers.works_v1_answer import by_recipient, refusal, said
from batchmail.rate import Rate
from batchmail.secret import Secret

TITLE = "LINE WORKS API 1.0"
BASE_URL = Url("https://apis.worksmobile.com")
#: The English and Korean pages' number; the Japanese one has none, and the tenant's administrator sets it.
ATTACHMENT_LIMIT = Bytes(20_000_000)

FEATURES = frozenset(
    {
        Feature.HTML,
        Feature.CC,
        Feature.BCC,
        Feature.USER_NAME,
        Feature.SAVE_SENT,
        Feature.SEND_SEPARATELY,
        Feature.ATTACHMENTS,
    }
)

#: The parts of a request that are no attachments.
FIELDS = ("to", "cc", "bcc", "subject", "text", "contentType", "userName", "saveSentMail", "sendSeparately")

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class WorksV1Settings:
    """The manifest's settings. `attachment_limit` is the tenant's own, and cannot be asked for."""

    api_id: str
    consumer_key: Secret
    access_token: Secret
    base_url: Url = BASE_URL
    attachment_limit: Bytes = ATTACHMENT_LIMIT


#: The pages give no rate. A tenant's depends on its plan, and 60 calls a minute is what the vendor's forum names for
#: the free one (forum.worksmobile.com/jp/posts/100157). An attachment's file name is the name of its part: one that is
#: also a field's would be taken for it, and how names with quotation marks or backslashes are read is not known.
CAPABILITIES = Capabilities(
    features=FEATURES,
    rates=(Rate(60, 60.0),),
    subject_characters=100,
    attachment_bytes=ATTACHMENT_LIMIT,
    reserved_filenames=frozenset(field.lower() for field in FIELDS),
    unfit_in_filenames='"\\',
    distinct_filenames=True,
)


def capabilities(settings: WorksV1Settings) -> Capabilities:
    """What the API can express and how much it takes, of this tenant."""
    return replace(CAPABILITIES, attachment_bytes=settings.attachment_limit)


@dataclass(frozen=True, slots=True)
class WorksV1Api:
    """The operation `POST /r/{API ID}/mail/v2/sendMail`."""

    base_url: str
    api_id: str
    attachment_limit: int

    def call(self, message: Message, files: Files) -> Call:
        """The request that sends a message."""
        attached = [FormFile(each.filename, each.media_type, files.content(each)) for each in message.attachments]
        filled = form(_texts(message), attached, message.content_digest())
        return Call(
            method="POST",
            url=f"{self.base_url.rstrip('/')}/r/{quote(self.api_id, safe='')}/mail/v2/sendMail",
            headers={"Content-Type": filled.content_type},
            body=filled.body,
        )

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        """What the answer to a message means."""
        match reply.status:
            case status if status // 100 == 2:  # noqa: PLR2004  the class of successes
                return by_recipient(reply, message)
            case HTTPStatus.INTERNAL_SERVER_ERROR if self._is_near_the_limit(message):
                return _too_large(reply, message) or refusal(reply)
            case _:
                return refusal(reply)

    def _is_near_the_limit(self, message: Message) -> bool:
        """Whether the provider may find the attachments too large: in Base64, they are a third larger."""
        return _attached_bytes(message) * 4 > self.attachment_limit * 3


def _too_large(reply: Reply, message: Message) -> Rejected | None:
    """The documented answer to attachments over the tenant's limit, which the same mail would meet again."""
    code, _ = said(reply)
    if code != "SYSTEM_ERROR":
        return None
    megabytes = _attached_bytes(message) / 1_000_000
    return Rejected(code, f"the provider answers so where attachments are too large; these have {megabytes:,.1f} MB")


def _attached_bytes(message: Message) -> int:
    return sum(attachment.size for attachment in message.attachments)


def _texts(message: Message) -> dict[str, str]:
    """All parts but the attachments. Optional texts are left out where they would be empty."""
    given = {
        "to": _addresses(message.to),
        "cc": _addresses(message.cc),
        "bcc": _addresses(message.bcc),
        "subject": message.subject,
        "text": _body(message),
        "contentType": message.content_type.value,
        "userName": message.user_name or "",
        "saveSentMail": _word(message.save_sent),
        "sendSeparately": _word(message.send_separately),
    }
    return {name: value for name, value in given.items() if value or name in ("to", "subject", "text")}


def _body(message: Message) -> str:
    """The body; plain text has CRLF at its line ends, as the page asks."""
    return _LINE_BREAK.sub("\r\n", message.body) if message.content_type is ContentType.TEXT else message.body


def _word(flag: bool) -> str:  # noqa: FBT001  the value itself
    return "true" if flag else "false"


def _addresses(addresses: Iterable[Address]) -> str:
    return ";".join(address.mailbox for address in addresses)


class WorksV1Provider(Portable):
    """LINE WORKS API 1.0 with a job's settings."""

    def __init__(self, settings: WorksV1Settings, token: Token | None = None) -> None:
        self.title = TITLE
        self.account = "me"
        self.capabilities = capabilities(settings)
        self.official = urlsplit(settings.base_url).hostname == urlsplit(BASE_URL).hostname
        self.record: TemplateText | None = None
        self._settings = settings
        self._token = token or settings.access_token
        self._key = token or settings.consumer_key
        self._api = WorksV1Api(settings.base_url, settings.api_id, settings.attachment_limit)

    def adapt(self, message: Message) -> Message:
        """The message as it is."""
        return message

    def check_credentials(self) -> None:
        """Raises SecretMissing where token or consumer key is not there, SecretUnusable where it is none."""
        self._access()

    def secret_findings(self) -> Iterator[Finding]:
        """That the token or the consumer key is there and is none."""
        yield from unusable(self._token, lambda: bearer(self._token))
        yield from unusable(self._key, lambda: checked(self._key, "consumer key", "consumer key"))

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A new connection. Raises what `check_credentials` raises."""
        from batchmail.providers.http import HttpSender, Timeouts  # noqa: PLC0415  planning does without the network

        credential = FixedCredential(self._access())
        return HttpSender(self._api, files, credential, self._tls, Timeouts(answer=timeout_seconds))

    def _access(self) -> Access:
        key = checked(self._key, "consumer key", "consumer key")
        member = bearer(self._token)
        return Access({**member.headers, "consumerKey": key}, (*member.secrets, key))

    def at(self, base_url: str, access_token: str) -> "WorksV1Provider":
        """The same provider, sending to an emulator instead, which takes its one token for the consumer key too."""
        return WorksV1Provider(replace(self._settings, base_url=Url(base_url)), GivenToken(access_token))

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        """One for all connections: it takes 40 ms to make."""
        from batchmail.providers.tls import tls_for  # noqa: PLC0415  as in `open`

        return tls_for(self._settings.base_url)


def build(settings: object) -> WorksV1Provider:
    """The provider for a job's settings. Raises TypeError where they are not WorksV1Settings."""
    if not isinstance(settings, WorksV1Settings):
        raise TypeError(f"WorksV1Settings expected, not {type(settings).__name__}")
    return WorksV1Provider(settings)


KIND = ProviderKind("works-v1", TITLE, WorksV1Settings, build, CAPABILITIES)
