"""What an emulator accepted, in memory and on the disk: the sender has no hand in it."""

from collections import deque
from pathlib import Path
from threading import Lock
from typing import Self

from batchmail.emulator.archive import Archive
from batchmail.emulator.mail import AcceptedMail, Receipt, Submission


class Inbox:
    """The mails that were accepted, in order.

    With a folder, each mail is there as `00001.eml` (one `00001-0001.eml` for each recipient where it is sent
    separately) and `00001.json`, and has a line in `index.jsonl`, before `accept` returns. The numbers go on from
    those that the folder has. `held_bytes` bounds what is kept in memory: the newest mails, at least one; None
    keeps all.
    """

    def __init__(self, folder: Path | None = None, held_bytes: int | None = None) -> None:
        self._archive = None if folder is None else Archive(folder)
        self._number = self._archive.known if self._archive else 0
        self._accepted = 0
        self._requests = 0
        self._mails: deque[AcceptedMail] = deque()
        self._held = 0
        self._held_bytes = held_bytes
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._archive:
            self._archive.close()

    @property
    def mails(self) -> tuple[AcceptedMail, ...]:
        """The accepted mails that are kept in memory, oldest first."""
        with self._lock:
            return tuple(self._mails)

    def find(self, number: int) -> AcceptedMail | None:
        """A mail that is kept in memory."""
        with self._lock:
            return next((mail for mail in self._mails if mail.number == number), None)

    def clear(self) -> None:
        """Let go of the mails in memory. What is on the disk stays there, and the numbers go on."""
        with self._lock:
            self._mails.clear()
            self._held = 0

    @property
    def accepted(self) -> int:
        """How many requests were accepted, kept in memory or not."""
        with self._lock:
            return self._accepted

    @property
    def requests(self) -> int:
        """How many requests to send a mail have begun, whatever became of them."""
        with self._lock:
            return self._requests

    @property
    def log(self) -> Path | None:
        """The accept log: a line of JSON for each mail, written before the mail's request is answered."""
        return self._archive.log if self._archive else None

    def request_began(self) -> int:
        """Count a request to send a mail; gives its number, from 1."""
        with self._lock:
            self._requests += 1
            return self._requests

    def accept(self, submission: Submission, receipt: Receipt) -> AcceptedMail:
        """Keep a mail. Raises InboxUnwritable where the disk does not take it: then it is not accepted."""
        with self._lock:
            mail = AcceptedMail.of(self._number + 1, submission, receipt)
            if self._archive:
                self._archive.write(mail)
            self._number += 1
            self._accepted += 1
            self._hold(mail)
        return mail

    def _hold(self, mail: AcceptedMail) -> None:
        self._mails.append(mail)
        self._held += _weight(mail)
        while self._held_bytes is not None and self._held > self._held_bytes and len(self._mails) > 1:
            self._held -= _weight(self._mails.popleft())


def _weight(mail: AcceptedMail) -> int:
    """About how many bytes a mail takes up in memory: its request, what is decoded from it, and the objects."""
    return 2_000 + 2 * len(mail.request)
