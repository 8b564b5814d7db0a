"""Sends what the journal has queued: paced, concurrent, each intent durable before its first byte.

`executor.py` holds the order of things, `retry.py` what follows from an outcome, `pacing.py` when the next may leave.
"""

from batchmail.executor.executor import run
from batchmail.executor.interrupt import Interruption, signals_to
from batchmail.executor.pacing import Limiter
from batchmail.executor.progress import Progress, RunResult
from batchmail.executor.setup import Setup

__all__ = ["Interruption", "Limiter", "Progress", "RunResult", "Setup", "run", "signals_to"]
