"""SMTP: any mail server that takes mails for others (RFC 5321, and RFC 6409 for those of people)."""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import idna

from batchmail.errors import BatchmailError
from batchmail.finding import Finding
from batchmail.job import TemplateText
from batchmail.message import Address, Message
from batchmail.outcome import Rejected
from batchmail.providers.answer import one_line
from batchmail.providers.base import Capabilities, Feature, Files, Sender
from batchmail.providers.contradiction import Contradiction
from batchmail.providers.credential import GivenToken, Token
from batchmail.providers.dkim_signature import DkimSettings, DkimSigner, key_findings
from batchmail.providers.kind import ProviderKind
from batchmail.providers.mime import mail
from batchmail.providers.portable import Portable
from batchmail.providers.secret_check import unusable
from batchmail.secret import Secret

if TYPE_CHECKING:
    from batchmail.providers.smtp_login import Threshold
    from batchmail.providers.smtp_sender import Letter

TITLE = "SMTP"
FEATURES = frozenset(
    {
        Feature.HTML,
        Feature.FROM,
        Feature.REPLY_TO,
        Feature.ALTERNATIVE,
        Feature.CC,
        Feature.BCC,
        Feature.USER_NAME,
        Feature.ATTACHMENTS,
        Feature.INLINE_IMAGES,
        Feature.RECIPIENT_NAMES,
        Feature.HEADERS,
        Feature.UNSUBSCRIBE,
    }
)
#: Where servers listen (RFC 8314, section 7.3; RFC 6409, section 3.1).
PORTS = {"starttls": 587, "tls": 465, "none": 25}

#: What can stand in <> after MAIL and RCPT: an address has been checked before, this keeps commands what they are.
_MAILBOX = re.compile("[^\x00-\x20\x7f-\xa0\u2028\u2029<>@]+@[^\x00-\x20\x7f-\xa0\u2028\u2029<>@]+")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The manifest's settings. `port` None stands for the usual one; without a `username` nobody logs in."""

    host: str = field(metadata={"takes": "the name or address of a mail server", "pattern": r"[^\s/@,;<>\"']+"})
    port: int | None = field(default=None, metadata={"low": 1, "high": 65_535})
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    access_token: Secret | None = None
    dkim: DkimSettings | None = None


def capabilities(settings: SmtpSettings) -> Capabilities:
    """What can be expressed. How much a server takes is the server's own, and told by nobody before."""
    named = settings.username is not None and "@" in settings.username
    return Capabilities(
        features=FEATURES, required=frozenset() if named else frozenset({Feature.FROM}), subject_is_cut=False
    )


#: What holds where nobody logs in.
CAPABILITIES = capabilities(SmtpSettings("localhost"))


class SmtpProvider(Portable):
    """A mail server with a job's settings."""

    def __init__(self, settings: SmtpSettings, token: Token | None = None) -> None:
        self.title = TITLE
        self.account = settings.username or settings.host
        self.capabilities = capabilities(settings)
        self.record: TemplateText | None = None
        self.official = False
        self._settings = settings
        self._token = token or settings.access_token or settings.password

    def adapt(self, message: Message) -> Message:
        """The message as it is."""
        return message

    def check_credentials(self) -> None:
        """Raises SecretMissing where a secret is not there, BatchmailError where settings contradict each other."""
        _check(self._settings)
        if self._token:
            self._token.reveal()
        if self._settings.dkim:
            DkimSigner.of(self._settings.dkim)

    def secret_findings(self) -> Iterator[Finding]:
        """That a secret is there and no good: the one that logs in, or the key that signs."""
        if isinstance(self._token, Secret):
            yield from unusable(self._token, self._token.reveal)
        if self._settings.dkim:
            yield from key_findings(self._settings.dkim)

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A new connection. Raises what `check_credentials` raises."""
        from batchmail.providers.smtp_login import Login  # noqa: PLC0415  planning does without the network
        from batchmail.providers.smtp_sender import SmtpSender  # noqa: PLC0415  as above
        from batchmail.providers.smtp_session import MailServer, open_session  # noqa: PLC0415  as above
        from batchmail.providers.smtp_wire import SmtpTimeouts  # noqa: PLC0415  as above

        _check(self._settings)
        settings, login = self._settings, None
        if settings.username and self._token:
            login = Login(settings.username, self._token.reveal(), oauth=settings.access_token is not None)
        port = settings.port or PORTS[settings.security]
        server = MailServer(ascii_name(settings.host), port, settings.security, self._tls, login)
        timeouts = SmtpTimeouts(answer=timeout_seconds)
        write = partial(_written, account=settings.username or "", files=files, signer=self._signer)
        return SmtpSender(write, partial(open_session, server, self._threshold, timeouts), timeouts)

    def at(self, base_url: str, access_token: str) -> "SmtpProvider":
        """The same provider, sending to an emulator instead (`smtp://127.0.0.1:2525`), without the key that signs."""
        parts = urlsplit(base_url)
        settings = replace(self._settings, host=parts.hostname or "", port=parts.port, security="none", dkim=None)
        return SmtpProvider(settings, GivenToken(access_token) if self._token else None)

    @cached_property
    def _signer(self) -> DkimSigner | None:
        return DkimSigner.of(self._settings.dkim) if self._settings.dkim else None

    @cached_property
    def _threshold(self) -> "Threshold":
        from batchmail.providers.smtp_login import Threshold  # noqa: PLC0415  as in `open`

        return Threshold()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One for all connections: it takes 40 ms to make."""
        from batchmail.providers.tls import tls_context  # noqa: PLC0415  as in `open`

        return tls_context()


