"""What a do-nothing server has counted."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(slots=True)
class Tally:
    """Counts since the last question; `size` is in bytes. Times are seconds since 1970, zero before anything has come.

    `first` is when the first mail had arrived, `last` when the last answer was given; `delays` is the sum of the
    seconds for which mails waited for their answers.
    """

    mails: int = 0
    recipients: int = 0
    connections: int = 0
    size: int = 0
    first: float = 0.0
    last: float = 0.0
    delays: float = 0.0

    def arrived(self, now: float) -> None:
        """Count a mail that is there as a whole."""
        if not self.mails:
            self.first = now
        self.mails += 1

    def answered(self, arrived: float, now: float) -> None:
        """Note when a mail got its answer."""
        self.last = now
        self.delays += now - arrived

    def start_anew(self) -> None:
        """Forget everything."""
        for name, zero in asdict(Tally()).items():
            setattr(self, name, zero)

    @property
    def seconds(self) -> float:
        """How long mails came: the sending phase."""
        return self.last - self.first

    @property
    def rate(self) -> float:
        """Mails a second over the sending phase."""
        return self.mails / self.seconds if self.seconds > 0 else 0.0

    def as_json(self) -> bytes:
        """The counts, for a process that asks."""
        return json.dumps(asdict(self)).encode("ascii")

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """What `as_json` has written."""
        return cls(**json.loads(text))
