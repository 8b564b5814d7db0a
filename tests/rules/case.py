"""Cases: a job with its files in a folder, what has come before it, and the findings that it has, each at its place.

| in the folder | is |
|---|---|
| `job.yaml` (or `job.xlsx.toml`) and its files | what somebody plans |
| `expected.txt` | the findings: rule, severity, place; empty where all is well |
| `people.xlsx.toml` | a workbook, described (workbooks.py) |
| `sent/` | the files that were others when this job was sent before |
| `deleted.txt` | files that were deleted after that, by their paths; put back when all is put right |
| `planned/` | the files that were others when a plan of this job was saved, which is to be sent now |
| `mended/` | the files put right |
| `left.txt` | notes that stay when all is put right |
| `packages/` | packages that are installed |
| `missing.txt` | libraries that are not installed, by the names that they are imported by |
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from batchmail.cli import ending
from tests.program.office import captured
from tests.rules.workbooks import make_workbooks

PLAN = "october.plan"
_EXPECTED = "expected.txt"
_STEPS = ("sent", "planned", "mended")


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is kept."""

    kept: Path

    @property
    def name(self) -> str:
        return self.kept.name

    @property
    def expected(self) -> list[str]:
        """`rule severity place` of every finding, in order of the alphabet."""
        return _lines(self.kept / _EXPECTED)

    @property
    def left(self) -> list[str]:
        """The notes that stay, in the same form."""
        return _lines(self.kept / "left.txt")

    @property
    def is_mended_by_files(self) -> bool:
        return (self.kept / "mended").is_dir() or bool(self._deleted)

    @property
    def _deleted(self) -> list[str]:
        """The files that were deleted."""
        return _lines(self.kept / "deleted.txt")

    def lay_out(self, folder: Path, surroundings: pytest.MonkeyPatch) -> Path:
        """Put the case into an empty folder, after what has come before it."""
        if (self.kept / "sent").is_dir():
            self._fill(folder, "sent")
            assert captured("send", str(job_of(folder)), "--yes").code == ending.DONE
        if (self.kept / "planned").is_dir():
            self._fill(folder, "planned")
            assert captured("plan", str(job_of(folder)), "--out", str(folder / PLAN)).code == ending.DONE
        for name in self._deleted:
            (folder / name).rename(_bin(folder, name))
        self._fill(folder)
        self._surround(folder, surroundings)
        return folder

    def mend(self, folder: Path) -> None:
        """Put right what is wrong, by the files that are kept for it and those that were deleted."""
        for name in self._deleted:
            _bin(folder, name).rename(folder / name)
        self._fill(folder, "mended")

    def _fill(self, folder: Path, step: str = "") -> None:
        shutil.copytree(self.kept, folder, ignore=shutil.ignore_patterns(*_STEPS, _EXPECTED), dirs_exist_ok=True)
        if step and (self.kept / step).is_dir():
            shutil.copytree(self.kept / step, folder, dirs_exist_ok=True)
        make_workbooks(folder)

    def _surround(self, folder: Path, surroundings: pytest.MonkeyPatch) -> None:
        if (folder / "packages").is_dir():
            surroundings.syspath_prepend(folder / "packages")
        for name in _lines(folder / "missing.txt"):
            surroundings.setitem(sys.modules, name, None)  # Python's own mark of a module that cannot be imported


def cases(folder: Path) -> list[Case]:
    """The cases of a folder, in order of their names."""
    return [Case(path.parent) for path in sorted(folder.glob(f"*/{_EXPECTED}"))]


def job_of(folder: Path) -> Path:
    """The job in a folder: a manifest, or a workbook."""
    manifest = folder / "job.yaml"
    return manifest if manifest.exists() else folder / "job.xlsx"


def _lines(path: Path) -> list[str]:
    """The lines of a file; none where there is no such file."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _bin(folder: Path, name: str) -> Path:
    """Where a deleted file lies."""
    return folder.with_name(Path(name).name)
