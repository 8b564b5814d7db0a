"""How a run opens its connections to a provider."""

from collections.abc import Callable
from dataclasses import dataclass

from batchmail.providers.base import Provider, Sender
from batchmail.providers.files import FileStore
from batchmail.providers.separate import SeparateSender


@dataclass(frozen=True, slots=True)
class Errand:
    """All that must be known to open connections, here or in another process.

    `timeout_seconds` is how long an answer is waited for; `in_copies` tells that every recipient gets a request.
    """

    provider: Provider
    timeout_seconds: float
    in_copies: bool = False

    def opener(self) -> Callable[[], Sender]:
        """Opens one connection after another; all share the attachments' files. For one thread.

        Opening raises SecretMissing where there are no credentials.
        """
        files = FileStore()

        def open_sender() -> Sender:
            sender = self.provider.open(files, self.timeout_seconds)
            return SeparateSender(sender) if self.in_copies else sender

        return open_sender
