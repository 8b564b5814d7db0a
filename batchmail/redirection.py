"""Test sends: the whole job through its real provider, but every mail to one address. Never the real mailing.

The plan is that of the real mails, so that all of them are checked. What differs, differs on the way out: the
recipients, the subject, which says whose mail it is, and the ways to leave the list, which would take a reader off it.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path
from secrets import token_hex

from batchmail.clock import SystemClock
from batchmail.delivery import Mailing
from batchmail.errors import BatchmailError, JournalUnusable
from batchmail.finding import Finding
from batchmail.journal import hold, open_journal, view_journal
from batchmail.journal.base import Journal
from batchmail.merge.addresses import BadAddress, parse_address
from batchmail.message import Address, Message
from batchmail.outcome import Divided, Outcome, Sent
from batchmail.own_folder import claim, clear
from batchmail.pipeline import OpenedJob
from batchmail.providers.around import SenderAround
from batchmail.providers.base import Files, Provider, Sender, Transmission
from batchmail.providers.secret_check import secret_findings

#: Lies in every folder that a test send has made, so that no other is ever cleared.
MARKER = ".batchmail-redirected"
#: No provider counts what was sent longer ago, in seconds.
_MEMORY_SECONDS = 2 * 86_400.0
_WHAT = "the test send"


class AddressUnusable(BatchmailError):
    """The address of a test send is none."""

    exit_code = 2

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"--redirect {text!r} is no address: {reason}", "Give one address, such as me@example.com.")


@dataclass(frozen=True, slots=True)
class Redirection:
    """A job whose mails all go to one mailbox, with a journal and a folder of its own."""

    opened: OpenedJob
    journal: Journal
    folder: Path
    mailbox: str

    def clear(self, reports: Sequence[Path]) -> None:
        """Remove the reports of earlier tests; `reports` are those that this one will write. Raises FolderTaken."""
        clear(self.folder, MARKER, _WHAT, [escape(path.name) for path in reports])


def one_mailbox(text: str) -> str:
    """The one mailbox that a test send goes to. Raises AddressUnusable."""
    match parse_address(text):
        case BadAddress(reason):
            raise AddressUnusable(text, reason)
        case Address(mailbox):
            return mailbox


@contextmanager
def redirecting(opened: OpenedJob, mailbox: str, folder: Path) -> Iterator[Redirection]:
    """Everything that a test send needs. Each begins anew; what earlier ones have sent still counts for the quota.

    Raises JournalBusy where the same job is being tested, and FolderTaken where the folder is another's.
    """
    with hold(folder.with_name(f"{folder.name}.test")):
        claim(folder, MARKER, _WHAT)
        journal = _journal(folder / "journal.db", opened.job.mailing)
        try:
            yield Redirection(_redirected(opened, mailbox), journal, folder, mailbox)
        finally:
            journal.close()


def _journal(path: Path, mailing: Mailing) -> Journal:
    """The journal of all tests of a mailing, opened for one more; begun anew where none of them matters any longer."""
    if not _matters(path, mailing):
        for part in path.parent.glob(f"{escape(path.name)}*"):
            with suppress(OSError):  # opening it tells what is wrong with it
                part.unlink()
    return open_journal(path, Mailing(mailing.job, f"test {token_hex(8)}"), adopt=True)


def _matters(path: Path, mailing: Mailing) -> bool:
    """Whether a journal knows of requests that may still count for a quota."""
    try:
        journal = view_journal(path, mailing)
    except JournalUnusable:
        return False
    with closing(journal):
        return next(journal.recent(SystemClock().now().timestamp() - _MEMORY_SECONDS), None) is not None


def _redirected(opened: OpenedJob, mailbox: str) -> OpenedJob:
    # One request a row: that the provider could send separately no longer matters, and nothing is combined.
    job = replace(opened.job, message=replace(opened.job.message, send_separately=False))
    return replace(opened, job=job, provider=_RedirectedProvider(opened.provider, mailbox))


class _RedirectedProvider:
    """The job's own provider; its connections change every message on the way out."""

    def __init__(self, provider: Provider, mailbox: str) -> None:
        self._provider = provider
        self._mailbox = mailbox
        # A mail program takes two mails with the same Message-ID for one, and would hide the real one.
        self._run = token_hex(4)
        self.title = provider.title
        self.account = provider.account
        self.capabilities = replace(provider.capabilities, look_up=None)
        self.official = provider.official
        self.record = provider.record

    def adapt(self, message: Message) -> Message:
        return self._provider.adapt(message)

    def check_credentials(self) -> None:
        self._provider.check_credentials()

    def secret_findings(self) -> Iterator[Finding]:
        return secret_findings(self._provider)

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        limit = self.capabilities.subject_characters
        return _RedirectedSender(self._provider.open(files, timeout_seconds), self._mailbox, self._run, limit)

    def at(self, base_url: str, access_token: str) -> Provider:
        return _RedirectedProvider(self._provider.at(base_url, access_token), self._mailbox)


@dataclass(frozen=True, slots=True)
class _RedirectedSender(SenderAround):
    mailbox: str
    run: str
    subject_characters: int | None

    def prepare(self, message: Message) -> Transmission:
        transmission = self.sender.prepare(redirected(message, self.mailbox, self.run, self.subject_characters))

        async def transmit() -> Outcome:
            return _of_one(await transmission(), self.mailbox)

        return transmit


def redirected(message: Message, mailbox: str, run: str, subject_characters: int | None = None) -> Message:
    """A message as it goes to the one mailbox. The mark on the subject stays whole; the end of the subject may not."""
    first, *others = message.to
    whose = first.mailbox + (f" and {len(others)} more" if others else "")
    return replace(
        message,
        to=(Address(mailbox),),
        cc=(),
        bcc=(),
        subject=f"[to {whose}] {message.subject}"[:subject_characters],
        send_separately=False,
        unsubscribe=None,
        identity=message.identity and f"{message.identity}.{run}",
    )


def _of_one(outcome: Outcome, mailbox: str) -> Outcome:
    """What became of the one mail, told for the row whose mail it is: its own addresses were never written to."""
    match outcome:
        case Divided(refused, doubtful):
            return refused.get(mailbox) or doubtful.get(mailbox) or Sent()
        case _:
            return outcome
