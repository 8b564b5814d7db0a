"""The example of a plug-in is installed as any package is, and used as any provider is."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import pytest

from batchmail.cli import ending
from batchmail.emulator import Inbox
from batchmail.providers.contract import HttpContract
from tests.program.office import ROOT, captured

PIGEON = Path(__file__).parent / "pigeon"


class Loft(Protocol):
    """What the tests need to know of the example's emulator."""

    base_url: str
    access_token: str
    inbox: Inbox


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the example is installed into."""
    folder = tmp_path_factory.mktemp("packages")
    source = shutil.copytree(PIGEON, tmp_path_factory.mktemp("source") / "pigeon")
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--no-input"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *offline, "--target", str(folder), str(source)]
    subprocess.run(command, check=True, timeout=100)
    return folder


@pytest.fixture
def installed(packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    monkeypatch.syspath_prepend(packages)
    yield
    for name in [name for name in sys.modules if name.startswith("batchmail_pigeon")]:
        del sys.modules[name]


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """The example's job, in a folder of its own."""
    for name in ("job.yaml", "people.csv"):
        shutil.copy(PIGEON / name, tmp_path)
    return tmp_path / "job.yaml"


def edit(job: Path, old: str, new: str) -> None:
    text = job.read_text(encoding="utf-8")
    assert old in text
    job.write_text(text.replace(old, new), encoding="utf-8")


def loft(folder: Path) -> AbstractContextManager[Loft]:
    """The example's emulator."""
    running: AbstractContextManager[Loft] = import_module("batchmail_pigeon_emulator").pigeon_post(folder, "me")
    return running


def listed() -> dict[str, Any]:
    """What `providers --format json` says."""
    return captured("providers", "--format", "json").document


@pytest.mark.usefixtures("installed")
def test_editors_complete_its_settings() -> None:
    schema = captured("schema").document
    assert set(schema["$defs"]["pigeon_provider"]["properties"]) == {"kind", "accessToken", "baseUrl"}


@pytest.mark.usefixtures("installed")
def test_it_is_listed_with_its_package() -> None:
    (found,) = [each for each in listed()["providers"] if each["kind"] == "pigeon"]
    assert (found["title"], found["distribution"], found["features"]) == (
        "Pigeon Post",
        "batchmail-pigeon",
        ["userName"],
    )
    assert (found["rehearsal"], found["limits"]["subject_characters"]) == (True, 80)
    assert "pigeon · Pigeon Post · package batchmail-pigeon" in captured("providers").out


def test_it_is_gone_where_it_is_not_installed(job: Path) -> None:
    assert "pigeon" not in [each["kind"] for each in listed()["providers"]]
    ended = captured("plan", str(job))
    assert ended.code == ending.BLOCKED
    assert "Write one of `works`" in ended.out


@pytest.mark.usefixtures("installed")
def test_a_misspelt_kind_is_told_with_those_of_packages(job: Path) -> None:
    edit(job, "kind: pigeon", "kind: pigon")
    assert "Did you mean `pigeon`? Write one of `works`" in captured("plan", str(job)).out


@pytest.mark.usefixtures("installed")
def test_what_it_cannot_express_is_found_at_its_line(job: Path) -> None:
    edit(job, "contentType: text", "cc: boss@example.com\n  replyTo: desk@example.com")
    document = captured("plan", str(job), "--format", "json").document
    lacking = [each for each in document["findings"] if each["rule"] == "provider-cannot-express"]
    assert sorted(each["message"].partition(" has no field for ")[2] for each in lacking) == [
        "`cc`",
        "`contentType: html`",
        "`replyTo`",
    ]
    assert [each["line"] for each in lacking if "`cc`" in each["message"]] == [15]


