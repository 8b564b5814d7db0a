"""What a run works with."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from batchmail.clock import Clock
from batchmail.delivery import Envelope, Leaving
from batchmail.executor.budget import FREE
from batchmail.executor.committer import Ledger
from batchmail.executor.pacing import Limiter
from batchmail.job import SendSpec
from batchmail.providers.base import Sender


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run works with.

    `jitter` gives numbers from 0 to 1. After `doubts` requests in a row that ended in doubt the run is closed,
    so that an outage puts no more than that and the concurrency in doubt. `retries` are those that a run may make
    besides a tenth of its requests. Where nothing may leave for longer than `longest_wait_seconds`, the run is closed
    instead of waiting. None for no such end. `in_copies` tells that every recipient of a message costs a
    request. `look` tells who may still be written to, when an envelope is about to leave (see LastLook). `show_seconds`
    is how often progress is shown, where nothing happens that must be seen at once.
    """

    ledger: Ledger
    open_sender: Callable[[], Sender]
    limiter: Limiter
    clock: Clock
    spec: SendSpec = field(default_factory=SendSpec)
    jitter: Callable[[], float] = random.random
    doubts: int | None = 5
    retries: int | None = FREE
    longest_wait_seconds: float | None = None
    in_copies: bool = False
    look: Callable[[Envelope], Leaving] | None = None
    show_seconds: float = 0.1
