"""A plan on its way into a file: written aside while the rows are planned, and moved to its place as a whole."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.resources import files
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from batchmail.delivery import Candidate
from batchmail.message import Message
from batchmail.private_file import write_private
from batchmail.saved.comparison import kept, left_out
from batchmail.saved.errors import PlanUnwritten
from batchmail.saved.plan import KeptFile, Origin, Role, is_saved_plan

_AT_ONCE = 1_000
_BLOCK = 1 << 20


class PlanDraft:
    """Collects what a saved plan holds, outside of memory."""

    def __init__(self, path: Path, database: sqlite3.Connection, draft: Path) -> None:
        self._path = path
        self._database = database
        self._draft = draft
        self._attached: dict[str, str] = {}

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator["PlanDraft"]:
        """A draft of the plan that is to be saved at a path. Raises PlanUnwritten where something else is there."""
        if path.exists() and not is_saved_plan(path):
            raise PlanUnwritten(path, "there is a file that is no saved plan", "Give the plan another name.")
        with ExitStack() as stack:
            with _told(path):
                draft = Path(stack.enter_context(TemporaryDirectory(prefix="batchmail-", ignore_cleanup_errors=True)))
                database = stack.enter_context(closing(sqlite3.connect(draft / "plan", isolation_level=None)))
                database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
                database.executescript(files("batchmail.saved").joinpath("schema.sql").read_text(encoding="utf-8"))
                database.execute("BEGIN")
            yield cls(path, database, draft / "plan")

    def look(self, message: Message) -> None:
        """Take the files of a message in."""
        for attachment in message.attachments:
            self._attached[str(attachment.path.absolute())] = attachment.digest
        if len(self._attached) >= _AT_ONCE:
            with _told(self._path):
                self._keep_attached()

    def save(
        self,
        origin: Origin,
        inputs: Iterable[KeptFile],
        rows: Iterable[Candidate],
        spared: Callable[[Candidate], bool],
    ) -> None:
        """Write the file: for its owner alone, and whole or not at all. Raises PlanUnwritten.

        Rows that are left out because somebody has unsubscribed (`spared`) are no part of it.
        """
        with _told(self._path):
            self._keep_attached()
            self._keep_files((str(each.path), each.role.value, each.digest) for each in inputs)
            self._database.executemany("INSERT INTO origin VALUES (?, ?)", origin.named().items())
            self._database.executemany("INSERT INTO allowed VALUES (?)", ((rule,) for rule in origin.allowed))
            remaining = (row for row in rows if not (row.skip and spared(row)))
            while chunk := list(islice(remaining, _AT_ONCE)):
                sent, rest = (kept(row) for row in chunk if not row.skip), (left_out(row) for row in chunk if row.skip)
                self._database.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", sent)
                self._database.executemany("INSERT INTO aside VALUES (?, ?, ?, ?, ?)", rest)
            self._database.execute("COMMIT")
            self._database.close()
            write_private(self._path, _blocks(self._draft), self._path.parent)

    def _keep_attached(self) -> None:
        role = Role.ATTACHMENT.value
        self._keep_files((path, role, digest) for path, digest in self._attached.items())
        self._attached.clear()

    def _keep_files(self, rows: Iterable[tuple[str, str, str]]) -> None:
        self._database.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", rows)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the disk says, as PlanUnwritten."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise PlanUnwritten(path, reason, "Check the folder, its rights and the disk.") from error
