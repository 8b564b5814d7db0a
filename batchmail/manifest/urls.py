"""Addresses of servers: what may be asked for secrets and mails, and over what."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address
from urllib.parse import SplitResult, urlsplit

from batchmail.job import Url
from batchmail.manifest.faults import bad_value
from batchmail.manifest.scalars import JsonSchema, ScalarKind
from batchmail.manifest.tree import Scalar

#: Longer than any address that a provider has.
_MAX_CHARACTERS = 2_000
_LOOPBACK = IPv4Network("127.0.0.0/8")
#: RFC 3986 has none of these in a URL; libraries disagree about where they end the host's name.
_NO_PART_OF_A_URL = re.compile(r"[\s\x00-\x20\x7f-\x9f\\<>\"^`{|}]")


@dataclass(frozen=True)
class UrlText(ScalarKind):
    """A server's address: https, or http on this very machine; no user, query or fragment."""

    takes: str = "the address of a server, such as https://api.example.com/v1"

    def read(self, scalar: Scalar) -> Url:
        objection = _objection(scalar.text)
        if objection:
            # A user's part or a query may hold a password.
            raise bad_value(scalar, self.takes, objection, hidden=any(sign in scalar.text for sign in "@?#"))
        return Url(scalar.text)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "format": "uri", "pattern": "^https?://[^?#@]+$"}


def _objection(text: str) -> str:
    """What to do about a text that is no acceptable address, or nothing."""
    if len(text) > _MAX_CHARACTERS:
        return f"Write an address of at most {_MAX_CHARACTERS} characters."
    if _NO_PART_OF_A_URL.search(text):
        return "Take spaces and other characters that no address has out of it."
    parts = _split(text)
    if parts is None:
        return "Check the host and the port (1 to 65535): https://host:port/path"
    if "@" in parts.netloc:
        return "Take the part before @ out: who is asking is told by the provider's other settings."
    if "?" in text or "#" in text:
        return "Take ? and # and what follows them out."
    return _scheme_objection(parts, parts.hostname or "")


def _split(text: str) -> SplitResult | None:
    """The parts of a text; None where its host or port cannot be one."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _scheme_objection(parts: SplitResult, host: str) -> str:
    if parts.scheme not in {"https", "http"} or not host:
        return "Write it in full, beginning with https://"
    if parts.scheme == "http" and not _is_loopback(host):
        return "Write https:// instead: plain http is for this machine alone (localhost, 127.0.0.1, [::1])."
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return IPv4Address(host) in _LOOPBACK
    except AddressValueError:
        pass
    try:
        return IPv6Address(host) == IPv6Address("::1")
    except AddressValueError:
        return False
