"""Secrets: named in the manifest, looked up as late as possible, never printed."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, assert_never

from batchmail import system_keyring
from batchmail.errors import BatchmailError
from batchmail.location import Location
from batchmail.private_file import replace_private

Scheme = Literal["env", "file", "keyring"]


class SecretMissing(BatchmailError):
    """A secret that the manifest refers to is not there."""


class SecretUnnamed(SecretMissing):
    """The manifest refers to no secret where one is needed."""


class SecretUnusable(SecretMissing):
    """A secret is there, at `where`, and no good; or a library is not there that it takes, where `extra`."""

    def __init__(self, where: Location, reason: str, hint: str, *, extra: bool = False) -> None:
        super().__init__(f"{where}: {reason}", hint)
        self.where = where
        self.reason = reason
        self.extra = extra


class SecretUnkept(BatchmailError):
    """A new secret cannot be put where the manifest refers to."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference to a secret: the name of an environment variable, the path of a file, or `service/user`."""

    scheme: Scheme
    name: str
    where: Location

    @property
    def subject(self) -> str:
        """The place of the secret, in words."""
        match self.scheme:
            case "env":
                return f"the environment variable {self.name}"
            case "file":
                return f"the secret file {self.name}"
            case "keyring":
                return f"the keyring entry {self.name}"
            case _:
                assert_never(self.scheme)

    def reveal(self) -> str:
        """The secret itself. Raises SecretMissing where it is not there or empty, SecretUnusable like `find`."""
        value = self.find()
        if not value:
            lacking = "is not set or empty" if self.scheme == "env" else "is missing or empty"
            raise SecretMissing(f"{self.where}: {self.subject} {lacking}", self._hint())
        return value

    def find(self) -> str:
        """The secret itself; empty where it is not there.

        Raises SecretUnusable where a file cannot be read or a library is not installed, SecretMissing where the keyring
        cannot be opened.
        """
        match self.scheme:
            case "env":
                return os.environ.get(self.name, "").strip()
            case "file":
                return self._content().strip()
            case "keyring":
                try:
                    return system_keyring.look_up(self.name).strip()
                except system_keyring.KeyringNotInstalled as error:
                    raise self._uninstalled(error) from None
                except system_keyring.KeyringUnusable as error:
                    raise SecretMissing(f"{self.where}: {self.subject}: {error.message}", error.hint) from None
            case _:
                assert_never(self.scheme)

    def check(self) -> None:
        """Raises SecretUnusable where the secret cannot be had on this machine; no keyring is opened for that."""
        match self.scheme:
            case "env":
                pass
            case "file":
                self._content()
            case "keyring":
                try:
                    system_keyring.check_installed()
                except system_keyring.KeyringNotInstalled as error:
                    raise self._uninstalled(error) from None
            case _:
                assert_never(self.scheme)

    def replace(self, value: str) -> None:
        """Put another secret in its place, durably.

        Raises SecretUnkept where that cannot be done; an environment variable has no place that lasts.
        """
        try:
            match self.scheme:
                case "env":
                    raise SecretUnkept(f"{self.where}: {self.subject} cannot be replaced", "")
                case "file":
                    replace_private(Path(self.name), f"{value}\n")
                case "keyring":
                    system_keyring.put(self.name, value)
                case _:
                    assert_never(self.scheme)
        except OSError as error:
            reason = error.strerror or str(error)
            hint = "The file and its folder must be writable: a renewed token is kept there."
            raise SecretUnkept(f"{self.where}: {self.subject} cannot be replaced: {reason}", hint) from None
        except system_keyring.KeyringUnusable as error:
            raise SecretUnkept(f"{self.where}: {self.subject}: {error.message}", error.hint) from None

    def _content(self) -> str:
        try:
            return Path(self.name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not a text in UTF-8"
            raise SecretUnusable(self.where, f"{self.subject} cannot be read: {reason}", self._hint()) from None

    def _uninstalled(self, error: system_keyring.KeyringNotInstalled) -> SecretUnusable:
        return SecretUnusable(self.where, f"{self.subject}: {error.message}", error.hint, extra=True)

    def _hint(self) -> str:
        match self.scheme:
            case "env":
                return f"Set it first: `export {self.name}=…` in a shell, `$env:{self.name} = '…'` in PowerShell."
            case "file":
                return "Put the secret alone into that file, readable by you only."
            case "keyring":
                service, _, user = self.name.partition("/")
                return f"Put it there: `keyring set {service} {user}` asks for it."
            case _:
                assert_never(self.scheme)
