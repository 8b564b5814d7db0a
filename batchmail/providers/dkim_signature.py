"""DKIM signatures (RFC 6376, RFC 8463). The home of cryptography, which is in the extra `dkim`.

dkimpy takes 7 ms to sign with an RSA key of 2,048 bits, in Python; OpenSSL takes 0.3 ms. What else there is to a
signature are a few lines, since a mail is written in one form only: all its lines end in CRLF. dkimpy verifies it in
tests.
"""

import re
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, Self

from batchmail import rules
from batchmail.finding import Finding
from batchmail.providers.mime import Mail
from batchmail.providers.secret_check import finding_of
from batchmail.secret import Secret, SecretMissing, SecretUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

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

_PEM = re.compile(r"-----BEGIN ((?:RSA )?PRIVATE KEY)-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END \1-----")
#: RFC 8301, section 3.2: receivers take no signature of a shorter key, and signers should have a longer one.
_LEAST_BITS = 1024
_GOOD_BITS = 2048
_SAMPLE = Mail(b"From: <a@example.com>\r\n", (b"\r\n",))

_NAME = "DKIM-Signature"
#: Where a field of the head ends: a line that begins with a blank goes on with it.
_END_OF_FIELD = re.compile(rb"\r\n(?![ \t])")
_BLANKS = re.compile(rb"[ \t\r\n]+")
_LINE = 76


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
    key: "RSAPrivateKey | Ed25519PrivateKey" = field(repr=False)

    @classmethod
    def of(cls, settings: DkimSettings) -> Self:
        """The signer, tried on a small mail.

        Raises SecretMissing where there is no key, SecretUnusable where it is none or the extra is not installed.
        """
        text = settings.private_key.reveal()
        _check_installed(settings.private_key)
        try:
            signer = cls(settings.domain, settings.selector, _key(text))
            _check_length(signer, settings.private_key)
            signer.signature(_SAMPLE)
        except SecretUnusable:
            raise
        except Exception:  # noqa: BLE001  whatever it says may repeat the key
            raise SecretUnusable(
                settings.private_key.where,
                "the key of `provider.dkim` cannot be used",
                "It must be a private key (RSA or Ed25519) in PEM without a passphrase, from the line -----BEGIN … to "
                "the line -----END …",
            ) from None
        return signer

    @property
    def rsa_bits(self) -> int | None:
        """The length of an RSA key; None for one of Ed25519, which has one length only."""
        return getattr(self.key, "key_size", None)

    @property
    def is_short(self) -> bool:
        """Whether the key is one that receivers take, and that is no longer made (RFC 8301, section 3.2)."""
        return self.rsa_bits is not None and self.rsa_bits < _GOOD_BITS

    @property
    def algorithm(self) -> Literal["rsa-sha256", "ed25519-sha256"]:
        """How receivers call it."""
        return "ed25519-sha256" if self.rsa_bits is None else "rsa-sha256"

    def signature(self, mail: Mail) -> bytes:
        """The line of a mail's head that signs it, with its CRLF (RFC 6376, section 3.7: relaxed/simple)."""
        fields = _fields(mail.head)
        names = [b"from", *(name for name in SIGNED if name in fields)]
        value = self._tags(names, _body_hash(mail.body))
        signed = [*_chosen(names, fields), _relaxed(_NAME.encode() + b":" + value)]
        signature = b64encode(self._sign(b"\r\n".join(signed)))
        pieces = (signature[start : start + _LINE - 4] for start in range(0, len(signature), _LINE - 4))
        # The value of b= is left out of what is signed, blanks around it too.
        return _folded(_NAME.encode() + b": " + value) + b"\r\n ".join(pieces) + b"\r\n"

    def _tags(self, names: Iterable[bytes], body_hash: bytes) -> bytes:
        tags = (
            f"v=1; a={self.algorithm}; c=relaxed/simple; d={self.domain}; i=@{self.domain}; q=dns/txt; "
            f"s={self.selector}; t={int(time.time())}; "
        )
        return tags.encode("ascii") + b"h=" + b" : ".join(names) + b"; bh=" + body_hash + b"; b="

    def _sign(self, data: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415  it may be missing
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415  as above
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  as above

        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), SHA256())
        return self.key.sign(sha256(data).digest())  # RFC 8463, section 3


def _key(text: str) -> "RSAPrivateKey | Ed25519PrivateKey":
    """The private key in a text. Raises all kinds of errors."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  it may be missing
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415  as above

    match = _PEM.search(text)
    if match is None:
        raise ValueError("no PEM")
    key = load_der_private_key(b64decode("".join(match[2].split()), validate=True), None)
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise TypeError(f"a key for something else: {type(key).__name__}")
    return key


def _fields(head: bytes) -> dict[bytes, bytes]:
    """The fields of a head by their names in lower case; of several with one name, the last."""
    fields = _END_OF_FIELD.split(head.removesuffix(b"\r\n"))
    return {field.partition(b":")[0].strip().lower(): field for field in fields}


def _chosen(names: Iterable[bytes], fields: Mapping[bytes, bytes]) -> Iterator[bytes]:
    """What is signed of the head. A name more often than its field says that there is no other (section 5.4.2)."""
    left = dict(fields)
    return (_relaxed(left.pop(name)) for name in names if name in left)


def _relaxed(field: bytes) -> bytes:
    """A field without its CRLF in the form that is signed (RFC 6376, section 3.4.2)."""
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _body_hash(pieces: Iterable[bytes]) -> bytes:
    """The hash of a body with one line end after its last line that is not empty (RFC 6376, section 3.4.3)."""
    digest, ends = sha256(), b""
    for piece in pieces:
        begun = piece.rstrip(b"\r\n")
        if begun:
            digest.update(ends)
            digest.update(begun)
            ends = b""
        ends += piece[len(begun) :]
    digest.update(b"\r\n")
    return b64encode(digest.digest())


def _folded(line: bytes) -> bytes:
    """A field in lines of at most 76 characters, where its words allow that."""
    lines = [b""]
    for word in line.split(b" "):
        if len(lines[-1]) + len(word) >= _LINE and lines[-1]:
            lines.append(b"")
        lines[-1] += b" " * (bool(lines[-1]) or len(lines) > 1) + word
    return b"\r\n".join(lines)


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
            f"the key has {signer.rsa_bits:,} bits",
            key.where,
            f"Make one of {_GOOD_BITS:,} bits, and put its other half into the DNS.",
        )


def _check_length(signer: DkimSigner, key: Secret) -> None:
    if signer.rsa_bits is not None and signer.rsa_bits < _LEAST_BITS:
        raise SecretUnusable(
            key.where,
            f"the key of `provider.dkim` has {signer.rsa_bits} bits: "
            "receivers ignore what is signed with it (RFC 8301)",
            f"Make one of {_GOOD_BITS:,} bits, and put its other half into the DNS.",
        )


def _check_installed(key: Secret) -> None:
    if find_spec("cryptography") is None:
        raise SecretUnusable(
            key.where,
            "`provider.dkim` needs a library that is not installed",
            "Install it: pip install 'batchmail[dkim]' — or take `dkim` out: many mail servers sign what they send.",
            extra=True,
        )
