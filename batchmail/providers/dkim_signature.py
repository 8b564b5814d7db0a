"""DKIM signatures (RFC 6376, RFC 8463). The home of dkimpy, which is in the extra `dkim`."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal, Self

from batchmail import rules
from batchmail.finding import Finding
from batchmail.providers.mime import Mail
from batchmail.providers.secret_check import finding_of
from batchmail.secret import Secret, SecretMissing, SecretUnusable

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
#: RFC 8301, section 3.2: receivers take no signature of a shorter key, and signers should have a longer one.
_LEAST_BITS = 1024
_GOOD_BITS = 2048
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

        Raises SecretMissing where there is no key, SecretUnusable where it is none or the extra is not installed.
        """
        text = settings.private_key.reveal()
        seed = _ed25519_seed(text)
        if seed is None:
            signer = cls(settings.domain, settings.selector, "rsa-sha256", text.encode())
        else:
            signer = cls(settings.domain, settings.selector, "ed25519-sha256", b64encode(seed))
        _check(signer, settings.private_key)
        return signer

    @property
    def is_short(self) -> bool:
        """Whether the key is one that receivers take, and that is no longer made (RFC 8301, section 3.2)."""
        return self.algorithm == "rsa-sha256" and _rsa_bits(self.key) < _GOOD_BITS

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


def key_findings(settings: DkimSettings) -> Iterator[Finding]:
    """That mails cannot be signed with a key, or not for long; nothing where the key is not there."""
    key = settings.private_key
    try:
        _check_installed(key)
        key.check()
        signer = None if key.scheme == "keyring" else DkimSigner.of(settings)  # as in `unusable`
    except SecretUnusable as error:
        yield finding_of(error)
        return
    except SecretMissing:
        return
    if signer is not None and signer.is_short:
        yield rules.DKIM_KEY_SHORT.finding(
            f"the key has {_rsa_bits(signer.key):,} bits",
            key.where,
            f"Make one of {_GOOD_BITS:,} bits, and put its other half into the DNS.",
        )


def _check(signer: DkimSigner, key: Secret) -> None:
    _check_installed(key)
    import dkim  # noqa: PLC0415  it may be missing

    try:
        signer.signature(_SAMPLE)
    except dkim.NaClNotFoundError:
        raise SecretUnusable(
            key.where,
            "an Ed25519 key needs a library that is not installed",
            "Install it: pip install 'batchmail[dkim]' — or sign with an RSA key.",
            extra=True,
        ) from None
    except Exception:  # noqa: BLE001  dkimpy lets all kinds of errors through, some of which repeat the key
        raise SecretUnusable(
            key.where,
            "the key of `provider.dkim` cannot be used",
            "It must be a private key (RSA or Ed25519) in PEM without a passphrase, from the line -----BEGIN … to the "
            "line -----END …",
        ) from None
    if signer.algorithm == "rsa-sha256" and (bits := _rsa_bits(signer.key)) < _LEAST_BITS:
        raise SecretUnusable(
            key.where,
            f"the key of `provider.dkim` has {bits} bits: receivers ignore what is signed with it (RFC 8301)",
            f"Make one of {_GOOD_BITS:,} bits, and put its other half into the DNS.",
        )


def _check_installed(key: Secret) -> None:
    if find_spec("dkim") is None:
        raise SecretUnusable(
            key.where,
            "`provider.dkim` needs a library that is not installed",
            "Install it: pip install 'batchmail[dkim]' — or take `dkim` out: many mail servers sign what they send.",
            extra=True,
        )


def _rsa_bits(pem: bytes) -> int:
    """The length of a key that has signed already."""
    from dkim.crypto import parse_pem_private_key  # noqa: PLC0415  it may be missing

    return int(parse_pem_private_key(pem)["modulus"]).bit_length()
