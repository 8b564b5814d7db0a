"""Secrets: named in the manifest, looked up as late as possible, never printed."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, assert_never

from batchmail import system_keyring
from batchmail.errors import BatchmailError
from batchmail.location import TextLocation
from batchmail.private_file import replace_private

Scheme = Literal["env", "file", "keyring"]


class SecretMissing(BatchmailError):
    """A secret that the manifest refers to is not there."""


class SecretUnkept(BatchmailError):
    """A new secret cannot be put where the manifest refers to."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference to a secret: the name of an environment variable, the path of a file, or `service/user`."""

    scheme: Scheme
    name: str
    where: TextLocation

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
        """The secret itself. Raises SecretMissing where it is not there, empty, or cannot be read."""
        value = self.find()
        if not value:
            lacking = "is not set or empty" if self.scheme == "env" else "is missing or empty"
            raise SecretMissing(f"{self.where}: {self.subject} {lacking}", self._hint())
        return value

    def find(self) -> str:
        """The secret itself; empty where it is not there. Raises SecretMissing where that cannot be found out."""
        match self.scheme:
            case "env":
                return os.environ.get(self.name, "").strip()
            case "file":
                return self._content().strip()
            case "keyring":
                try:
                    return system_keyring.look_up(self.name).strip()
                except system_keyring.KeyringUnusable as error:
                    raise SecretMissing(f"{self.where}: {self.subject}: {error.message}", error.hint) from None
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
            raise SecretMissing(f"{self.where}: {self.subject} cannot be read: {reason}", self._hint()) from None

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
