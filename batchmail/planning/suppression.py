"""Addresses that are never written to: a list of them in little memory, and what it leaves of a message."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Protocol

from batchmail.delivery import Candidate
from batchmail.message import Address, Message

_BUCKETS = 4096
_SUPPRESSED = "suppressed by "


@dataclass(slots=True)
class _Bucket:
    digests: "array[int]" = field(default_factory=lambda: array("Q"))
    lines: "array[int]" = field(default_factory=lambda: array("I"))
    files: "array[int]" = field(default_factory=lambda: array("B"))
    in_order: bool = True

    def sort(self) -> None:
        entries = sorted(zip(self.digests, self.files, self.lines, strict=True))
        self.digests = array("Q", [digest for digest, _, _ in entries])
        self.files = array("B", [file for _, file, _ in entries])
        self.lines = array("I", [line for _, _, line in entries])
        self.in_order = True


class SuppressionList:
    """Addresses and domains, each with the place that names it: 13 bytes for each, of which 8 are its digest.

    Of a million entries and a million rows, two are taken for each other once in twenty million lists.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}
        self._names: list[str] = []
        self._domains = False

    def __bool__(self) -> bool:
        return bool(self._buckets)

    def begin(self, name: str) -> None:
        """What is added from now on stands in this file; there may be 256 of them."""
        self._names.append(name)

    def add(self, entry: str, line: int) -> None:
        """Take in an address, or `@example.com` for a whole domain, by the line on which it stands.

        Its domain is in ASCII, as in an `Address`.
        """
        self._domains = self._domains or entry.startswith("@")
        digest = _digest(entry)
        bucket = self._buckets.setdefault(digest % _BUCKETS, _Bucket())
        bucket.digests.append(digest)
        bucket.lines.append(line)
        bucket.files.append(len(self._names) - 1)
        bucket.in_order = False

    def named_at(self, mailbox: str) -> str:
        """Where the mailbox, or its domain, stands (`unsubscribed.csv:12`); empty where it may be written to."""
        place = self._find(mailbox)
        if not place and self._domains:
            place = self._find(f"@{mailbox.rpartition('@')[2]}")
        return place

    def _find(self, entry: str) -> str:
        digest = _digest(entry)
        bucket = self._buckets.get(digest % _BUCKETS)
        if bucket is None:
            return ""
        if not bucket.in_order:
            bucket.sort()
        index = bisect_left(bucket.digests, digest)
        if index == len(bucket.digests) or bucket.digests[index] != digest:
            return ""
        return f"{self._names[bucket.files[index]]}:{bucket.lines[index]}"


class Suppression(Protocol):
    """The suppression lists of a job: as they were planned with, and as they are now."""

    @property
    def planned(self) -> SuppressionList:
        """The lists as they were when the job was opened."""
        ...

    def current(self) -> SuppressionList:
        """The lists as they are; the same object as long as no file changes. Raises InputChanged. From any thread."""
        ...


class NoSuppression:
    """A job without suppression lists."""

    def __init__(self) -> None:
        self.planned = SuppressionList()

    def current(self) -> SuppressionList:
        return self.planned


@dataclass(frozen=True, slots=True)
class Spared:
    """What a list leaves of a message: `to` and `copies` are the addresses left out, with the places that name them."""

    message: Message
    to: tuple[tuple[str, str], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()


def spare(message: Message, listed: SuppressionList) -> Spared:
    """The message without the addresses of a list; its `to` may become empty."""
    if not listed:
        return Spared(message)
    to = _named(message.to, listed)
    copies = _named(message.cc + message.bcc, listed)
    if not to and not copies:
        return Spared(message)
    gone = {mailbox for mailbox, _ in (*to, *copies)}
    rest = replace(
        message, to=_without(message.to, gone), cc=_without(message.cc, gone), bcc=_without(message.bcc, gone)
    )
    return Spared(rest, to, copies)


def suppressed_by(places: tuple[str, ...]) -> str:
    """The reason why a row is left out, by the places that name its addresses."""
    return f"{_SUPPRESSED}{', '.join(dict.fromkeys(places))}"


def is_suppressed(row: Candidate) -> bool:
    """Whether a row is left out because of a list."""
    return row.skip.startswith(_SUPPRESSED)


def _named(addresses: tuple[Address, ...], listed: SuppressionList) -> tuple[tuple[str, str], ...]:
    found = ((address.mailbox, listed.named_at(address.mailbox)) for address in addresses)
    return tuple((mailbox, place) for mailbox, place in found if place)


def _without(addresses: tuple[Address, ...], gone: set[str]) -> tuple[Address, ...]:
    return tuple(address for address in addresses if address.mailbox not in gone)


def _digest(entry: str) -> int:
    folded = entry.casefold().encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(folded, digest_size=8).digest(), "big")
