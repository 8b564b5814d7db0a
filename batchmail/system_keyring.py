"""The keyring of the system: Windows' Credential Manager, macOS' Keychain, the Secret Service of Linux desktops.

The only file that knows the library keyring, which comes with the extra `keyring`. An entry is named `service/user`.
"""

from importlib.util import find_spec
from types import ModuleType

from batchmail.errors import BatchmailError


class KeyringUnusable(BatchmailError):
    """There is no keyring, it is locked, or it cannot take an entry."""


class KeyringNotInstalled(KeyringUnusable):
    """The library for keyrings is not there."""

    def __init__(self) -> None:
        super().__init__("the library for keyrings is not installed", "Install it: pip install 'batchmail[keyring]'")


def check_installed() -> None:
    """Raises KeyringNotInstalled; nothing is opened, and nobody asked to unlock anything."""
    if find_spec("keyring") is None:
        raise KeyringNotInstalled


def look_up(entry: str) -> str:
    """The secret of an entry; empty where there is no such entry. Raises KeyringUnusable."""
    keyring = _library()
    try:
        return str(keyring.get_password(*_named(entry)) or "")
    except Exception as error:  # noqa: BLE001  each backend has errors of its own
        raise _unusable(error) from None


def put(entry: str, secret: str) -> None:
    """Make or replace an entry. Raises KeyringUnusable."""
    keyring = _library()
    try:
        keyring.set_password(*_named(entry), secret)
    except Exception as error:  # noqa: BLE001  as in `look_up`
        raise _unusable(error) from None


def _library() -> ModuleType:
    try:
        import keyring  # noqa: PLC0415  an extra, and slow to import
    except ImportError:
        raise KeyringNotInstalled from None
    return keyring


def _named(entry: str) -> tuple[str, str]:
    service, _, user = entry.partition("/")
    return service, user


def _unusable(error: Exception) -> KeyringUnusable:
    # What a backend says may hold the secret that it was given; its kind of error does not.
    kind = type(error).__name__
    return KeyringUnusable(
        f"the system's keyring cannot be used ({kind})",
        "Unlock it, or log in to the desktop that it belongs to. Where there is none (a server, a container), "
        "use {env: NAME} or {file: path}.",
    )
