"""How a run opens its connections to a provider."""

from collections.abc import Callable

from batchmail.providers.base import Provider, Sender
from batchmail.providers.files import FileStore
from batchmail.providers.separate import SeparateSender


def opener(provider: Provider, timeout_seconds: float, *, in_copies: bool) -> Callable[[], Sender]:
    """Opens one connection after another; all share the attachments' files. For one thread.

    `in_copies` tells that every recipient gets a request. Opening raises SecretMissing where there are no credentials.
    """
    files = FileStore()

    def open_sender() -> Sender:
        sender = provider.open(files, timeout_seconds)
        return SeparateSender(sender) if in_copies else sender

    return open_sender
