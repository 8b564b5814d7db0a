"""What a provider says is left of its limit, where that is less than this run would use."""

import math
from dataclasses import dataclass

from batchmail.outcome import Allowance

#: A provider tells the end of its window in whole seconds, rounded who knows how.
ROUNDING_SECONDS = 1.0
#: Ends further apart than this belong to different windows.
SAME_WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Told:
    """An allowance as it stands now: what is `left`, and the bounds of when the window ends."""

    left: int
    ends_after: float
    ends_before: float

    @classmethod
    def at(cls, now: float, asked: float, uncounted: int, allowance: Allowance) -> "Told":
        """What the answer to a request tells that left at `asked`; `uncounted` requests have left since."""
        return cls(
            max(0, allowance.remaining - uncounted),
            asked + allowance.reset_seconds - ROUNDING_SECONDS,
            now + allowance.reset_seconds + ROUNDING_SECONDS,
        )


class Remainder:
    """Spreads what is left until the provider's window ends, and lets nothing through where nothing is left.

    As long as this run would not use up what is left, it changes nothing.
    """

    def __init__(self) -> None:
        self._left = 0
        self._until = -math.inf
        self._spacing = 0.0
        self._next = -math.inf

    def free_at(self, now: float) -> float:
        """When the next request may leave."""
        if now >= self._until:
            return -math.inf
        return self._next if self._left > 0 else self._until

    def take(self, now: float) -> None:
        """Count a request."""
        self._left -= 1
        self._next = now + self._spacing

    def heed(self, told: Told, now: float, due: float, spacing: float) -> None:
        """An answer has told what is left. The run's next request is `due` then, the others after it so far apart.

        The spacing is 0 where nothing keeps them apart.
        """
        same = now < self._until and told.ends_before <= self._until + SAME_WINDOW_SECONDS
        if not same and not _is_less(told, due, spacing):
            self._until = -math.inf
            return
        self._left = min(self._left, told.left) if same else told.left
        self._until = min(self._until, told.ends_before) if same else told.ends_before
        self._spacing = max(0.0, told.ends_after - now) / max(1, self._left)


def _is_less(told: Told, due: float, spacing: float) -> bool:
    """Whether less is left than this run would use until the window ends."""
    return not spacing or told.left < math.ceil((told.ends_after - due) / spacing)
