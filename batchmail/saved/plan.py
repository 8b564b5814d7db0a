"""A saved plan as it is read: what it was made of, and how the rows of now differ from its own."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from batchmail.delivery import Candidate, Mailing
from batchmail.saved.comparison import Comparison
from batchmail.saved.errors import PlanUnusable

#: The version of the file that this program writes and reads.
SCHEMA = 2

_MAGIC = b"SQLite format 3\0"
#: Where SQLite keeps a file's application id (sqlite.org/fileformat.html, section 1.3).
_APPLICATION = slice(68, 72)
_OURS = b"bmpl"


class Role(StrEnum):
    """What a file is to the job."""

    MANIFEST = "manifest"
    SHEET = "sheet"
    TEMPLATE = "template"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it was when the plan was saved; digest SHA-256, hex."""

    path: Path
    role: Role
    digest: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a plan was made of, and for whom. Paths are absolute; `made` is ISO 8601 with an offset.

    `digest` is the plan's own, `job` that of the manifest and `sheet` that of the sheet as they were read for it; all
    in hex.
    """

    manifest: Path
    mailing: Mailing
    journal: Path
    digest: str
    job: str
    sheet: str
    made: str
    program: str
    allowed: tuple[str, ...] = ()

    def named(self) -> dict[str, str]:
        """All of it but `allowed`, as texts by their names."""
        return {
            "manifest": str(self.manifest),
            "job": self.mailing.job,
            "edition": self.mailing.edition,
            "journal": str(self.journal),
            "digest": self.digest,
            "job digest": self.job,
            "sheet digest": self.sheet,
            "made": self.made,
            "program": self.program,
        }


def _origin(named: dict[str, str], allowed: tuple[str, ...]) -> Origin:
    """Raises KeyError where something is missing."""
    return Origin(
        Path(named["manifest"]),
        Mailing(named["job"], named["edition"]),
        Path(named["journal"]),
        named["digest"],
        named["job digest"],
        named["sheet digest"],
        named["made"],
        named["program"],
        allowed,
    )


def is_saved_plan(path: Path) -> bool:
    """Whether a file is a saved plan, by its content."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except (OSError, ValueError):
        return False
    return head.startswith(_MAGIC) and head[_APPLICATION] == _OURS


class SavedPlan:
    """A saved plan; to be closed."""

    def __init__(self, path: Path) -> None:
        """Raises PlanUnusable where it cannot be read, or others could have written it."""
        self.path = path
        _require_own(path)
        with self._told():
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            with self._told():
                self._configure()
                self.origin = self._read_origin()
        except BaseException:
            self._database.close()
            raise

    def files(self, *roles: Role) -> Iterator[KeptFile]:
        """The files that went in, in order of their names."""
        with self._told():
            for path, role, digest in self._database.execute("SELECT path, role, digest FROM file"):
                if role in roles:
                    yield KeptFile(Path(path), Role(role), digest)

    @contextmanager
    def compared(self, rows: Iterable[Candidate], spared: Callable[[Candidate], bool]) -> Iterator[Comparison]:
        """The rows of now held against the saved ones; to be asked once. `spared` as in Comparison."""
        with self._told():
            yield Comparison(self._database, rows, spared)

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def _configure(self) -> None:
        for setting in ("trusted_schema = OFF", "temp_store = FILE", "cache_size = -16384", "temp.cache_size = -16384"):
            self._database.execute(f"PRAGMA {setting}")
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version != SCHEMA:
            raise PlanUnusable(self.path, f"another version of batchmail has made it (its form is {version})")

    def _read_origin(self) -> Origin:
        named = dict(self._database.execute("SELECT name, value FROM origin"))
        return _origin(named, tuple(rule for (rule,) in self._database.execute("SELECT rule FROM allowed")))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise PlanUnusable(self.path, f"the file cannot be read, or is damaged ({error})") from error
        except (KeyError, TypeError, ValueError) as error:
            raise PlanUnusable(self.path, f"the file is damaged ({error})") from error


def _require_own(path: Path) -> None:
    """Refuse a file that others may write, on systems that tell: it says which job is sent, and what is allowed."""
    if os.name != "posix":
        return
    try:
        found = path.stat()
    except OSError as error:
        raise PlanUnusable(path, error.strerror or str(error)) from error
    if os.geteuid() not in (found.st_uid, 0):
        raise PlanUnusable(path, "it belongs to another user")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PlanUnusable(path, f"others may write it (close it to them: chmod go-w {path.as_posix()})")
