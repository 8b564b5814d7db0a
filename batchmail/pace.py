"""How fast a run may go and how long that takes: for the plan's estimate, and for the run itself."""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from batchmail.rate import Handover, Rate, Unit

#: From here on a run is a long one, and a provider may ask for less than its peak rate (`Rate.sustained`).
LONG_RUN_SECONDS = 30 * 60.0

#: Rates with windows up to this are spread evenly; longer ones are quotas, used up as fast as the others permit.
LONGEST_EVEN_SECONDS = 60.0


#: What was sent earlier is reckoned with in steps of so many seconds.
STEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The rates that a run keeps to, how many seconds it takes at least, and a few words about it for people.

    `used` names a quota of which so much was used up before that the run has to wait for the rest; else it is empty.
    """

    rates: tuple[Rate, ...]
    seconds: float
    note: str
    used: str = ""


def memory_seconds(rates: Iterable[Rate]) -> float:
    """For how long what was sent counts."""
    return max(map(window_seconds, rates), default=0.0)


def window_seconds(rate: Rate) -> float:
    """How long a window is kept: a little longer than asked, because requests arrive later than they leave.

    Not all of them by the same time: one that opens its connection first arrives closer to those after it.
    """
    return rate.seconds + min(0.1, rate.seconds / 200)


def spacing_seconds(rate: Rate) -> float:
    """How far apart the things that it counts are kept; 0 for a quota."""
    return window_seconds(rate) / rate.count if rate.seconds <= LONGEST_EVEN_SECONDS else 0.0


def permitted(
    rates: Sequence[Rate], requests: int, recipients: int, earlier: Sequence[Handover] = (), now: float = 0.0
) -> Pace:
    """The pace of a run of so many requests to so many recipients: all of them count, not requests alone.

    `earlier` is what was sent before, the oldest first, and `now` the time of its moments. What is said to have been
    sent later than that, by a clock that was ahead, counts as sent just now.
    """
    earlier = [replace(each, at=min(now, each.at)) for each in earlier]
    peak = tuple(rates)
    kept = peak
    if duration_seconds(peak, requests, recipients) > LONG_RUN_SECONDS:
        kept = tuple(map(_sustained, peak))
    seconds, used = duration_seconds(kept, requests, recipients), ""
    for rate in kept:
        wait = _quota_seconds(rate, recipients if rate.unit is Unit.RECIPIENTS else requests, earlier, now)
        if wait > seconds:
            seconds, used = wait, f"{_used(rate, earlier, now):,} of {rate} are used up"
    return Pace(kept, seconds, _note(peak, kept, requests, recipients), used)


def _used(rate: Rate, earlier: Sequence[Handover], now: float) -> int:
    return sum(each.units(rate.unit) for each in earlier if each.at + window_seconds(rate) > now)


def _quota_seconds(rate: Rate, units: int, earlier: Sequence[Handover], now: float) -> float:
    """When the last of so many units may leave, by this quota alone; 0 where nothing of it was used up."""
    used = _used(rate, earlier, now)
    if spacing_seconds(rate) or not used or units <= rate.count - used:
        return 0.0
    coming = deque([(0.0, max(0, rate.count - used)), *_returns(rate, earlier, now)])
    at = 0.0
    while units > 0:
        free, count = coming.popleft()
        at = max(at, free)
        units -= count
        coming.append((at + window_seconds(rate), count))
    return at


def _returns(rate: Rate, earlier: Sequence[Handover], now: float) -> list[tuple[float, int]]:
    """When what was used of a quota may be used again, in how many seconds from now and how much."""
    steps: dict[int, int] = {}
    for each in earlier:
        left = each.at + window_seconds(rate) - now
        if left > 0:
            step = math.ceil(left / STEP_SECONDS)
            steps[step] = steps.get(step, 0) + each.units(rate.unit)
    return [(step * STEP_SECONDS, count) for step, count in sorted(steps.items())]


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
