"""The few things that stop the program. Problems of the input are findings, not these."""

from pathlib import Path


class BatchmailError(Exception):
    """Stops the command: one sentence with its subject, and what to do next."""

    #: What the process ends with: nothing was sent.
    exit_code = 1

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class LibraryMissing(BatchmailError):
    """What the job asks for needs a library that is not installed: no row can be merged without it."""


class JournalBusy(BatchmailError):
    """Another send holds the journal."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.as_posix()}: another `batchmail send` is using this journal",
            "Wait until it has ended, then run this command again: nothing is sent twice.",
        )


class JournalUnusable(BatchmailError):
    """The journal cannot be opened, read or written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path.as_posix()}: the journal cannot be used: {reason}",
            "Nothing more was sent. Check the disk, the folder's rights and the file; do not delete the journal: "
            "it knows who has got their mail.",
        )


class JournalDoubtful(BatchmailError):
    """A journal may lack what was sent: `what` is wrong, and what the `danger` is."""

    def __init__(self, path: Path, what: str, danger: str) -> None:
        self.what = what
        self.danger = danger
        super().__init__(f"{path.as_posix()}: {what}", f"Nothing was sent. {danger}")


class JournalCopied(JournalDoubtful):
    """The journal is not the file that it was: it may lack what was sent since it was copied."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            path,
            f"this journal is not the file that it was: {reason}",
            "Whoever got their mail after the copy was made is not in it, and would get it again. Go on with the "
            "newest journal; or make sure that nothing was sent since then (look into the Sent folder), and say so "
            "with --adopt.",
        )


class JournalGone(JournalDoubtful):
    """There is no journal, though there has been one: nobody would know who has got their mail."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"the journal is gone, and its seal, {path.name}.seal, is still there",
            "Without it nobody is known to have their mail, and everybody would get it again. Put the newest journal "
            "back; or, if everybody is to be written to anew, say so with --adopt.",
        )


class JournalExposed(BatchmailError):
    """Somebody else could have changed the journal, and so who gets which mail."""

    def __init__(self, path: Path, reason: str, hint: str) -> None:
        super().__init__(f"{path.as_posix()}: the journal is not safe there: {reason}", f"Nothing was sent. {hint}")


class InputChanged(BatchmailError):
    """A file is no longer what it was when the plan was made."""

    #: Stopped early: some may have been sent, the rest is untouched.
    exit_code = 4

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} changed after the plan was made",
            "The rest was not sent. Run the command again to plan with the new content.",
        )
