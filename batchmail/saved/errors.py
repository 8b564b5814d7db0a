"""What keeps a saved plan from being written or read."""

from pathlib import Path

from batchmail.errors import BatchmailError


class PlanUnusable(BatchmailError):
    """A saved plan cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path.as_posix()}: the saved plan cannot be used: {reason}",
            "Nothing was sent. Make it again:  batchmail plan JOB --out FILE",
        )


class PlanUnwritten(BatchmailError):
    """A plan cannot be saved."""

    def __init__(self, path: Path, reason: str, hint: str) -> None:
        super().__init__(f"{path.as_posix()}: the plan cannot be saved there: {reason}", hint)
