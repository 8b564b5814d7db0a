"""What stands in for a provider's server in a rehearsal."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Running(Protocol):
    """What a client needs to know of an emulator that runs."""

    @property
    def base_url(self) -> str:
        """Where it listens."""
        ...

    @property
    def access_token(self) -> str:
        """What it lets in."""
        ...


#: Starts an emulator that keeps the accepted mails in a folder; the text is the account that the mails come from.
Rehearse = Callable[[Path, str], AbstractContextManager[Running]]
