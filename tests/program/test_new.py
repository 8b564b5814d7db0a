"""A job to start from: it is there with one command, it works as it is, and it replaces nothing."""

import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_editable, build_wheel

from batchmail.starter import EXAMPLES
from tests.program.office import ROOT, captured

NAMES = [example.name for example in EXAMPLES]
JOBS = {example.name: example.job for example in EXAMPLES}


@pytest.fixture(params=NAMES)
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The job of an example, as `new` makes it."""
    folder = tmp_path / "my first job"
    assert captured("new", str(folder), "--example", request.param).code == 0
    return folder / JOBS[request.param]


def test_a_new_job_plans_without_a_finding_and_is_rehearsed(started: Path) -> None:
    planned = captured("plan", str(started), "--format", "json")
    assert (planned.code, planned.document["findings"]) == (0, [])
    rehearsed = captured("rehearse", str(started), "--format", "json")
    assert rehearsed.code == 0
    assert rehearsed.document["counts"]["sent"] == planned.document["counts"]["send"] > 0


def test_a_new_job_is_previewed(started: Path) -> None:
    ended = captured("preview", str(started), "--out", str(started.parent / "shown"))
    assert ended.code == 0
    assert (started.parent / "shown" / "index.html").exists()


def test_what_is_made_is_the_example_of_the_repository(started: Path) -> None:
    name = captured("plan", str(started), "--format", "json").document["job"]
    example = ROOT / "manifests" / name
    made = [path.relative_to(started.parent) for path in started.parent.rglob("*") if path.is_file()]
    made = [path for path in made if ".batchmail" not in path.parts]
    assert Path(started.name) in made
    assert all((started.parent / path).read_bytes() == (example / path).read_bytes() for path in made)


def test_the_small_example_is_made_where_none_is_named_and_the_next_commands_are_told(tmp_path: Path) -> None:
    ended = captured("new", str(tmp_path / "mine"))
    assert ended.code == 0
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["body.txt", "job.yaml", "people.csv"]
    assert f"batchmail plan {(tmp_path / 'mine' / 'job.yaml').as_posix()}" in ended.err.replace("'", "")


def test_an_empty_folder_is_filled_and_one_with_files_is_left_alone(tmp_path: Path) -> None:
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    full.mkdir()
    (full / "job.yaml").write_text("mine", encoding="utf-8")
    assert captured("new", str(empty)).code == 0
    ended = captured("new", str(full))
    assert ended.code == 2
    assert "nothing is replaced" in ended.err
    assert [path.name for path in full.iterdir()] == ["job.yaml"]
    assert captured("new", str(full / "job.yaml")).code == 2


def test_an_example_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    ended = captured("new", str(tmp_path / "mine"), "--example", "letter")
    assert ended.code == 2
    assert all(name in ended.err for name in NAMES)


def test_installed_packages_have_the_examples_and_what_the_program_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path))) as wheel:
        inside = set(wheel.namelist())
    assert {f"batchmail/examples/{name}/{job}" for name, job in JOBS.items()} <= inside
    assert {"batchmail/gallery/page.js", "batchmail/rules/pages/row-bad-address.toml"} <= inside
    strangers = [name for name in inside if ".batchmail/" in name or not name.startswith("batchmail")]
    assert strangers == []


def test_a_checkout_can_be_installed_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with zipfile.ZipFile(tmp_path / build_editable(str(tmp_path))) as wheel:
        (link,) = [name for name in wheel.namelist() if name.endswith(".pth")]
        assert wheel.read(link).decode().strip() == str(ROOT)
