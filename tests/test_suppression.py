"""Suppression lists are read when a job is opened, and again whenever one of their files changes."""

from pathlib import Path

import pytest

from batchmail.errors import InputChanged
from batchmail.finding import Findings
from batchmail.job import SuppressionFile
from batchmail.location import TextLocation
from batchmail.suppression import SuppressionFiles, entry_address

WHERE = TextLocation(Path("job.yaml"), 7, 13)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "list.txt"
    path.write_text("kim@example.com\n", encoding="utf-8")
    return path


def lists(*paths: Path) -> tuple[SuppressionFiles, Findings]:
    findings = Findings()
    return SuppressionFiles([SuppressionFile(path, WHERE) for path in paths], findings), findings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("kim@example.com", "kim@example.com"),
        ("Kim <kim@example.com>", "kim@example.com"),
        ("kim@bücher.example", "kim@xn--bcher-kva.example"),
        ("@bücher.example", "@xn--bcher-kva.example"),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        ("kim@", ""),
        ("@", ""),
        ("@@example.com", ""),
        ("kim@example.com, lee@example.com", ""),
        ("*@example.com", "@example.com"),
        ("", ""),
    ],
)
def test_an_entry_is_an_address_or_a_domain(text: str, address: str) -> None:
    assert entry_address(text) == address


def test_as_long_as_no_file_changes_the_list_is_the_planned_one(path: Path) -> None:
    files, findings = lists(path)
    assert len(findings) == 0
    assert files.current() is files.planned
    assert files.current().named_at("KIM@example.com") == "list.txt:1"


def test_a_file_that_has_grown_is_read_again_and_the_planned_list_stays(path: Path) -> None:
    files, _ = lists(path)
    with path.open("a", encoding="utf-8") as file:
        file.write("lee@example.com\n")
    assert files.current().named_at("lee@example.com") == "list.txt:2"
    assert files.planned.named_at("lee@example.com") == ""
    assert files.current() is files.current()


def test_a_file_that_is_gone_or_broken_ends_the_sending(path: Path) -> None:
    files, _ = lists(path)
    path.write_text("kim@example.com\nlee\n", encoding="utf-8")
    with pytest.raises(InputChanged, match=r"list\.txt:2"):
        files.current()
    path.unlink()
    with pytest.raises(InputChanged, match="is not there"):
        files.current()
    path.write_text("lee@example.com\n", encoding="utf-8")
    assert files.current().named_at("lee@example.com") == "list.txt:1"


def test_every_broken_line_of_every_file_is_told(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("email\nx\ny\n", encoding="utf-8")
    path.write_text("kim\n", encoding="utf-8")
    _, findings = lists(path, other, tmp_path / "gone.txt")
    found = [(each.rule, str(each.where).rpartition("/")[2]) for each in findings]
    assert sorted(found, key=lambda each: each[1] == "job.yaml:7:13") == [
        ("suppress-bad-entry", "list.txt:1"),
        ("suppress-bad-entry", "other.csv:2"),
        ("suppress-bad-entry", "other.csv:3"),
        ("file-missing", "job.yaml:7:13"),
    ]
