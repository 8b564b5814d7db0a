"""Attacks and slips against whole jobs. The table of them, and of the tests for each, is `threats.py`."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.cli.ending import BLOCKED, DONE, STOPPED
from batchmail.emulator import Answer, Fault, Faults, WorksRules, works_emulator
from tests.program.office import Office
from tests.reliability.threats import THREATS

TESTS = Path(__file__).parents[1]
POSIX = pytest.mark.skipif(os.name != "posix", reason="the system has no such rights")


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def office(tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office with three people and an emulated provider."""
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with works_emulator(rules=WorksRules.rehearsal(), faults=faults) as works:
        monkeypatch.setenv("WORKS_ACCESS_TOKEN", works.access_token)
        yield Office(tmp_path, works)


@pytest.mark.parametrize("threat", THREATS)
def test_every_threat_is_met_by_tests_that_exist(threat: str) -> None:
    assert THREATS[threat]
    for test in THREATS[threat]:
        file, _, function = test.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_job_whose_provider_redirects_sends_nothing_anywhere_else(
    office: Office, faults: Faults, status: int
) -> None:
    with works_emulator(rules=WorksRules.rehearsal()) as elsewhere:
        address = f"{elsewhere.base_url}/users/me/mail"
        faults.at(Fault(Answer(status, b"", (("Location", address),))), *range(1, 10))
        ended = office.send()
        assert ended.code == STOPPED
        assert ended.document["counts"]["queued"] + ended.document["counts"]["sending"] == 3
        assert elsewhere.inbox.requests == 0
    assert office.accepted() == []


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com",
        "http://169.254.169.254/latest",
        "http://0.0.0.0:8000",
        "http://127.0.0.1.example.com",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "https://billing:secret@api.example.com/v1",
    ],
)
def test_an_address_that_leads_inside_is_found_by_the_plan_and_nothing_is_asked(office: Office, address: str) -> None:
    office.edit(office.works.base_url, address)
    for ended in (office.plan(), office.send()):
        assert ended.code == BLOCKED
        assert "manifest-bad-value" in ended.out + ended.err
        assert "Traceback" not in ended.err
    assert office.works.inbox.requests == 0


def test_what_steers_a_terminal_in_a_cell_does_not_reach_it(office: Office) -> None:
    nasty = "\x1b]0;owned\x07\x1b[2J\x9b31m"
    office.write("people.csv", f"number,name,email\n00001,Kim {nasty},kim@example.com\n2{nasty},Lee,lee@@example.com\n")
    shown = [office.run("plan", str(office.job), "--verbose", "--all"), office.run("preview", str(office.job))]
    office.write("people.csv", f"number,name,email\n00001,Kim,kim@example.com\n2{nasty},Lee,lee@example.com\n")
    shown += [office.run(command, str(office.job)) for command in ("plan", "status")]
    shown.append(office.run("send", str(office.job), "--yes", "--verbose"))
    for ended in shown:
        assert not set("\x1b\x07\x9b") & set(ended.out + ended.err)


@POSIX
@pytest.mark.parametrize("name", [".batchmail", ".batchmail/journal.db"])
def test_a_send_refuses_a_journal_that_others_may_write(office: Office, name: str) -> None:
    assert office.send().code == DONE
    (office.folder / name).chmod(0o777)
    office.people(5)
    ended = office.send()
    assert ended.code != DONE
    assert "others may write" in ended.err
    assert len(office.accepted()) == 3
