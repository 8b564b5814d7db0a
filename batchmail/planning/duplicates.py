"""Rows that would be the same mail twice, and what the job's policy makes of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby, islice
from typing import assert_never

from batchmail.delivery import Candidate, Delivery
from batchmail.job import DuplicatePolicy
from batchmail.journal.base import Clash, Roster
from batchmail.planning.keys import numbered

#: Gives the journal's deliveries under some keys.
Known = Callable[[Sequence[str]], Mapping[str, Delivery]]
#: A mail, as far as it tells one row from another: its addresses and the digest of its content.
Mail = tuple[tuple[str, ...], bytes]
#: So many numbers of a key are looked up in the journal at once.
NUMBERS_AT_ONCE = 100
#: So many rows are held against the journal at once.
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What was found: clashes that are errors, of keys and of mails."""

    keys: tuple[Clash, ...] = ()
    mails: tuple[Clash, ...] = ()


def settle(roster: Roster, policy: DuplicatePolicy, known: Known) -> Duplicates:
    """Apply a policy to the roster's rows; `known` gives what the journal has under some keys.

    Every row gets a key of its own, where the policy lets keys stand twice. Keys that still stand twice after it are
    errors under every policy.
    """
    mails: tuple[Clash, ...] = ()
    match policy:
        case "error":
            mails = tuple(roster.same_mails())
        case "first" | "last":
            _leave_out(roster, last=policy == "last")
        case "allow":
            _find_again(roster, known, _tell_apart(roster, known))
            roster.separate([clash.second for clash in roster.same_mails()])
        case _:
            assert_never(policy)
    return Duplicates(tuple(roster.same_keys()), mails)


def _leave_out(roster: Roster, *, last: bool) -> None:
    """Skip all rows of a key, and of a mail, but one.

    The row that is sent keeps the plain key, so that it stays the same delivery when the others are gone.
    """
    extra = list(_surplus(roster.same_keys(), last=last))
    for number, position, key in extra:
        roster.rename(position, numbered(key, number))
    roster.skip([position for _, position, _ in extra], "the same key as another row")
    same = [position for _, position, _ in _surplus(roster.same_mails(), last=last)]
    roster.skip(same, "the same mail to the same address as another row")


def _tell_apart(roster: Roster, known: Known) -> set[int]:
    """Give rows with the same key one of their own; the positions of these rows."""
    settled: set[int] = set()
    for key, positions in list(_groups(roster.same_keys())):
        settled.update(positions)
        for position, name in own_keys(key, roster.mails(positions), known).items():
            roster.rename(position, name)
    return settled


def _find_again(roster: Roster, known: Known, settled: Collection[int]) -> None:
    """Give rows that are alone with their key by now, for the others are gone or left out, the key they had.

    A row that the journal has never seen keeps the plain key, so that one whose address was corrected is no new mail;
    unless a row that is left out has had its mail under it.
    """
    strange = [row for row in _strange(roster, known) if row.position not in settled]
    if not strange:
        return
    kept = _kept_by_others(roster, known, {row.key for row in strange})
    for row in strange:
        name = own_keys(row.key, {row.position: (row.to, row.content)}, known)[row.position]
        if name != row.key and (row.key in kept or known([name])):
            roster.rename(row.position, name)


def _strange(roster: Roster, known: Known) -> Iterator[Candidate]:
    """The rows under whose key the journal may have the mail of another row."""
    rows = (row for row in roster.rows() if not row.skip)
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        there = known([row.key for row in chunk])
        other = [row for row in chunk if row.key not in there or _mail(there[row.key]) != (row.to, row.content)]
        second = known([numbered(row.key, 2) for row in other])
        for row in other:
            if numbered(row.key, 2) in second or (row.key in there and there[row.key].to != row.to):
                yield row


def _kept_by_others(roster: Roster, known: Known, keys: Collection[str]) -> set[str]:
    """Those of the keys under which a row that is left out has had its mail, or was to get it."""
    there = known(list(keys))
    left_out = (row for row in roster.rows() if row.skip and row.key in there)
    return {row.key for row in left_out if there[row.key].to == row.to}


def _mail(delivery: Delivery) -> Mail:
    return delivery.to, delivery.content


def own_keys(key: str, mails: Mapping[int, Mail], known: Known) -> dict[int, str]:
    """A key for each of several rows with the same one, by position.

    A row takes the key under which the journal has its mail, or one to its address, wherever it stands in the sheet
    now: a row that is put in above must not take the key of one that has its mail. The others take new ones.
    """
    taken, unused = _names(key, len(mails), known)
    own: dict[int, str] = {}
    for exactly in (True, False):
        for name, delivery in taken.items():
            if name in own.values():
                continue
            wanted = _mail(delivery) if exactly else delivery.to
            rest = ((position, mail) for position, mail in mails.items() if position not in own)
            found = next((position for position, mail in rest if (mail if exactly else mail[0]) == wanted), None)
            if found is not None:
                own[found] = name
    others = (position for position in mails if position not in own)
    return own | dict(zip(others, unused, strict=False))


def _names(key: str, rows: int, known: Known) -> tuple[dict[str, Delivery], list[str]]:
    """The journal's deliveries under a key and its numbers, in order, and a name for each row that it does not have.

    It is asked for so many numbers at a time, because rows that once were there may have left the sheet.
    """
    taken: dict[str, Delivery] = {}
    unused: list[str] = []
    for start in count(1, NUMBERS_AT_ONCE):
        names = [numbered(key, number) if number > 1 else key for number in range(start, start + NUMBERS_AT_ONCE)]
        there = known(names)
        taken |= {name: there[name] for name in names if name in there}
        unused += [name for name in names if name not in there]
        if len(unused) >= rows:
            break
    return taken, unused


def _groups(clashes: Iterable[Clash]) -> Iterator[tuple[str, list[int]]]:
    """The rows of each key that stands twice, in order."""
    ordered = sorted(clashes, key=lambda clash: (clash.first, clash.second))
    for first, group in groupby(ordered, key=lambda clash: clash.first):
        members = list(group)
        yield members[0].key, [first, *(clash.second for clash in members)]


def _surplus(clashes: Iterable[Clash], *, last: bool) -> Iterator[tuple[int, int, str]]:
    """The rows of each group but the one to keep: number (from 2), position and key."""
    for key, positions in _groups(clashes):
        for number, position in enumerate(positions[:-1] if last else positions[1:], 2):
            yield number, position, key
