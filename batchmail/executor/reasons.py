"""Why a mail did not reach somebody, in words that are safe to print."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

#: Longer reasons are cut: they are read in a cell of a table.
LONGEST_REASON = 200
#: Names are not cut: those beyond so many characters are counted.
LONGEST_LIST = 4_000


def one_line(code: str, reason: str) -> str:
    """A reason as one short line that is safe to print, with the provider's code before it."""
    text = f"{code}: {reason}" if code and reason else code or reason
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"


def listed(shown: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    """Everybody who has a reason, by the name that is shown; a reason that several share is told once."""
    groups: dict[str, list[str]] = {}
    for mailbox, reason in reasons.items():
        groups.setdefault(reason, []).append(shown[mailbox])
    return "; ".join(f"{named(names, LONGEST_LIST // len(groups))}: {reason}" for reason, names in groups.items())


def named(names: Sequence[str], longest: int = LONGEST_LIST) -> str:
    """Names, and how many more there are where they would be longer than that."""
    lengths = accumulate(len(name) + len(", ") for name in names)
    told = max(1, sum(length <= longest for length in lengths))
    more = len(names) - told
    return ", ".join(names[:told]) + (f" and {more:,} more" if more else "")


def reason_in_doubt(
    shown: Mapping[str, str], missed: Mapping[str, str], unknown: Mapping[str, str], got: Sequence[str]
) -> str:
    """Who may have got a mail and who does not get it, among all whom it goes to; `got` are those who have it."""
    if len(shown) == 1:
        return next(iter(unknown.values()))
    notes = [f"in doubt: {listed(shown, unknown)}"]
    notes += [f"not sent to {listed(shown, missed)}"] if missed else []
    notes += [f"{named(got)} got it"] if got else []
    return "; ".join(notes)


def reason_of_rejection(shown: Mapping[str, str], missed: Mapping[str, str], got: Sequence[str]) -> str:
    """Why none of those whom a mail is to has got it; `got` are those in cc and bcc who have."""
    if len(missed) == 1 and not got:
        return next(iter(missed.values()))
    return "; ".join([listed(shown, missed), *([f"{named(got)} got it"] if got else [])])