def _written(message: Message, *, account: str, files: Files, signer: DkimSigner | None) -> "Letter | Rejected":
    """A message as a mail in its envelope. Raises InputChanged."""
    from batchmail.providers.smtp_sender import Letter  # noqa: PLC0415  as in `open`

    sender = message.sender or Address(account)
    try:
        written = mail(message, sender, files)
    except ValueError as error:
        return Rejected("bad-address", one_line(str(error)))
    mailboxes = (sender.mailbox, *dict.fromkeys(address.mailbox for address in message.recipients))
    unfit = next((mailbox for mailbox in mailboxes if not _MAILBOX.fullmatch(mailbox)), None)
    if unfit is not None:
        return Rejected("bad-address", f"no server takes the address {one_line(unfit, 100)}")
    pieces = written.pieces(signer.signature(written) if signer else b"")
    utf8 = written.utf8 or not all(map(str.isascii, mailboxes))
    return Letter(mailboxes[0], mailboxes[1:], pieces, utf8)


def ascii_name(host: str) -> str:
    """A server's name, or an address, as the network knows it (IDNA 2008). Raises ValueError for what is neither."""
    host = host.removeprefix("[").removesuffix("]")
    return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")


def contradictions(settings: object) -> Iterator[Contradiction]:
    """A name that no server has, and a login that is not whole or would travel in the clear."""
    assert isinstance(settings, SmtpSettings)
    try:
        ascii_name(settings.host)
    except ValueError:
        yield Contradiction("host", f"`{settings.host}` cannot be the name of a server", "Check it for slips.")
    key = "accessToken" if settings.access_token else "password" if settings.password else ""
    if settings.access_token and settings.password:
        yield Contradiction(
            "accessToken", "there are both `password` and `accessToken`", "One is enough: take the other out."
        )
    if key and not settings.username:
        yield Contradiction(
            key,
            "there is a secret and no `username`",
            "Add `username`, which is the account's address at most servers, or take the secret out.",
            lacks=("username",),
        )
    if settings.username and not key:
        yield Contradiction(
            "username",
            f"the user {settings.username} has neither `password` nor `accessToken`",
            "Add one of them, or take `username` out where the server wants no login.",
            lacks=("password", "accessToken"),
        )
    if key and settings.security == "none" and not _is_loopback(settings.host):
        yield Contradiction(
            "security",
            f"the secret would travel in the clear to {settings.host}",
            "Use `security: starttls` or `tls`. Without encryption, nobody logs in but on this machine.",
        )


def _check(settings: SmtpSettings) -> None:
    """Raises BatchmailError for the first contradiction."""
    for found in contradictions(settings):
        raise BatchmailError(f"`provider.{found.key}`: {found.message}", found.hint)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def build(settings: object) -> SmtpProvider:
    """The provider for a job's settings. Raises TypeError where they are not SmtpSettings."""
    if not isinstance(settings, SmtpSettings):
        raise TypeError(f"SmtpSettings expected, not {type(settings).__name__}")
    return SmtpProvider(settings)


KIND = ProviderKind("smtp", TITLE, SmtpSettings, build, CAPABILITIES, contradictions=contradictions)
