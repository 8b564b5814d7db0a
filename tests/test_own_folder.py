"""Folders that batchmail clears: what it wrote there goes, and nothing else."""

from pathlib import Path

import pytest

from batchmail.own_folder import FolderTaken, claim, clear

MARKER = ".ours"


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MARKER}


def test_what_was_written_goes_and_somebodys_notes_stay(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    clear(folder, MARKER, "the preview", ["row-*.eml", "mails/**/*"])
    put(folder, "row-1.eml", "row-2.eml", "mails/a.eml", "mails/new/b", "my notes.txt", "pictures/row-1.eml")
    clear(folder, MARKER, "the preview", ["row-*.eml", "mails/**/*"])
    assert names(folder) == {"my notes.txt", "pictures/row-1.eml"}
    assert not (folder / "mails" / "new").exists()


def test_what_an_earlier_run_wrote_by_other_names_goes_too(tmp_path: Path) -> None:
    clear(tmp_path, MARKER, "the test send", ["old.csv"])
    put(tmp_path, "old.csv", "new.csv")
    clear(tmp_path, MARKER, "the test send", ["new.csv"])
    assert names(tmp_path) == set()
    put(tmp_path, "old.csv")
    clear(tmp_path, MARKER, "the test send", ["new.csv"])
    assert names(tmp_path) == {"old.csv"}  # from then on it is somebody else's


def test_a_clearing_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    clear(tmp_path, MARKER, "the preview", ["a-*"])
    put(tmp_path, "a-1", "a-2", "notes")
    (tmp_path / "a-3" / "inside").mkdir(parents=True)
    (tmp_path / "a-1").unlink()  # as far as it came
    clear(tmp_path, MARKER, "the preview", ["b-*"])
    assert names(tmp_path) == {"notes"}
    assert (tmp_path / MARKER).exists()


@pytest.mark.parametrize("marked", ["../other/*", "/*", "link/*", "", "  "])
def test_no_marker_and_no_link_leads_out_of_the_folder(marked: str, tmp_path: Path) -> None:
    folder, other = tmp_path / "out", tmp_path / "other"
    put(other, "precious")
    clear(folder, MARKER, "the preview", [])
    try:
        (folder / "link").symlink_to(other, target_is_directory=True)
    except OSError:
        pytest.skip("links need a right here")
    (folder / MARKER).write_text(f"{marked}\n", encoding="utf-8")
    clear(folder, MARKER, "the preview", [])
    assert names(other) == {"precious"}


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path / "out", "notes")
    with pytest.raises(FolderTaken, match="batchmail did not make this folder"):
        claim(tmp_path / "out", MARKER, "the preview")
    with pytest.raises(FolderTaken, match="batchmail did not make this folder"):
        clear(tmp_path / "out", MARKER, "the preview", ["*"])
    assert names(tmp_path / "out") == {"notes"}
    assert not (tmp_path / "out" / MARKER).exists()


def test_claiming_a_folder_removes_nothing(tmp_path: Path) -> None:
    clear(tmp_path / "out", MARKER, "the preview", ["*.eml"])
    put(tmp_path / "out", "a.eml")
    claim(tmp_path / "out", MARKER, "the preview")
    assert names(tmp_path / "out") == {"a.eml"}
