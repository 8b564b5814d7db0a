"""A command that is printed to go on with means the mailing at hand: its edition and its journal come along."""

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from batchmail.emulator import Answer, Cut, Fault, Faults
from tests.program.office import Ended, Office

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="commands are read back by the rules of other shells")

EDITION = "it's 2"
LOST = Fault(Cut())
NOBODY = Fault(Answer(400, b'{"code": "INVALID_PARAMETER", "description": "no such person"}'))
#: Commands about rows, as they stand in the midst of what is printed, each to the end of its line.
PRINTED = re.compile(r"\bbatchmail (?:send|plan|status|preview|report|resolve) .*")


@dataclass(frozen=True, slots=True)
class Desk:
    """An office that works with an edition and a journal which its manifest does not know."""

    office: Office
    journal: Path

    @property
    def identity(self) -> tuple[str, ...]:
        return ("--edition", EDITION, "--journal", str(self.journal))

    def run(self, name: str, *options: str) -> Ended:
        return self.office.run(name, str(self.office.job), *self.identity, *options)


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office, office.folder / "our journals" / "mails.db")


def commands(*ended: Ended) -> list[list[str]]:
    """The commands that were printed, as a shell reads them; what is said beside them is cut off."""
    found = [line for each in ended for line in PRINTED.findall(each.out + each.err)]
    return [shlex.split(re.split(r"  \(|`", line)[0]) for line in found]


def names(found: list[list[str]]) -> set[str]:
    return {words[1] for words in found}


def assert_all_mean_the_mailing(desk: Desk, *ended: Ended) -> set[str]:
    found = commands(*ended)
    for words in found:
        assert words[2] == desk.office.job.as_posix()
        assert words[3:7] == list(desk.identity), words
    return names(found)


def test_plan_and_preview(desk: Desk) -> None:
    desk.office.edit('body: "<p>Dear', "inlineCss: false\n  body: \"<p style='position: fixed'>Dear")
    planned = desk.run("plan")
    assert assert_all_mean_the_mailing(desk, planned) == {"send"}
    (send,) = commands(planned)
    assert send[7::2] == ["--allow"] * len(send[7::2])
    assert desk.office.run(*send[1:], "--yes").code == 0
    assert len(desk.office.accepted()) == 3
    assert desk.office.run(*send[1:], "--yes").code == 0
    assert len(desk.office.accepted()) == 3
    assert assert_all_mean_the_mailing(desk, desk.run("preview")) == {"plan"}
    desk.office.people(0)
    desk.office.write("people.csv", "number,name,email\n00001,Kim,kim@example.com\n")
    assert assert_all_mean_the_mailing(desk, desk.run("plan", "--diff")) == {"preview"}


def test_what_is_left_over_is_redone_and_settled_in_the_same_mailing(desk: Desk, faults: Faults) -> None:
    desk.office.edit("send:", "send:\n  concurrency: 1")
    faults.at(NOBODY, 1).at(LOST, 2)
    sent = desk.run("send", "--yes", "--no-look")
    assert sent.code == 3
    told = (sent, desk.run("status"), desk.run("resolve", "--look"))
    assert assert_all_mean_the_mailing(desk, *told) >= {"report", "resolve"}
    assert assert_all_mean_the_mailing(desk, desk.run("plan")) == {"status"}
    (report,) = (words for words in commands(sent) if words[1] == "report")
    redo = str(desk.office.folder / "redo.csv")
    assert desk.office.run(*report[1:-1], redo).code == 0
    assert "00001" in Path(redo).read_text(encoding="utf-8-sig")


def test_a_provider_that_cannot_be_asked_is_settled_by_hand_in_the_same_mailing(
    desk: Desk, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults.at(LOST, 1)
    assert desk.run("send", "--yes").code == 3
    monkeypatch.setenv("PLEASANTER_API_KEY", "any")
    desk.office.edit("kind: works", 'kind: pleasanter\n  recordId: "1"\n  apiKey: {env: PLEASANTER_API_KEY}')
    desk.office.edit("  accessToken: {env: WORKS_ACCESS_TOKEN}\n", "")
    status = desk.run("status")
    assert "resolve" in assert_all_mean_the_mailing(desk, status)
    (resolve,) = (words for words in commands(status) if words[1] == "resolve")
    assert resolve[7:] == ["--key", "00001", "--sent"]
    assert desk.office.run(*resolve[1:]).code == 0
    resolved = desk.run("status")
    assert "3 sent" in resolved.out


def test_a_run_that_was_stopped_goes_on_in_the_same_mailing(desk: Desk, faults: Faults) -> None:
    faults.at(Fault(Answer(401, b'{"code": "UNAUTHORIZED", "description": "expired"}')), 1)
    desk.office.edit("send:", "send:\n  concurrency: 1")
    sent = desk.run("send", "--yes")
    told = (sent, desk.run("status"))
    assert sent.code == 4
    assert assert_all_mean_the_mailing(desk, *told) >= {"send"}


def test_a_journal_of_the_environment_is_named_too(desk: Desk, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHMAIL_JOURNAL", str(desk.journal))
    faults.at(Fault(Answer(401, b'{"code": "UNAUTHORIZED", "description": "expired"}')), 1)
    job = str(desk.office.job)
    found = commands(
        desk.office.run("plan", job), desk.office.run("send", job, "--yes"), desk.office.run("status", job)
    )
    assert names(found) == {"send"}
    for words in found:
        assert words[words.index("--journal") + 1] == str(desk.journal)


def test_a_saved_plan_brings_its_edition_and_its_journal(desk: Desk, faults: Faults) -> None:
    plan = desk.office.folder / "p.plan"
    desk.office.edit("send:", "send:\n  concurrency: 1")
    (send,) = commands(desk.run("plan", "--out", str(plan)))
    assert send == ["batchmail", "send", plan.as_posix()]
    faults.at(NOBODY, 1)
    assert assert_all_mean_the_mailing(desk, desk.office.run(*send[1:], "--yes")) == {"report"}
    desk.office.people(4)
    stale = desk.office.run(*send[1:], "--yes")
    assert stale.code == 1
    assert assert_all_mean_the_mailing(desk, stale) == {"plan"}
    (again,) = commands(stale)
    assert desk.office.run(*again[1:]).code == 0
