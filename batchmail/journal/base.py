"""The seam of the journal: what has been tried, and what became of it. It decides who is still to be written to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from batchmail.delivery import Candidate, Counts, Delivery, Record, Transition
from batchmail.lookup import Trace
from batchmail.rate import Handover


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rows that may be the same mail twice: positions of the earlier and the later row."""

    key: str
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class SamePeople:
    """How many addresses (or sets of them) get different mails, and two rows of the first of them by position."""

    number: int
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the plan's rows stand against the journal.

    `again` is the part of `send` that was rejected with other content, or failed, before.
    `rejected` counts those that the provider refused before and whose mail has not changed since. `rekeyed` is the
    part of `send` whose addresses have got a mail, or may have, under a key that no row has any more. `recipients`
    counts all whom `send` goes to, in cc and bcc as well.
    """

    send: int
    requests: int
    recipients: int
    again: int
    already_sent: int
    changed_since_sent: int
    skipped: int
    in_doubt: int
    rejected: int
    abandoned: int
    rekeyed: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that has got its mail and would get another now: whom it went to, whom it would go to.

    `subject` tells whether the subject is another one, and is None where that cannot be known; `rewritten` whether
    anything but the addresses is.
    """

    position: int
    key: str
    before: tuple[str, ...]
    now: tuple[str, ...]
    subject: bool | None
    rewritten: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries that may travel together, in order of position; `content` is what all of them were planned with.

    `continued` tells that it goes on with the rows of the batch before, of which there were too many for one.
    """

    content: bytes
    deliveries: tuple[Delivery, ...]
    continued: bool = False


class Roster(Protocol):
    """The rows of one plan, kept outside of memory until they are enrolled in the journal."""

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take rows in; keys may clash. Positions are unique and rise."""
        ...

    def same_keys(self) -> Iterator[Clash]:
        """Rows (not skipped) whose key an earlier row has, in order of position."""
        ...

    def same_mails(self) -> Iterator[Clash]:
        """Rows (not skipped) with the addresses and content of an earlier row but another key, in order.

        A clash names the first of all rows with that mail, and the key of the later one.
        """
        ...

    def skip(self, positions: Iterable[int], reason: str) -> None:
        """Leave rows out, and remember why."""
        ...

    def rename(self, position: int, key: str) -> None:
        """Give a row another key."""
        ...

    def separate(self, positions: Iterable[int]) -> None:
        """Let these rows travel alone, whatever else has their `batch`. To be said before `enrol`."""
        ...

    def restrict(self, keys: Sequence[str]) -> list[str]:
        """Leave out all but the rows with these keys, for this plan only; gives the keys that no row has."""
        ...

    def leave_out(self, positions: Iterable[int]) -> None:
        """Leave rows out for this plan only: neither sent nor skipped, but their keys still count as there."""
        ...

    def limit(self, count: int) -> None:
        """Leave out all but the first `count` rows that would be sent, for this plan only."""
        ...

    def standing(self, combine: int) -> Standing:
        """How the rows stand against the journal, with at most `combine` deliveries a request."""
        ...

    def sendable(self, positions: Sequence[int]) -> list[int]:
        """Those of the positions whose row would be sent."""
        ...

    def changed(self) -> Iterator[Changed]:
        """The rows that `Standing.changed_since_sent` counts, in order of position."""
        ...

    def gone(self) -> Iterator[Record]:
        """What the journal knows of keys that no row of the roster has, by the position they had."""
        ...

    def mails(self, positions: Sequence[int]) -> dict[int, tuple[tuple[str, ...], bytes]]:
        """The addresses and the content digest of these rows."""
        ...

    def results(self, first: int, last: int) -> dict[int, Record]:
        """What the journal knows of the keys of the rows from one position to another, both included, after `rename`.

        What it does not know is left out.

        Of rows with one key only that has a result which the key stands for: the first to be sent, else the first.
        """
        ...

    def rows(self) -> Iterator[Candidate]:
        """All rows as they are now, in order of position; `rename` and `skip` may have changed them."""
        ...

    def same_people(self) -> SamePeople | None:
        """The addresses that several rows write to with different contents; None where there are none.

        Rows that are skipped or left out do not count.
        """
        ...

    def look_alikes(self) -> int:
        """How many rows to be sent have the addresses and the subject of another: a look-up cannot tell them apart."""
        ...

    def digest(self) -> bytes:
        """32 bytes that differ when any row's key, addresses, content or skip differs."""
        ...

    def enrol(self, at: str) -> None:
        """Make the plan durable, in one commit.

        Rows to be sent become `queued`, skipped ones `skipped`; those sent, in doubt or abandoned stay as they are,
        as do those rejected whose content is the same. What is queued in the journal but not in the plan
        becomes `skipped`, except where the plan was restricted or limited: what it left out stays untouched.
        Of skipped rows with one key, the first counts, left out or not.
        """
        ...


class Journal(Protocol):
    """The memory of one mailing (job and edition). What `record` took is on the disk when it returns."""

    def roster(self) -> Roster:
        """A new, empty roster; it replaces the one before."""
        ...

    def recover(self, at: str) -> int:
        """After a crash: what was being sent becomes in doubt. Gives how many."""
        ...

    def batches(self, combine: int) -> Iterator[Batch]:
        """What the enrolled roster has queued, by the position of each batch's first row, at most `combine` a batch.

        It may be read on while results are recorded.
        """
        ...

    def record(self, transitions: Sequence[Transition]) -> None:
        """Make steps durable, in one commit.

        Raises JournalUnusable where that fails, IllegalTransition for a step that the state machine lacks.
        """
        ...

    def counts(self) -> Counts:
        """How many deliveries stand in each state."""
        ...

    def requests(self) -> int:
        """How many requests were made, in all runs: the highest request number recorded."""
        ...

    def records(self, keys: Sequence[str]) -> dict[str, Record]:
        """The last known results of these keys; a key the journal does not know is left out."""
        ...

    def deliveries(self, keys: Sequence[str]) -> dict[str, Delivery]:
        """The deliveries of these keys, to record steps of; a key the journal does not know is left out."""
        ...

    def all_records(self, *, troubled: bool = False) -> Iterator[Record]:
        """Everything the journal knows, by the row's position.

        Of the `troubled` alone: those being sent, in doubt, rejected, failed or sent in part.
        """
        ...

    def recent(self, since: float) -> Iterator[Handover]:
        """What all mailings of the journal have handed over since then (seconds since 1970), the oldest first.

        It counts everybody whom a mail goes to, and also what was refused. What an older version has recorded counts
        with the addresses in `to` alone.
        """
        ...

    def in_doubt(self) -> Iterator[str]:
        """The keys of the deliveries in doubt, by position."""
        ...

    def traces(self) -> list[Trace]:
        """Every delivery in doubt, by position; then those whose mails could be taken for theirs, of any mailing.

        The latter have the subject and an address of one in doubt, and were handed over too.
        """
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


class IllegalTransition(Exception):
    """A step that the state machine does not have, or from a state that the delivery is not in: a bug."""
