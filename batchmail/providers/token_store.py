"""Where tokens are kept: the newest refresh token must outlive the process, an access token may.

A refresh token that the provider renews goes where the manifest's reference points: into the file, or the keyring.
A variable of the environment cannot be written, so its successor goes into `.batchmail/tokens.json` beside the
manifest, with the digest of the token that it succeeds: a new token in the variable is obeyed. Access tokens are kept
there too, except where the manifest names a keyring, which would hardly be meant for one of two tokens alone.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from batchmail.errors import BatchmailError
from batchmail.private_file import make_private_folder, replace_private
from batchmail.providers.token_lock import PATIENCE_SECONDS, hold
from batchmail.secret import Secret


class TokensUnusable(BatchmailError):
    """The file of tokens cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """An access token, and the refresh token that came with it, if one did.

    `usable_until` is in seconds since 1970, a little before the provider's own end; None where that is not known.
    """

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    usable_until: float | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    """What is kept of one sign-in. `original` and `given` are digests of what the manifest's references held then."""

    access: str = field(default="", repr=False)
    usable_until: float | None = None
    refresh: str = field(default="", repr=False)
    original: str = ""
    given: str = ""


class TokenStore:
    """The tokens of one sign-in, which is `name`d after everything that makes it another one.

    `refresh` and `given` are the manifest's references to a refresh token and to an access token. Jobs in one folder
    share their tokens, and take turns in renewing them, for which each waits so many seconds.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        refresh: Secret | None,
        given: Secret | None,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._path = path
        self._name = sha256(name.encode()).hexdigest()[:16]
        self._refresh = refresh
        self._given = given
        self._patience_seconds = patience_seconds

    @property
    def place(self) -> str:
        """Where a new refresh token goes, in words."""
        if self._refresh is None or self._refresh.scheme == "env":
            return self._path.as_posix()
        return self._refresh.subject

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the tokens to oneself while they are renewed. Raises TokensBusy, and TokensUnusable."""
        with ExitStack() as locks:
            try:
                make_private_folder(self._path.parent)
                if self._refresh is not None and self._refresh.scheme == "file":
                    locks.enter_context(
                        hold(Path(self._refresh.name), self._patience_seconds)
                    )  # it may serve jobs in other folders
                locks.enter_context(hold(self._path, self._patience_seconds))
            except OSError as error:
                raise self._unusable(f"cannot be locked: {error.strerror or error}") from None
            yield

    def check(self) -> None:
        """Raises TokensUnusable where what is kept cannot be read."""
        self._all()

    def access(self) -> Tokens | None:
        """The access token to begin with: the manifest's own until it was renewed, then the one that is kept.

        Raises SecretMissing where a reference cannot be read, TokensUnusable.
        """
        record = self._record()
        given = self._given.find() if self._given else ""
        if given and _digest(given) != record.given:
            return Tokens(given)
        if not record.access or not self._follows(record, self._original()):
            return None
        return Tokens(record.access, usable_until=record.usable_until)

    def refresh_token(self) -> str:
        """The newest refresh token; empty where there is none. Raises like `access`."""
        original = self._original()
        record = self._record()
        return record.refresh if record.refresh and self._follows(record, original) else original

    def keep(self, tokens: Tokens) -> None:
        """Make tokens outlast this process; only then they may be used. Raises SecretUnkept, TokensUnusable."""
        record, original = self._record(), self._original()
        refresh = record.refresh if self._follows(record, original) else ""
        if tokens.refresh and self._refresh is not None and self._refresh.scheme != "env":
            self._refresh.replace(tokens.refresh)
            original, refresh = tokens.refresh, ""
        elif tokens.refresh:
            refresh = tokens.refresh
        hidden = self._refresh is not None and self._refresh.scheme == "keyring"
        given = self._given.find() if self._given else ""
        self._write(
            _Record(
                access="" if hidden else tokens.access,
                usable_until=None if hidden else tokens.usable_until,
                refresh=refresh,
                original=_digest(original),
                given=_digest(given) if given else record.given,
            )
        )

    def _original(self) -> str:
        return self._refresh.find() if self._refresh else ""

    def _follows(self, record: _Record, original: str) -> bool:
        """Whether what is kept came after what the manifest's reference holds; it does where that holds nothing."""
        return not original or record.original == _digest(original)

    def _record(self) -> _Record:
        return _record_of(self._all().get(self._name))

    def _all(self) -> Mapping[str, object]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise self._unusable(f"cannot be read: {_reason(error)}") from None
        try:
            kept = json.loads(text)
        except (ValueError, RecursionError):
            kept = None
        if not isinstance(kept, dict):
            raise self._unusable("is damaged")
        return kept

    def _write(self, record: _Record) -> None:
        everything = {**self._all(), self._name: asdict(record)}
        try:
            make_private_folder(self._path.parent)
            replace_private(self._path, json.dumps(everything, indent=1) + "\n")
        except OSError as error:
            raise self._unusable(f"cannot be written: {_reason(error)}") from None

    def _unusable(self, why: str) -> TokensUnusable:
        return TokensUnusable(
            f"{self._path.as_posix()}: the file of tokens {why}",
            "The disk must have room, and the folder must be writable: a renewed token is kept there before it is "
            "used. A damaged file may be deleted; then sign in again with `batchmail login`.",
        )


def _record_of(kept: object) -> _Record:
    """What was written, as far as it is what we write."""
    if not isinstance(kept, dict):
        return _Record()
    texts = {name: kept[name] for name in ("access", "refresh", "original", "given") if isinstance(kept.get(name), str)}
    until = kept.get("usable_until")
    return replace(_Record(**texts), usable_until=float(until) if isinstance(until, int | float) else None)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not a text in UTF-8"


def _digest(token: str) -> str:
    """How a token is recognised without being kept; the nothing of an absent one is recognised too."""
    return sha256(token.encode()).hexdigest()
