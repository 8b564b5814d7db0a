"""Rows that would be the same mail twice, and what the job's policy makes of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never

from batchmail.job import DuplicatePolicy
from batchmail.journal.base import Clash, Roster
from batchmail.planning.keys import numbered


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What was found: clashes that are errors (of keys, of mails), and how many rows were left out."""

    keys: tuple[Clash, ...] = ()
    mails: tuple[Clash, ...] = ()
    skipped: int = 0


def settle(roster: Roster, policy: DuplicatePolicy) -> Duplicates:
    """Apply a policy to the roster's rows. Keys that still stand twice after it are errors under every policy."""
    extra = identify(roster, policy)
    match policy:
        case "error":
            mails, skipped = tuple(roster.same_mails()), 0
        case "first" | "last":
            roster.skip(extra, "the same key as another row")
            same = [position for _, position, _ in _surplus(roster.same_mails(), last=policy == "last")]
            roster.skip(same, "the same mail to the same address as another row")
            mails, skipped = (), len(extra) + len(same)
        case "allow":
            roster.separate([clash.second for clash in roster.same_mails()])
            mails, skipped = (), 0
        case _:
            assert_never(policy)
    return Duplicates(tuple(roster.same_keys()), mails, skipped)


def identify(roster: Roster, policy: DuplicatePolicy) -> list[int]:
    """Give every row a key of its own, where the policy lets keys stand twice; the positions of those renamed.

    The row that is sent keeps the plain key, so that it stays the same delivery when the others are gone.
    """
    if policy == "error":
        return []
    surplus = list(_surplus(roster.same_keys(), last=policy == "last"))
    for number, position, key in surplus:
        roster.rename(position, numbered(key, number))
    return [position for _, position, _ in surplus]


def _surplus(clashes: Iterable[Clash], *, last: bool) -> Iterator[tuple[int, int, str]]:
    """The rows of each group but the one to keep: number (from 2), position and key."""
    ordered = sorted(clashes, key=lambda clash: (clash.first, clash.second))
    for first, group in groupby(ordered, key=lambda clash: clash.first):
        members = list(group)
        positions = [first, *(clash.second for clash in members)]
        for number, position in enumerate(positions[:-1] if last else positions[1:], 2):
            yield number, position, members[0].key
