"""The seam of the providers: what one can express, how it is called, what its answer means."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self, runtime_checkable

from batchmail.finding import Finding
from batchmail.job import TemplateText
from batchmail.lookup import SentMail
from batchmail.message import Attachment, Message
from batchmail.outcome import Closed, Outcome, Refused
from batchmail.rate import Rate


class Feature(StrEnum):
    """What a message may ask of a provider; the value is the manifest's own word for it."""

    HTML = "contentType: html"
    FROM = "from"
    REPLY_TO = "replyTo"
    ALTERNATIVE = "text"
    CC = "cc"
    BCC = "bcc"
    USER_NAME = "userName"
    SAVE_SENT = "isSaveSentMail"
    SAVE_TRACKING = "isSaveTracking"
    SEND_SEPARATELY = "isSendSeparately"
    SECURITY_LEVEL = "securityLevel"
    ATTACHMENTS = "attachments"
    INLINE_IMAGES = "attachments with cid"
    RECIPIENT_NAMES = "names beside addresses"
    HEADERS = "headers"
    UNSUBSCRIBE = "listUnsubscribe"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, as data: the plan checks every message against it.

    Lengths count characters, sizes bytes; None stands for no known limit.
    `attachment_bytes` holds for all attachments of a message together, before Base64. `reserved_filenames`, in lower
    case, are the file names that mean something else to the provider; no file name may have any of
    `unfit_in_filenames`, nor, where `distinct_filenames`, be that of another attachment of the message.
    `converted` is what `Provider.adapt` turns into something else, as the manifest asked; `required` is what no message
    may lack. A subject over its limit is cut in silence where `subject_is_cut`, and cannot be sent elsewhere.
    Mail of a security level in `inside_levels` may not leave the company; `inside_domain`, in lower case, is the
    domain of the account, and empty where it is not known. `look_up` is how fast may be asked what the account has
    sent (see `LooksUp`); None where that cannot be asked.
    """

    features: frozenset[Feature]
    rates: tuple[Rate, ...] = ()
    subject_characters: int | None = None
    filename_characters: int | None = None
    attachment_bytes: int | None = None
    recipients_per_request: int | None = None
    reserved_filenames: frozenset[str] = frozenset()
    unfit_in_filenames: str = ""
    distinct_filenames: bool = False
    converted: frozenset[Feature] = frozenset()
    required: frozenset[Feature] = frozenset()
    subject_is_cut: bool = True
    inside_levels: frozenset[str] = frozenset()
    inside_domain: str = ""
    look_up: Rate | None = None

    def in_copies(self, *, separately: bool) -> bool:
        """Whether mail that is to be sent separately costs a request a recipient: the provider has no flag for it."""
        return separately and Feature.SEND_SEPARATELY not in self.features


class Files(Protocol):
    """The contents of attachments, each read and encoded once for many messages.

    Raises InputChanged where a file is no longer what was planned.
    """

    def content(self, attachment: Attachment) -> bytes:
        """The file's bytes."""
        ...

    def base64(self, attachment: Attachment) -> bytes:
        """The file's bytes in Base64, without line breaks."""
        ...

    def base64_lines(self, attachment: Attachment) -> bytes:
        """The file's bytes in Base64, in lines of 76 characters with CRLF between them (RFC 2045, section 6.8)."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. The body comes in pieces, so that large attachments are shared and never copied."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answered; header names in lower case.

    `complete` is False where the connection broke after the status: `body` is then what had arrived.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    complete: bool = True


class MailApi(Protocol):
    """All that a provider with an HTTP API writes: two pure functions."""

    def call(self, message: Message, files: Files) -> Call:
        """The request that sends a message."""
        ...

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        """What the answer to a message means."""
        ...


class NotHandedOver(Exception):
    """The program failed while it was certain that the provider had no whole mail; `cause` is the failure."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


#: Hands one prepared message over. Never raises for what the network or the provider does;
#: when it is cancelled, it raises CancelledError like everything else. Whatever else it raises (a bug) leaves the mail
#: in doubt, unless it is NotHandedOver.
Transmission = Callable[[], Awaitable[Outcome]]


class Sender(Protocol):
    """One connection to a provider, used for one message at a time, inside its context."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    def prepare(self, message: Message) -> Transmission:
        """Make a message ready, without a byte leaving: what can fail before the intent, fails here.

        Raises InputChanged where an attachment is no longer what was planned.
        """
        ...


@runtime_checkable
class GetsReady(Protocol):
    """A sender that needs more than a message: an access token, for example, that must be renewed every hour."""

    async def ready(self) -> None:
        """Get what the next transmission needs, before its intent. Why that cannot be had, the transmission tells."""
        ...


async def _is_ready() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Connection:
    """An open sender, and what it wants to do before an intent: asked once, as each time would take 10 µs."""

    prepare: Callable[[Message], Transmission]
    ready: Callable[[], Awaitable[None]]

    @staticmethod
    def of(sender: Sender) -> "Connection":
        """The connection of a sender."""
        return Connection(sender.prepare, sender.ready if isinstance(sender, GetsReady) else _is_ready)


class Provider(Protocol):
    """A provider with its settings: what the plan needs to know, and how to open connections."""

    #: How people call it, for example "LINE WORKS / NAVER WORKS".
    title: str
    #: As whom it sends, for example "me".
    account: str
    capabilities: Capabilities
    #: Whether it calls the vendor's own host, whose limits are known.
    official: bool
    #: The template of what a mail is attached to, for a provider that wants one.
    record: TemplateText | None

    def adapt(self, message: Message) -> Message:
        """The message as this provider can express it: unchanged, unless the settings allow a conversion.

        Raises BatchmailError where that cannot be done.
        """
        ...

    def check_credentials(self) -> None:
        """Look whether the credentials are there, without using them. Raises SecretMissing."""
        ...

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A new connection. Raises SecretMissing where the credentials are not there."""
        ...

    def at(self, base_url: str, access_token: str) -> "Provider":
        """The same provider, sending to an emulator instead."""
        ...


@runtime_checkable
class ChecksSecrets(Protocol):
    """A provider that can tell, without sending, which of its secrets are there and no good."""

    def secret_findings(self) -> Iterator[Finding]:
        """All of it in one pass, each at the setting that names the secret; what is not there is none of it."""
        ...


@dataclass(frozen=True, slots=True)
class SentPage:
    """Some mails that an account has sent, newest first; `cursor` leads to older ones, and is empty at the end.

    `now` is the provider's own time of the answer, None where it does not say.
    """

    mails: tuple[SentMail, ...]
    cursor: str = ""
    now: datetime | None = None


class SentFolder(Protocol):
    """A connection that asks what the account has sent, inside its context. Nothing here raises for the network."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def page(self, cursor: str) -> SentPage | Refused | Closed:
        """The next mails; the newest where the cursor is empty."""
        ...

    async def mail(self, identity: str) -> SentMail | Refused | Closed:
        """One mail, opened: all of it is known."""
        ...


@runtime_checkable
class LooksUp(Protocol):
    """A provider that can be asked what it has sent; its `Capabilities.look_up` says how often."""

    def sent_folder(self) -> SentFolder:
        """A new connection. Raises SecretMissing where the credentials are not there."""
        ...
