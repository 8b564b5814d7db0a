"""The template files that templates name: within the manifest's folder, never through a link out of it."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

from jinja2 import BaseLoader, Environment, TemplateNotFound

from batchmail import rules
from batchmail.finding import Rule
from batchmail.job import TemplateText
from batchmail.location import TextLocation
from batchmail.merge.budget import LARGEST


class FileUnusable(TemplateNotFound):
    """A template file that cannot be taken: by which rule, and what to do. `include … ignore missing` minds none."""

    def __init__(self, rule: Rule, message: str, hint: str) -> None:
        super().__init__(message, message)
        self.rule = rule
        self.reason = message
        self.hint = hint


class FolderLoader(BaseLoader):
    """Finds what `include`, `extends` and `import` name. Raises FileUnusable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: Where each file stands that was read, by the name that Python's tracebacks have for it.
        self.known: dict[str, Path] = {}

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002  jinja2's own signature
        template: str,
    ) -> tuple[str, str, Callable[[], bool] | None]:
        """What Jinja2 asks for."""
        found = self.read(template)
        return found.text, str(found.where.path), None

    def read(self, name: str) -> TemplateText:
        """The template of a name, which is a path from the manifest's folder."""
        path = self._path(name)
        text = read_template(path, name)
        self.known[str(path)] = path
        return TemplateText(text, TextLocation(path, 1, 1))

    def _path(self, name: str) -> Path:
        if not name.strip() or "\0" in name or leads_out(name):
            raise _outside(name)
        parts = PureWindowsPath(name).parts
        path = self._folder.joinpath(*parts)
        steps = [self._folder.joinpath(*parts[: end + 1]) for end in range(len(parts))]
        # A link may change its aim between plan and send, and within the folder nobody needs one.
        if any(step.is_symlink() for step in steps):
            raise _outside(name)
        return path


def leads_out(name: str) -> bool:
    """Whether a path is absolute or climbs, on any system."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    climbing = ".." in windows.parts or ".." in posix.parts
    return climbing or bool(windows.drive or windows.root or posix.root)


def read_template(path: Path, name: str) -> str:
    """The text of a template file. Raises FileUnusable."""
    try:
        if path.stat().st_size > LARGEST:
            raise _unreadable(name, f"it is larger than {LARGEST:,} bytes")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        hint = f"Looked for {path.as_posix()}."
        raise FileUnusable(rules.FILE_MISSING, f"`{name}` is not there", hint) from None
    except UnicodeDecodeError as error:
        message = f"`{name}` is not UTF-8: byte {error.start + 1} is {error.object[error.start]:#04x}"
        raise FileUnusable(rules.FILE_UNREADABLE, message, "Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise _unreadable(name, str(error)) from None


def _unreadable(name: str, reason: str) -> FileUnusable:
    hint = "Check the name, the size and the rights of the file."
    return FileUnusable(rules.FILE_UNREADABLE, f"`{name}` cannot be read: {reason}", hint)


def _outside(name: str) -> FileUnusable:
    return FileUnusable(
        rules.TEMPLATE_OUTSIDE,
        f"`{name}` leads outside of the manifest's folder, or through a link",
        "Put the file into the manifest's folder, or a folder in it, and write its path from there.",
    )
