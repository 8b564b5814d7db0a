"""Jobs to start from: the examples of the repository, which installed packages carry along."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from batchmail.errors import BatchmailError

_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    """An example, what it shows, and which of its files is the job."""

    name: str
    shows: str
    job: str = "job.yaml"


#: The first is the one that is taken where none is named. `pyproject.toml` lists them too, for installed packages.
EXAMPLES = (
    Example("hello", "a small sheet and a text: begin here"),
    Example("invoices", "a workbook, a body in HTML, and a PDF of its own for every row"),
    Example("lunch", "a workbook that is the whole job, without YAML", "job.xlsx"),
    Example("newsletter", "SMTP: HTML with a plain alternative, pictures, and a way off the list"),
)


class FolderInUse(BatchmailError):
    """A job cannot be put into a folder that has files."""

    exit_code = 2

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder.as_posix()}: {reason}", "Name a folder that is not there yet, or an empty one.")


def copy_example(name: str, folder: Path) -> tuple[str, ...]:
    """Put an example into a folder; gives the names of its files. Nothing is ever replaced.

    Raises FolderInUse where there is something, and BatchmailError where the files cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FolderInUse(folder, "there is something already, and nothing is replaced")
        source = _source(name)
        files = [path for path in sorted(source.rglob("*")) if path.is_file() and _belongs(path.relative_to(source))]
        for path in files:
            copy = folder / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BatchmailError(
            f"{folder.as_posix()}: the example cannot be written: {reason}", "Look at the disk and the folder's rights."
        ) from None
    return tuple(path.relative_to(source).as_posix() for path in files)


def _source(name: str) -> Path:
    """Where an example is: in an installed package beside this file, in a checkout where everybody looks for them."""
    installed = _PACKAGE / "examples" / name
    return installed if installed.is_dir() else _PACKAGE.parent / "manifests" / name


def _belongs(path: Path) -> bool:
    """Whether a file is part of the example, and nothing that a run has left in a checkout."""
    return not any(part.startswith(".") for part in path.parts) and path.stem != "results"
