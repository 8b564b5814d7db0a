"""What a send would add to what was sent before: the rows that are new, changed, gone, or as they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from batchmail.delivery import DeliveryState, Record
from batchmail.journal.base import Changed, Roster
from batchmail.location import Location
from batchmail.message import Message
from batchmail.pipeline import OpenedJob
from batchmail.planning import Plan

#: So many rows of each kind are named.
NAMED = 20
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ChangedMail:
    """A row that has got its mail, and what it would get now; `message` is None where it cannot be merged."""

    change: Changed
    where: Location
    message: Message | None

    @property
    def parts(self) -> tuple[str, ...]:
        """What is not as it was sent. Only digests are kept of what was: of some parts it cannot be known."""
        change = self.change
        found = ["to"] * (change.before != change.now) + ["subject"] * bool(change.subject)
        if change.rewritten:
            # A subject that is another one explains the digest, and hides whether the rest is.
            found += {None: ["subject, body or files"], False: ["body or files"], True: []}[change.subject]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Differences:
    """How a plan differs from what was sent: counts, and the first of each kind by name."""

    new: int
    changed: int
    gone: int
    unchanged: int
    new_keys: tuple[str, ...]
    changed_mails: tuple[ChangedMail, ...]
    gone_keys: tuple[str, ...]


def differences(opened: OpenedJob, plan: Plan) -> Differences:
    """What a plan, made of the whole job, holds against its journal."""
    standing, roster = plan.standing, plan.roster
    gone = [record.key for record in roster.gone() if _got(record)]
    return Differences(
        new=standing.send,
        changed=standing.changed_since_sent,
        gone=len(gone),
        unchanged=standing.already_sent - standing.changed_since_sent,
        new_keys=tuple(islice(_new(roster), NAMED if standing.send else 0)),
        changed_mails=tuple(_mails(opened, list(islice(roster.changed(), NAMED)))),
        gone_keys=tuple(gone[:NAMED]),
    )


def _got(record: Record) -> bool:
    return record.state is DeliveryState.SENT


def _new(roster: Roster) -> Iterator[str]:
    rows = roster.rows()
    while chunk := {row.position: row.key for row in islice(rows, _AT_ONCE)}:
        yield from (chunk[position] for position in roster.sendable(list(chunk)))


def _mails(opened: OpenedJob, changes: list[Changed]) -> Iterator[ChangedMail]:
    """The changed rows, merged once more: messages are not kept while a million rows are planned."""
    wanted = {change.position: change for change in changes}
    rows = (row for row in opened.sheet.rows() if row.position in wanted) if wanted else iter(())
    for row in islice(rows, len(wanted)):
        yield ChangedMail(wanted[row.position], opened.sheet.place(row), opened.merger.merge(opened.read(row)))
