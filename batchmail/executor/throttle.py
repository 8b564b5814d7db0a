"""How much of its rate a provider takes in truth, learnt from its refusals."""

import math

#: At the first refusal of a window the rate is halved, and not below this share of it.
LEAST_SHARE = 1 / 64
#: After every window without a refusal the rate recovers by this share of it.
RECOVERY = 0.05
#: How long such a window is, in seconds.
CLEAN_SECONDS = 60.0


class Throttle:
    """The share of the permitted rate that is used: halved at once, and recovered step by step (AIMD)."""

    def __init__(self) -> None:
        self._share = 1.0
        self._window_ends = -math.inf
        self._recovered_at = -math.inf

    def share(self, now: float) -> float:
        """The share that may be used, 1 for all."""
        if self._share < 1.0:
            clean = max(0, math.floor((now - self._recovered_at) / CLEAN_SECONDS))
            self._share = min(1.0, self._share + clean * RECOVERY)
            self._recovered_at += clean * CLEAN_SECONDS
        return self._share

    def cut(self, now: float, seconds: float) -> None:
        """The provider has refused for the rate's sake, its window ends in so many seconds; once a window it counts."""
        if now < self._window_ends:
            return
        self._share = max(LEAST_SHARE, self.share(now) / 2)
        self._window_ends = self._recovered_at = now + seconds