@pytest.mark.usefixtures("installed")
def test_a_job_is_rehearsed_with_the_emulator_that_the_package_brings(job: Path) -> None:
    ended = captured("rehearse", str(job), "--format", "json")
    assert (ended.code, ended.document["counts"]["sent"]) == (ending.DONE, 2), ended.err
    mails = [json.loads(path.read_text("utf-8")) for path in Path(ended.document["mails"]).glob("0*.json")]
    assert sorted((mail["to"], mail["subject"], mail["userName"]) for mail in mails) == [
        (["kim@example.com"], "Hello Kim", "The loft"),
        (["sato@example.jp"], "Hello 佐藤", "The loft"),
    ]


@pytest.mark.usefixtures("installed")
def test_mails_are_sent_once(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with loft(tmp_path / "letters") as running:
        monkeypatch.setenv("PIGEON_TOKEN", running.access_token)
        edit(job, "accessToken:", f"baseUrl: {running.base_url}\n  accessToken:")
        for _ in range(2):
            assert captured("send", str(job), "--yes").code == ending.DONE
        assert {mail.to for mail in running.inbox.mails} == {("kim@example.com",), ("sato@example.jp",)}
        assert running.inbox.requests == 2


@pytest.mark.usefixtures("installed")
def test_a_token_that_is_refused_stops_the_run(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with loft(tmp_path / "letters") as running:
        monkeypatch.setenv("PIGEON_TOKEN", "another")
        edit(job, "accessToken:", f"baseUrl: {running.base_url}\n  accessToken:")
        ended = captured("send", str(job), "--yes")
        assert (ended.code, "UNKNOWN_BIRD" in ended.out) == (ending.STOPPED, True)
        assert running.inbox.accepted == 0


def changed(folder: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """Put another version of the example's module before the one that is installed."""
    text = PIGEON.joinpath("batchmail_pigeon.py").read_text(encoding="utf-8")
    assert old in text
    folder.joinpath("batchmail_pigeon.py").write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)


@pytest.mark.usefixtures("installed")
def test_without_an_emulator_a_rehearsal_is_refused(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed(tmp_path, monkeypatch, ", rehearsal=rehearse", "")
    ended = captured("rehearse", str(job))
    assert ended.code == ending.USAGE
    assert "the package batchmail-pigeon has no emulator of it" in ended.err
    assert not (job.parent / ".batchmail").exists()


@pytest.mark.usefixtures("installed")
def test_a_package_that_is_broken_is_told_to_the_jobs_that_name_it_and_to_no_other(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(tmp_path, monkeypatch, "KIND = ProviderKind(", "KIND = ProviderKinds(")
    ended = captured("plan", str(job), "--format", "json")
    assert ended.code == ending.BLOCKED
    (finding,) = ended.document["findings"]
    assert (finding["rule"], finding["line"], finding["text"]) == ("provider-unusable", 5, "pigeon")
    assert "of the package batchmail-pigeon cannot be used" in finding["message"]
    assert "NameError: name 'ProviderKinds' is not defined" in finding["message"]
    (unusable,) = listed()["unusable"]
    assert unusable["distribution"] == "batchmail-pigeon"
    schema = captured("schema")
    assert "pigeon" not in schema.out
    assert "Left out: the provider `pigeon` of the package batchmail-pigeon" in schema.err
    edit(job, "kind: pigeon", "kind: works")
    assert captured("plan", str(job)).code == ending.DONE


@pytest.mark.usefixtures("installed")
def test_a_package_for_another_version_of_batchmail_is_found_before_anything_is_sent(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(tmp_path, monkeypatch, "def check_credentials(", "def check_token(")
    ended = captured("send", str(job), "--yes")
    assert (ended.code, ended.out) == (ending.BLOCKED, "")
    assert "The package batchmail-pigeon cannot build its provider: PigeonProvider lacks `check_cred" in ended.err


def test_the_example_keeps_to_the_contract_as_its_author_would_test_it(packages: Path) -> None:
    paths = [str(packages), str(ROOT)]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pigeon.py"],
        cwd=shutil.copytree(PIGEON, packages / "tests"),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    promises = sum(name.startswith("test_") for name in dir(HttpContract))
    assert f"{promises + 5} passed" in ended.stdout
