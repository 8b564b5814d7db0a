import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from batchmail.report import REPORT_SUFFIXES, ReportLine, ReportUnwritable, write_report

Lines = Callable[[Sequence[Sequence[str]]], list[ReportLine]]


class Interrupted(Exception):
    """What stops a report half-way."""


def interrupted(lines: list[ReportLine]) -> Iterator[ReportLine]:
    yield from lines
    raise Interrupted


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """The folder for temporary files, an empty one for this test."""
    folder, before = tmp_path / "temporary", tempfile.tempdir
    folder.mkdir()
    tempfile.tempdir = str(folder)
    yield folder
    tempfile.tempdir = before


@pytest.mark.parametrize("suffix", REPORT_SUFFIXES)
@pytest.mark.parametrize("before", [1, 300])
def test_a_half_report_replaces_nothing_and_leaves_nothing(
    suffix: str, before: int, lines_of: Lines, temporary: Path
) -> None:
    folder = temporary.parent
    path = folder / f"results{suffix}"
    write_report(path, ("key",), lines_of([("good",)]))
    good = path.read_bytes()

    with pytest.raises(Interrupted):
        write_report(path, ("key",), interrupted(lines_of([("bad",)] * before)))

    assert path.read_bytes() == good
    assert sorted(folder.rglob("*")) == sorted([path, temporary])


@pytest.mark.parametrize("suffix", REPORT_SUFFIXES)
def test_a_whole_report_replaces_the_one_before(suffix: str, lines_of: Lines, temporary: Path) -> None:
    folder = temporary.parent
    path = folder / f"results{suffix}"
    path.write_bytes(b"the one before")

    write_report(path, ("key",), lines_of([("good",)]))

    assert path.read_bytes() != b"the one before"
    assert sorted(folder.rglob("*")) == sorted([path, temporary])


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.touch(mode=0o644)

    write_report(path, ("key",), [])

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_to_be_created(tmp_path: Path) -> None:
    with pytest.raises(ReportUnwritable) as refusal:
        write_report(tmp_path / "missing" / "results.csv", ("key",), [])

    assert refusal.value.message.startswith(f"{(tmp_path / 'missing' / 'results.csv').as_posix()}: ")
    assert refusal.value.hint == (
        f"Create the folder {(tmp_path / 'missing').as_posix()} first. Nothing is lost, the journal has all results: "
        "`batchmail report JOB --out OTHER.csv` writes them elsewhere."
    )


def test_a_write_protected_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(b"signed off")
    path.chmod(0o400)

    with pytest.raises(ReportUnwritable, match="write-protected") as refusal:
        write_report(path, ("key",), [])

    assert "close it there" in refusal.value.hint
    assert path.read_bytes() == b"signed off"
    path.chmod(0o600)


def test_a_folder_in_the_reports_place_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.mkdir()

    with pytest.raises(ReportUnwritable):
        write_report(path, ("key",), [])

    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ReportUnwritable, match=r"file/results\.csv"):
        write_report(tmp_path / "file" / "results.csv", ("key",), [])


def test_a_machine_without_a_folder_for_temporary_files_is_told(lines_of: Lines, temporary: Path) -> None:
    path = temporary.parent / "results.xlsx"
    temporary.rmdir()

    with pytest.raises(ReportUnwritable) as refusal:
        write_report(path, ("key",), lines_of([("1",)]))

    assert refusal.value.hint.startswith("Check the disk and the folder.")
    assert list(temporary.parent.iterdir()) == []


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 4,096 bytes; pytest's own output may be such a file, so be brief."""
    resource = pytest.importorskip("resource", reason="this system has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("suffix", REPORT_SUFFIXES)
def test_a_full_disk_is_told_and_nothing_is_left_on_it(suffix: str, lines_of: Lines, temporary: Path) -> None:
    folder = temporary.parent
    lines = lines_of([("x" * 100,)] * 500)

    with pytest.raises(ReportUnwritable) as refusal, full_disk():
        write_report(folder / f"results{suffix}", ("key",), lines)

    assert refusal.value.hint.startswith("Check the disk and the folder.")
    assert list(folder.rglob("*")) == [temporary]
