"""DKIM signatures (RFC 6376, RFC 8463). The home of dkimpy, which is in the extra `dkim`."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Literal, Self

from batchmail.errors import BatchmailError
from batchmail.providers.mime import Mail
from batchmail.secret import Secret

#: What a signature covers where the mail has it. RFC 8058 wants the last two; `From` counts twice, so that no second
#: one can be added.
SIGNED = (
    b"from",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
)

_NAMES = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_PEM = re.compile(r"-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END PRIVATE KEY-----")
#: What comes before the 32 bytes of an Ed25519 key (RFC 8410, section 7).
_ED25519 = bytes.fromhex("302e020100300506032b657004220420")
_SAMPLE = Mail(b"From: <a@example.com>\r\n", (b"\r\n",))


@dataclass(frozen=True, slots=True)
class DkimSettings:
    """How mails are signed; `private_key` is in PEM."""

    domain: str = field(metadata={"takes": "a domain", "pattern": r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+"})
    selector: str = field(metadata={"takes": "a selector", "pattern": r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"})
    private_key: Secret


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """Signs mails with one key."""

    domain: str
    selector: str
    algorithm: Literal["rsa-sha256", "ed25519-sha256"]
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, settings: DkimSettings) -> Self:
        """The signer, tried on a small mail.

        Raises SecretMissing where there is no key, BatchmailError where it is none or the extra is not installed.
        """
        text = settings.private_key.reveal()
        seed = _ed25519_seed(text)
        if seed is None:
            signer = cls(settings.domain, settings.selector, "rsa-sha256", text.encode())
        else:
            signer = cls(settings.domain, settings.selector, "ed25519-sha256", b64encode(seed))
        _check(signer, settings.private_key)
        return signer

    def signature(self, mail: Mail) -> bytes:
        """The line of a mail's head that signs it, with its CRLF."""
        from dkim import sign  # noqa: PLC0415  it may be missing

        names = {name.lower() for name in _NAMES.findall(mail.head)}
        line = sign(
            b"".join(mail.pieces()),
            self.selector.encode("ascii"),
            self.domain.encode("ascii"),
            self.key,
            signature_algorithm=self.algorithm.encode("ascii"),
            include_headers=[b"from", *(name for name in SIGNED if name in names)],
        )
        return bytes(line)


def _ed25519_seed(text: str) -> bytes | None:
    match = _PEM.search(text)
    if match is None:
        return None
    try:
        der = b64decode("".join(match[1].split()), validate=True)
    except ValueError:
        return None
    return der[len(_ED25519) :] if der.startswith(_ED25519) else None


def _check(signer: DkimSigner, key: Secret) -> None:
    try:
        import dkim  # noqa: PLC0415  it may be missing
    except ImportError:
        raise BatchmailError(
            f"{key.where}: `provider.dkim` needs a library that is not installed",
            "Install it: pip install 'batchmail[dkim]' — or take `dkim` out: many mail servers sign what they send.",
        ) from None
    try:
        signer.signature(_SAMPLE)
    except dkim.NaClNotFoundError:
        raise BatchmailError(
            f"{key.where}: an Ed25519 key needs a library that is not installed",
            "Install it: pip install 'batchmail[dkim]' — or sign with an RSA key.",
        ) from None
    except Exception:  # noqa: BLE001  dkimpy lets all kinds of errors through, some of which repeat the key
        raise BatchmailError(
            f"{key.where}: the key of `provider.dkim` cannot be used",
            "It must be a private key (RSA or Ed25519) in PEM without a passphrase, from the line -----BEGIN … to the "
            "line -----END …",
        ) from None
