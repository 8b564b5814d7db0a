"""A folder that mails are written to instead of being sent: to be looked at, imported or sent by another program.

Nothing is lost on the way: who gets a blind copy stands in the mail's own `Bcc`, as it does in drafts. Whatever sends
these mails later has to take that line out, as mail programs do.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, NoReturn, Self

from batchmail.job import Folder, TemplateText
from batchmail.message import Address, Message
from batchmail.outcome import Closed, Outcome, Sent
from batchmail.providers.answer import one_line
from batchmail.providers.base import Capabilities, Feature, Files, Sender, Transmission
from batchmail.providers.kind import ProviderKind
from batchmail.providers.mime import mail
from batchmail.providers.mime_head import address_line
from batchmail.providers.outbox_folder import EmlFolder, Entry, Maildir, Mbox, Store

TITLE = "Outbox folder"

FEATURES = frozenset(
    {
        *(Feature.HTML, Feature.FROM, Feature.REPLY_TO, Feature.ALTERNATIVE, Feature.CC, Feature.BCC),
        *(Feature.USER_NAME, Feature.ATTACHMENTS, Feature.INLINE_IMAGES, Feature.RECIPIENT_NAMES),
        *(Feature.HEADERS, Feature.UNSUBSCRIBE),
    }
)
#: Beside the manifest.
_DIRECTORY = Folder("outbox")

CAPABILITIES = Capabilities(FEATURES, required=frozenset({Feature.FROM}))


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """A folder that mails are written to instead of being sent."""

    directory: Folder = _DIRECTORY
    format: Literal["eml", "mbox", "maildir"] = "eml"


class OutboxProvider:
    """The folder with a job's settings."""

    def __init__(self, settings: OutboxSettings) -> None:
        self.title = TITLE
        self.account = "the sender of each mail"
        self.capabilities = CAPABILITIES
        self.official = False
        self.record: TemplateText | None = None
        self._settings = settings
        self._store = _store(settings)

    def __reduce__(self) -> NoReturn:
        """Several processes would write over each other."""
        raise TypeError("a folder has one writer")

    def adapt(self, message: Message) -> Message:
        """The message as it is."""
        return message

    def check_credentials(self) -> None:
        """There are none."""

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        """A way to the folder, which is made with the first mail."""
        del timeout_seconds  # a disk answers, or its system gives up
        return OutboxSender(self._store, files)

    def at(self, base_url: str, access_token: str) -> "OutboxProvider":
        """The same provider with another folder, whose path is `base_url`."""
        del access_token
        return OutboxProvider(replace(self._settings, directory=Folder(base_url)))


@dataclass(frozen=True, slots=True)
class OutboxSender:
    """Writes mails, each in a thread: it takes as long as the disk needs to have it for good."""

    store: Store
    files: Files

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    def prepare(self, message: Message) -> Transmission:
        """The mail in full. Raises InputChanged where an attachment is no longer what was planned."""
        # A plan lets no message without a sender through: there is nobody else to name.
        made = mail(message, message.sender or Address(""), self.files)
        blind = address_line("Bcc", message.bcc).encode("utf-8") if message.bcc else b""
        entry = Entry(message.identity, message.date, made.pieces(blind))
        return partial(_written, self.store, entry)


async def _written(store: Store, entry: Entry) -> Outcome:
    try:
        return Sent(await asyncio.to_thread(store.write, entry))
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        told = one_line(f"{store.folder.as_posix()} cannot be written to: {reason}")
        return Closed("outbox", told, "Look at the disk's space and the folder's rights, or name another `directory`.")


def _store(settings: OutboxSettings) -> Store:
    stores: dict[str, Callable[[Path], Store]] = {"eml": EmlFolder, "mbox": Mbox, "maildir": Maildir}
    return stores[settings.format](Path(settings.directory))


def build(settings: object) -> OutboxProvider:
    """The provider for a job's settings. Raises TypeError where they are not OutboxSettings."""
    if not isinstance(settings, OutboxSettings):
        raise TypeError(f"OutboxSettings expected, not {type(settings).__name__}")
    return OutboxProvider(settings)


KIND = ProviderKind("outbox", TITLE, OutboxSettings, build, CAPABILITIES)
