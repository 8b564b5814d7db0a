"""Pigeon Post: an example of a provider in a package of its own. There is no such service.

`POST /letters` takes JSON (`to`, `subject`, `text`, `sender`) with a bearer token. A letter that was taken has a
number: 201 and `{"letter": "17"}`. Everything else comes as `{"error": "TOO_MANY", "reason": "…"}`.
"""

import json
import ssl
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from batchmail.emulation import Running
from batchmail.job import TemplateText, Url
from batchmail.message import Message
from batchmail.outcome import Closed, InDoubt, Outcome, Sent
from batchmail.providers.answer import excerpt, json_object, one_line, status_name
from batchmail.providers.base import Call, Capabilities, Feature, Files, Reply, Sender
from batchmail.providers.credential import FixedCredential, GivenToken, Token, bearer
from batchmail.providers.kind import ProviderKind
from batchmail.providers.status import usual
from batchmail.providers.tls import tls_context
from batchmail.rate import Rate
from batchmail.secret import Secret

TITLE = "Pigeon Post"
BASE_URL = Url("https://api.pigeon.example")

CAPABILITIES = Capabilities(
    features=frozenset({Feature.USER_NAME}),
    rates=(Rate(120, 60.0),),
    subject_characters=80,
    subject_is_cut=False,
    recipients_per_request=10,
)


@dataclass(frozen=True, slots=True)
class PigeonSettings:
    """The keys below `provider:` in the manifest: `accessToken` and `baseUrl`."""

    access_token: Secret
    base_url: Url = BASE_URL


@dataclass(frozen=True, slots=True)
class PigeonApi:
    """The operation `POST /letters`."""

    base_url: str

    def call(self, message: Message, files: Files) -> Call:
        """The request that sends a message."""
        del files  # pigeons carry none
        letter = {
            "to": [address.mailbox for address in message.to],
            "subject": message.subject,
            "text": message.body,
            "sender": message.user_name,
        }
        body = json.dumps(letter, ensure_ascii=False).encode("utf-8", "backslashreplace")
        return Call("POST", f"{self.base_url.rstrip('/')}/letters", {"Content-Type": "application/json"}, (body,))

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        """What the answer to a message means."""
        del message  # the answer is one for all recipients
        return meaning(reply)


def meaning(reply: Reply) -> Outcome:
    """What an answer proves."""
    told = json_object(reply.body)
    code = one_line(str(told.get("error") or f"HTTP {reply.status}"), 60)
    reason = one_line(str(told.get("reason") or excerpt(reply.body) or status_name(reply.status)))
    match reply.status:
        case HTTPStatus.CREATED:
            number = one_line(str(told.get("letter") or ""), 40)
            # A success without a number is no success of this API: a proxy may have answered in its place.
            return Sent(number) if number else InDoubt(f"the server names no letter: {reason}")
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Closed(code, reason, "Get a new token, and put it where `provider.accessToken` points to.")
        case _:
            return usual(reply, code, reason)


class PigeonProvider:
    """Pigeon Post with a job's settings."""

    def __init__(self, settings: PigeonSettings, token: Token | None = None) -> None:
        self.title = TITLE
        self.account = "the token's owner"
        self.capabilities = CAPABILITIES
        self.official = urlsplit(settings.base_url).hostname == urlsplit(BASE_URL).hostname
        self.record: TemplateText | None = None
        self._settings = settings
        self._token = token or settings.access_token

    def adapt(self, message: Message) -> Message:
        """The message as it is."""
        return message

    def check_credentials(self) -> None:
        """Raises SecretMissing where there is no access token, BatchmailError where it is none."""
        bearer(self._token)

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A new connection. Raises what `check_credentials` raises."""
        # Planning does without the network: it is imported when mails are about to be sent.
        from batchmail.providers.http import HttpSender, Timeouts  # noqa: PLC0415

        api, credential = PigeonApi(self._settings.base_url), FixedCredential(bearer(self._token))
        return HttpSender(api, files, credential, self._tls, Timeouts(answer=timeout_seconds))

    def at(self, base_url: str, access_token: str) -> "PigeonProvider":
        """The same provider, sending to an emulator instead."""
        return PigeonProvider(replace(self._settings, base_url=Url(base_url)), GivenToken(access_token))

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One for all connections: it takes 40 ms to make."""
        return tls_context()


def build(settings: object) -> PigeonProvider:
    """The provider for a job's settings. Raises TypeError where they are not PigeonSettings."""
    if not isinstance(settings, PigeonSettings):
        raise TypeError(f"PigeonSettings expected, not {type(settings).__name__}")
    return PigeonProvider(settings)


def rehearse(folder: Path, account: str) -> AbstractContextManager[Running]:
    """Pigeon Post on this machine, which keeps what it takes in a folder."""
    from batchmail_pigeon_emulator import pigeon_post  # noqa: PLC0415  only rehearsals need its server

    return pigeon_post(folder, account)


KIND = ProviderKind("pigeon", TITLE, PigeonSettings, build, CAPABILITIES, rehearsal=rehearse)
