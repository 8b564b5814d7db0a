"""How fast a run may go and how long that takes: for the plan's estimate, and for the run itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from batchmail.rate import Rate, Unit

#: From here on a run is a long one, and a provider may ask for less than its peak rate (`Rate.sustained`).
LONG_RUN_SECONDS = 30 * 60.0

#: Rates with windows up to this are spread evenly; longer ones are quotas, used up as fast as the others permit.
LONGEST_EVEN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The rates that a run keeps to, how many seconds it takes at least, and a few words about it for people."""

    rates: tuple[Rate, ...]
    seconds: float
    note: str


def window_seconds(rate: Rate) -> float:
    """How long a window is kept: a little longer than asked, because requests arrive later than they leave.

    Not all of them by the same time: one that opens its connection first arrives closer to those after it.
    """
    return rate.seconds + min(0.1, rate.seconds / 200)


def spacing_seconds(rate: Rate) -> float:
    """How far apart the things that it counts are kept; 0 for a quota."""
    return window_seconds(rate) / rate.count if rate.seconds <= LONGEST_EVEN_SECONDS else 0.0


def permitted(rates: Sequence[Rate], requests: int, recipients: int) -> Pace:
    """The pace of a run of so many requests to so many recipients: all of them count, not requests alone."""
    peak = tuple(rates)
    kept = peak
    if duration_seconds(peak, requests, recipients) > LONG_RUN_SECONDS:
        kept = tuple(map(_sustained, peak))
    return Pace(kept, duration_seconds(kept, requests, recipients), _note(peak, kept, requests, recipients))


def duration_seconds(rates: Sequence[Rate], requests: int, recipients: int) -> float:
    """How long these rates make a run, from its first request to its last."""
    if requests == 0:
        return 0.0
    share = recipients / requests
    even = max((_units(rate, share) * spacing_seconds(rate) for rate in rates), default=0.0)
    return _in_windows(sorted(rates, key=lambda rate: rate.seconds), float(requests), share, even)


def _in_windows(rates: Sequence[Rate], requests: float, share: float, even: float) -> float:
    """Whole windows of the longest rate, then the rest at what the shorter ones permit.

    Windows matter for evenly spaced rates too: of 3 recipients/s, requests to 2 each can use only 2.
    """
    if not rates:
        return max(0.0, requests - 1) * even
    *shorter, longest = rates
    in_window = longest.count / _units(longest, share)
    if in_window < 1:
        windows, last = (requests - 1) / in_window, 1.0  # a request alone counts for several windows
    else:
        windows = math.ceil(requests / math.floor(in_window)) - 1
        last = requests - windows * math.floor(in_window)
    rest = _in_windows(shorter, last, share, even)
    return max(_in_windows(shorter, requests, share, even), windows * window_seconds(longest) + rest)


def _units(rate: Rate, share: float) -> float:
    """What a request with this share of the recipients counts for."""
    return share if rate.unit is Unit.RECIPIENTS else 1.0


def _sustained(rate: Rate) -> Rate:
    if rate.sustained >= 1:
        return rate
    count = math.floor(rate.count * rate.sustained)
    if count == 0:
        return replace(rate, seconds=rate.seconds / rate.sustained, sustained=1.0)
    return replace(rate, count=count, sustained=1.0)


def _note(peak: tuple[Rate, ...], kept: tuple[Rate, ...], requests: int, recipients: int) -> str:
    if not kept:
        return "as fast as the provider answers"
    share = recipients / requests if requests else 1.0
    before, slowest = max(
        zip(peak, kept, strict=True),
        key=lambda pair: (
            duration_seconds(pair[1:], requests, recipients),
            _units(pair[1], share) * pair[1].seconds / pair[1].count,
        ),
    )
    if before == slowest:
        return f"at {slowest}"
    part = "half" if before.sustained == 1 / 2 else f"{before.sustained:.0%}"
    return f"at {slowest} ({part} of {before.count:,}, because it takes over 30 minutes)"
