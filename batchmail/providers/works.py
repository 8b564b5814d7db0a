"""LINE WORKS / NAVER WORKS: mail over WORKS API 2.0.

https://developers.worksmobile.com/en/docs/mail-create (the operation) and /en/docs/error-codes (its answers).
The pages leave much open; where a choice had to be made, the code says so.
"""

import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote, urlsplit

from batchmail.job import Bytes, TemplateText, Url
from batchmail.message import Address, Attachment, Message
from batchmail.outcome import Closed, InDoubt, Outcome, Rejected, Sent
from batchmail.providers.answer import excerpt, json_object, one_line, status_name
from batchmail.providers.base import Call, Capabilities, Feature, Files, Reply, Sender
from batchmail.providers.credential import Access, Credential, GivenToken, bearer
from batchmail.providers.status import NO_CODE, usual
from batchmail.rate import Rate, Unit
from batchmail.secret import Secret, SecretMissing

TITLE = "LINE WORKS / NAVER WORKS"
BASE_URL = Url("https://www.worksapis.com/v1.0")
AUTH_URL = Url("https://auth.worksmobile.com/oauth2/v2.0")
#: The English page's number; the Korean one says 25 MB, and the tenant's administrator sets it.
ATTACHMENT_LIMIT = Bytes(20_000_000)

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
class OAuthSettings:
    """What renews an access token: an app of the Developer Console, and a member's consent."""

    client_id: str
    client_secret: Secret
    refresh_token: Secret


@dataclass(frozen=True, slots=True)
class WorksSettings:
    """The manifest's settings. `plan` and `attachment_limit` are the tenant's own, and cannot be asked for."""

    user_id: str = "me"
    access_token: Secret | None = None
    oauth: OAuthSettings | None = field(default=None, metadata={"later": True})
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
    )


@dataclass(frozen=True, slots=True)
class WorksApi:
    """The operation `POST /users/{userId}/mail`."""

    base_url: str
    user_id: str

    def call(self, message: Message, files: Files) -> Call:
        """The request that sends a message."""
        return Call(
            method="POST",
            url=f"{self.base_url.rstrip('/')}/users/{quote(self.user_id, safe='')}/mail",
            headers={"Content-Type": "application/json"},
            body=_body(message, files),
        )

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        """What an answer means, by its status first: LIMIT_EXCEEDED, for one, is a code of 400 and of 403."""
        del message  # the answer is one for all recipients
        match reply.status:
            case HTTPStatus.UNAUTHORIZED:
                return _unauthorized(reply)
            case HTTPStatus.FORBIDDEN:
                return _forbidden(reply)
            case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
                return _nobody(reply)
            case status if status // 100 == 2 and "html" in reply.headers.get("content-type", ""):  # noqa: PLR2004
                # The API never answers with a page; a proxy or the login of a network does.
                return InDoubt("a web page answered in the provider's place: the mail may not have been taken")
            case status if status // 100 == 2:  # noqa: PLR2004  the class of successes
                # 202 is what is documented; a gateway that answers 200 or 204 has taken the mail as well.
                return Sent()
            case _:
                return usual(reply, *_said(reply))


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
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair has no UTF-8; a backslash escape of it is JSON, and the server's to judge.
    return text.encode("utf-8", "backslashreplace")


def _said(reply: Reply) -> tuple[str, str]:
    """The API's code and description, or what can be said in their place."""
    answer = json_object(reply.body)
    code = one_line(str(answer.get("code") or ""), 60)
    description = one_line(str(answer.get("description") or ""))
    status = f"the server answered {status_name(reply.status)}"
    if code:
        return code, description or status
    return f"{NO_CODE} {reply.status}", excerpt(reply.body) or status


def _unauthorized(reply: Reply) -> Closed:
    return Closed(
        *_said(reply),
        "The access token is wrong or has expired (they live 1 or 24 hours). Get a new one, put it where "
        "`provider.accessToken` points to, and run this command again.",
    )


def _forbidden(reply: Reply) -> Outcome:
    code, description = _said(reply)
    if code == "OUT_OF_RANGE":
        return Rejected(code, description)
    hint = (
        "The mailbox has used up what it may send (60 mails a minute, 20,000 recipients in 24 hours), and may stay "
        "closed for a day. Run this command again then."
        if code == "LIMIT_EXCEEDED"
        else "The token must come from a member's own login (service-account tokens may not send mail), with the scope "
        "`mail`, and `provider.userId` must be that member or `me`. Where other mails are taken, look at "
        "`securityLevel`: Restricted and Confidential mail may not leave the company."
    )
    return Closed(code, description, hint)


def _nobody(reply: Reply) -> Closed:
    """The address holds nothing of the message, so no other message would be taken either."""
    code, description = _said(reply)
    hint = (
        "`provider.userId` names nobody. Use a user ID, a login ID (an e-mail address), or `me`."
        if code.startswith("USER")
        else "Check `provider.userId` and `provider.baseUrl` (https://www.worksapis.com/v1.0)."
    )
    return Closed(code, description, hint)


class WorksProvider:
    """WORKS API 2.0 with a job's settings."""

    def __init__(self, settings: WorksSettings, credential: Credential | None = None) -> None:
        self.title = TITLE
        self.account = settings.user_id
        self.capabilities = capabilities(settings)
        self.record: TemplateText | None = None
        self.official = urlsplit(settings.base_url).hostname == urlsplit(BASE_URL).hostname
        self._settings = settings
        self._credential = credential or settings.access_token
        self._api = WorksApi(settings.base_url, settings.user_id)

    def adapt(self, message: Message) -> Message:
        """The message as it is."""
        return message

    def check_credentials(self) -> None:
        """Raises SecretMissing where there is no access token, BatchmailError where it is none."""
        self._access()

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A new connection. Raises what `check_credentials` raises."""
        from batchmail.providers.http import HttpSender, Timeouts  # noqa: PLC0415  planning does without the network

        return HttpSender(self._api, files, self._access(), self._tls, Timeouts(answer=timeout_seconds))

    def _access(self) -> Access:
        if self._credential is None:
            raise SecretMissing(
                "provider: there is no `accessToken`",
                "Name the place of the token in the manifest: `accessToken: {env: WORKS_ACCESS_TOKEN}`.",
            )
        return bearer(self._credential)

    def at(self, base_url: str, access_token: str) -> "WorksProvider":
        """The same provider, sending to an emulator instead."""
        return WorksProvider(replace(self._settings, base_url=Url(base_url)), GivenToken(access_token))

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One for all connections: it takes 40 ms to make."""
        from batchmail.providers.http import tls_context  # noqa: PLC0415  as in `open`

        return tls_context()


def build(settings: object) -> WorksProvider:
    """The provider for a job's settings. Raises TypeError where they are not WorksSettings."""
    if not isinstance(settings, WorksSettings):
        raise TypeError(f"WorksSettings expected, not {type(settings).__name__}")
    return WorksProvider(settings)
