"""What was raised in another process, so that it can be raised here."""

import traceback
from dataclasses import dataclass

from batchmail.errors import BatchmailError


class CourierFailed(Exception):
    """A bug in a courier; the text is its traceback, for the log."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A sentence and its hint, as a BatchmailError has them; or the traceback of a bug."""

    message: str
    hint: str = ""
    trace: str = ""

    @staticmethod
    def of(error: Exception) -> "Failure":
        """What an exception says."""
        if isinstance(error, BatchmailError):
            return Failure(str(error.message), str(error.hint))
        return Failure("", trace="".join(traceback.format_exception(error)))  # it may have no text that can be told

    def error(self) -> Exception:
        """What to raise for it."""
        return CourierFailed(self.trace) if self.trace else BatchmailError(self.message, self.hint)
