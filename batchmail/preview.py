"""What readers will get, before anything is sent: the rows that show it best, as text, as mails and as one page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from batchmail.errors import BatchmailError
from batchmail.gallery import Leaf, gallery_page
from batchmail.location import Location
from batchmail.merge.branches import Branches, watched_merger
from batchmail.message import Address, Message
from batchmail.own_folder import clear
from batchmail.pipeline import OpenedJob
from batchmail.planning import Keys
from batchmail.planning.showcase import Showcase, Shown
from batchmail.planning.suppression import spare
from batchmail.private_file import write_private
from batchmail.providers.files import FileStore
from batchmail.providers.mime import mail
from batchmail.providers.mime_head import address_line
from batchmail.providers.plain_text import adapting
from batchmail.providers.separate import copies
from batchmail.recipients import SheetBroken
from batchmail.row import ReadRow, Row

#: Lies in every folder that a preview has made, so that no other is ever written into.
MARKER = ".batchmail-preview"
PAGE = "index.html"
_WRITES = ("row-*.eml", PAGE)


class RowUnknown(BatchmailError):
    """A row was asked for that the sheet does not have."""

    exit_code = 2

    def __init__(self, what: str) -> None:
        super().__init__(
            f"No row has {what}",
            "Rows are numbered as the sheet's own program does it; keys are what `recipients.key` names, or the "
            "address in lower case where it names nothing.",
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which row somebody wants to see, by its number in the sheet or by its key; neither for a good choice."""

    row: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        return f"the number {self.row}" if self.key is None else f"the key `{self.key}`"


@dataclass(frozen=True, slots=True)
class Page:
    """One row's mail as its reader gets it; `number` is the row's own in the sheet, `why` the reasons to show it."""

    number: int
    key: str
    where: Location
    why: tuple[str, ...]
    message: Message

    @property
    def file_name(self) -> str:
        """The name of its mail in the folder of a preview."""
        return f"row-{self.number:05}.eml"


@dataclass(frozen=True, slots=True)
class Preview:
    """The mails that are shown, in the order of the sheet, and how many rows could not be merged."""

    pages: tuple[Page, ...]
    unmerged: int


def preview_job(opened: OpenedJob, wanted: Wanted = Wanted()) -> Preview:
    """The rows asked for, or those that show the most. Raises RowUnknown and LibraryMissing."""
    view = _View(opened)
    try:
        return view.asked(wanted) if wanted != Wanted() else view.chosen()
    except SheetBroken:
        return Preview((), 0)  # the plan has told it


class _View:
    """Goes through the sheet once."""

    def __init__(self, opened: OpenedJob) -> None:
        job, sheet = opened.job, opened.sheet
        self._opened = opened
        self._branches = Branches()
        adapt = adapting(job, opened.provider.adapt)
        self._merger = watched_merger(job, sheet.columns, sheet.place, self._branches, adapt)
        self._keys = Keys(job.recipients.key, sheet.columns, self._merger.addresses)

    def chosen(self) -> Preview:
        """The rows that show the most, of those that will be sent."""
        showcase = Showcase(self._merger.columns)
        unmerged = 0
        for row in self._opened.sheet.rows():
            read = self._opened.read(row)
            wanted = self._merger.wanted(read)
            if wanted is False:
                continue
            message = self._merged(read) if wanted else None
            if message is None:
                unmerged += 1
            elif message.to:
                showcase.look(row, message, self._branches.taken())
        return Preview(tuple(map(self._page, showcase.shown())), unmerged)

    def asked(self, wanted: Wanted) -> Preview:
        """One row, whether it will be sent or not; several where they have the same key."""
        found = False
        pages: list[Page] = []
        for read in self._matching(wanted):
            found = True
            message = self._merged(read)
            if message is not None:
                why = ["asked for"]
                why += ["left out by `where`, and not sent"] if self._merger.wanted(read) is False else []
                why += ["suppressed, and not sent"] if not message.to else []
                pages.append(self._page(Shown(read.row, message, tuple(why))))
        if not found:
            raise RowUnknown(str(wanted))
        return Preview(tuple(pages), 0 if pages else 1)

    def _matching(self, wanted: Wanted) -> Iterator[ReadRow]:
        matches: Callable[[Row, ReadRow], bool] = (
            (lambda row, _: row.line == wanted.row)
            if wanted.key is None
            else (lambda _, read: self._keys.of(read) == wanted.key)
        )
        for row in self._opened.sheet.rows():
            read = self._opened.read(row)
            if matches(row, read):
                yield read

    def _merged(self, read: ReadRow) -> Message | None:
        """A row's message to those who may be written to; `to` is empty where nobody of it may."""
        self._branches.taken()
        message = self._merger.merge(read)
        return message and spare(message, self._opened.suppression.planned).message

    def _page(self, shown: Shown) -> Page:
        key = self._keys.of(self._opened.read(shown.row))
        where = self._opened.sheet.place(shown.row)
        identity = self._opened.job.mailing.identity([key])
        return Page(shown.row.line, key, where, shown.why, replace(shown.message, identity=identity))


def sender_of(opened: OpenedJob, message: Message) -> Address:
    """Whom the reader sees as the sender: the mail's own, or the account with the name that the job gives it."""
    account = opened.provider.account
    address = message.sender or Address("sender" if " " in account else account)
    return address if address.name or not message.user_name else Address(address.mailbox, message.user_name)


def write_preview(opened: OpenedJob, preview: Preview, folder: Path) -> Path:
    """Write one mail a row, and a page that shows them all; gives the page's path.

    Raises FolderTaken where the folder has files of somebody else, InputChanged where an attachment has changed.
    """
    clear(folder, MARKER, "the preview", _WRITES)
    files = FileStore()
    leaves = []
    try:
        for page in preview.pages:
            write_private(folder / page.file_name, [_mail(opened, _copy(page.message), files)], folder)
            images = {each.cid: (each.media_type, files.content(each)) for each in page.message.attachments if each.cid}
            leaves.append(_leaf(opened, page, images))
        text = gallery_page(str(opened.job.mailing), opened.provider.title, leaves)
        write_private(folder / PAGE, [text.encode("utf-8", "replace")], folder)
    except OSError as error:
        raise BatchmailError(
            f"{folder.as_posix()}: the preview cannot be written: {error.strerror or error}",
            "Look at the disk's space and the folder's rights, or name another folder.",
        ) from None
    return folder / PAGE


def _leaf(opened: OpenedJob, page: Page, images: Mapping[str, tuple[str, bytes]]) -> Leaf:
    message, sender = page.message, sender_of(opened, page.message)
    return Leaf(page.number, page.key, str(page.where), page.why, message, sender, page.file_name, images)


def _copy(message: Message) -> Message:
    """What one reader gets: where everybody gets a copy of their own, that of the first."""
    return next(iter(copies(message)), message) if message.send_separately else message


def _mail(opened: OpenedJob, message: Message, files: FileStore) -> bytes:
    """The mail in full; who gets a blind copy stands in it, as in a draft."""
    blind = address_line("Bcc", message.bcc).encode("utf-8") if message.bcc else b""
    return b"".join(mail(message, sender_of(opened, message), files).pieces(blind))
