"""What a worksheet cannot hold."""

from batchmail.errors import BatchmailError


class ReportTooLarge(BatchmailError):
    """The report does not fit into a worksheet."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The report does not fit into a worksheet: {what}",
            "Nothing is lost, the journal has all results: `batchmail report JOB --out results.csv` has no such limit.",
        )
