"""Secrets: named in the manifest, looked up as late as possible, never printed."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from batchmail.errors import BatchmailError
from batchmail.location import TextLocation


class SecretMissing(BatchmailError):
    """A secret that the manifest refers to is not there."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference to a secret: the name of an environment variable or the path of a file."""

    scheme: Literal["env", "file"]
    name: str
    where: TextLocation

    def reveal(self) -> str:
        """The secret itself. Raises SecretMissing where it is not there or empty."""
        value = self._look_up().strip()
        if not value:
            raise SecretMissing(f"{self.where}: {self._subject()} is not set or empty", self._hint())
        return value

    def _look_up(self) -> str:
        if self.scheme == "env":
            return os.environ.get(self.name, "")
        try:
            return Path(self.name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(f"{self.where}: {self._subject()} cannot be read: {error}", self._hint()) from None

    def _subject(self) -> str:
        return f"the environment variable {self.name}" if self.scheme == "env" else f"the secret file {self.name}"

    def _hint(self) -> str:
        if self.scheme == "env":
            return f"Set it first: `export {self.name}=…` in a shell, `$env:{self.name} = '…'` in PowerShell."
        return "Put the secret alone into that file, readable by you only."
