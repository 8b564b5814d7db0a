"""A keyring in memory, for as long as a test takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

CANARY = "kHx-canary-7"


class Drawer(KeyringBackend):
    """A keyring in memory; `locked` until somebody opens it."""

    #: Never chosen by itself.
    priority = -1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's own has no types
        self.locked = False
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked(f"cannot open {CANARY}")

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """The system's keyring, as long as the context lasts."""
        before, here = keyring.get_keyring(), cls()
        keyring.set_keyring(here)
        try:
            yield here
        finally:
            keyring.set_keyring(before)
