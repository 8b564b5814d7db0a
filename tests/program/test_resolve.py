"""What is in doubt is settled: found at the provider, or by hand; nobody gets a second mail meanwhile."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from batchmail.cli import batchmail, ending
from batchmail.cli.ending import run
from batchmail.clock import SystemClock
from batchmail.emulator import Answer, Cut, Fault, Faults, Incoming, WorksRules, works_emulator
from batchmail.journal import hold
from tests.program.office import JOB, Ended, Office

#: The mail is taken, and its sender never hears of it.
TAKEN = Fault(Cut(), handled=True)
#: The mail is not taken, and its sender cannot know.
LOST = Fault(Cut())
HOUR = timedelta(hours=1)


class LateClock(SystemClock):
    """The provider's clock; what happens by it may have been long ago."""

    behind = timedelta()

    def now(self) -> datetime:
        return super().now() - self.behind


@pytest.fixture
def clock() -> LateClock:
    return LateClock()


@pytest.fixture
def rules() -> WorksRules:
    return WorksRules.rehearsal()


@pytest.fixture
def office(
    tmp_path: Path, faults: Faults, clock: LateClock, rules: WorksRules, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """An office with three people, whose provider has a clock and rules of its own."""
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with works_emulator(rules=rules, faults=faults, clock=clock) as works:
        monkeypatch.setenv("WORKS_ACCESS_TOKEN", works.access_token)
        made = Office(tmp_path, works)
        made.manifest(JOB.replace("  rate: 100000/s", "  rate: 100000/s\n  concurrency: 1"))
        yield made


def an_hour_ago(office: Office, clock: LateClock, *options: str) -> Ended:
    """A send that was an hour ago, by the journal and by the provider."""
    clock.behind = HOUR
    sent = office.send(*options)
    clock.behind = timedelta()
    make_older(office)
    return sent


def make_older(office: Office) -> None:
    """Let the journal's last steps be of an hour ago."""
    with closing(sqlite3.connect(office.folder / ".batchmail" / "journal.db")) as journal, journal:
        journal.create_function("earlier", 1, _an_hour_earlier)
        (trigger,) = journal.execute("SELECT sql FROM sqlite_master WHERE name = 'event_is_never_changed'").fetchone()
        journal.execute("DROP TRIGGER event_is_never_changed")
        journal.execute("UPDATE event SET at = earlier(at)")
        journal.execute(trigger)


def _an_hour_earlier(at: str) -> str:
    """A time that has just been becomes one of an hour ago; one of an hour ago stays."""
    time = datetime.fromisoformat(at)
    return (time - HOUR if datetime.now().astimezone() - time < HOUR / 2 else time).isoformat()


def resolve(office: Office, *options: str) -> Ended:
    return office.run("resolve", str(office.job), "--format", "json", *options)


def is_look(incoming: Incoming) -> bool:
    return incoming.operation == "mail-folder-mail-list"


def test_a_mail_that_was_taken_is_found_and_is_sent_from_then_on(office: Office, faults: Faults) -> None:
    faults.at(TAKEN, 2)
    assert office.send().document["in_doubt"] == ["00002"]
    ended = resolve(office, "--look")
    assert (ended.code, ended.document["in_doubt"]) == (ending.DONE, [])
    assert ended.document["looked_up"]["found_in_Sent"] == ["00002"]
    assert ended.document["counts"]["sent"] == 3
    assert "found in Sent" in office.report("now.csv")
    assert office.send().document["requests"] == 0
    assert len(office.accepted()) == 3


def test_a_mail_that_never_arrived_stays_in_doubt_and_says_so(office: Office, faults: Faults, clock: LateClock) -> None:
    faults.at(LOST, 2)
    an_hour_ago(office, clock)
    ended = resolve(office, "--look")
    assert (ended.code, ended.document["in_doubt"]) == (ending.UNFINISHED, ["00002"])
    assert ended.document["looked_up"]["not_found"] == ["00002"]
    resolve(office, "--look")
    report = office.report("now.csv")
    assert report.count("not found in Sent on") == 1
    assert "after the mail was handed over; not found in Sent on" in report
    assert office.send().document["in_doubt"] == ["00002"]
    assert office.works.inbox.requests == 3


def test_before_the_provider_has_had_its_time_nothing_is_said_of_a_mail_that_is_not_there(
    office: Office, faults: Faults
) -> None:
    faults.at(LOST, 2)
    office.send()
    ended = resolve(office, "--look")
    assert (ended.code, ended.document["looked_up"]["not_there_yet"]) == (ending.UNFINISHED, ["00002"])
    told = office.run("resolve", str(office.job), "--look").out
    assert "to look again, from " in told
    assert "not found" not in office.report("now.csv")
    refused = resolve(office, "--key", "00002", "--resend")
    assert refused.code == 1
    assert "It may be sent again from " in refused.err
    assert office.status().document["in_doubt"] == ["00002"]


@pytest.mark.parametrize("after", [3, 40])
def test_after_a_kill_those_who_got_their_mail_are_found_and_nobody_else(
    office: Office, faults: Faults, after: int
) -> None:
    office.edit("concurrency: 1", "concurrency: 8")
    office.people(100)
    faults.when(Fault(handled=True, wait_seconds=0.02), lambda incoming: incoming.method == "POST")
    with office.start("send", str(office.job), "--yes", "--quiet") as process:
        while office.works.inbox.requests < after:
            assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()
    faults.clear()
    doubtful = office.status().document["in_doubt"]
    looked = resolve(office, "--look").document
    arrived = {address.removeprefix("person").partition("@")[0].zfill(5) for address in office.accepted()}
    assert set(looked["looked_up"]["found_in_Sent"]) == set(doubtful) & arrived
    assert set(looked["in_doubt"]) == set(doubtful) - arrived
    assert looked["counts"]["sent"] == len(arrived)
    make_older(office)
    if looked["in_doubt"]:
        assert resolve(office, "--all", "--resend", "--yes").code == ending.DONE
    assert office.send().code == ending.DONE
    assert sorted(office.accepted()) == sorted(f"person{n}@example.com" for n in range(1, 101))


@pytest.mark.parametrize("rules", [WorksRules(requests_per_minute=None, sent_delay_seconds=600)])
def test_a_mail_that_appears_late_is_found_then(office: Office, faults: Faults, clock: LateClock) -> None:
    faults.at(TAKEN, 2)
    clock.behind = timedelta(minutes=4)
    office.send()
    assert resolve(office, "--look").document["looked_up"]["not_there_yet"] == ["00002"]
    clock.behind -= timedelta(minutes=11)
    assert resolve(office, "--look").document["looked_up"]["found_in_Sent"] == ["00002"]


def test_send_looks_first_and_then_sends_the_rest(office: Office, faults: Faults, clock: LateClock) -> None:
    faults.at(TAKEN, 1).at(LOST, 2)
    an_hour_ago(office, clock)
    office.people(5)
    ended = office.run("send", str(office.job), "--yes")
    assert "Looking up 2 mails in doubt" in ended.err
    assert "1 found in Sent, 1 not found" in ended.err
    assert "batchmail resolve" in ended.out
    assert ended.out.count("--look") == 1
    assert office.status().document["counts"] | {"sent": 4, "in_doubt": 1} == office.status().document["counts"]
    again = office.run("send", str(office.job), "--yes")
    assert "Looking up" not in again.err, "what was looked for in vain is left to a person"
    assert sorted(office.accepted()) == [f"person{n}@example.com" for n in (1, 3, 4, 5)]


@pytest.mark.parametrize("options", [[], ["--quiet"]], ids=str)
def test_send_tells_at_once_who_may_have_got_a_mail_more_than_once(
    office: Office, faults: Faults, options: list[str]
) -> None:
    faults.at(TAKEN, 2)
    office.send()
    office.send("--only", "00002", "--journal", str(office.folder / "another.db"))
    ended = office.run("send", str(office.job), "--yes", *options)
    assert "  sent     00002  person2@example.com\n           found 2 times in Sent: it may have arrived" in ended.err
    assert "00001" not in ended.err
    assert "found 2 times in Sent" in office.report("now.csv")


def test_send_does_not_look_where_it_is_told_not_to(office: Office, faults: Faults) -> None:
    faults.at(TAKEN, 1)
    office.send()
    assert office.send("--no-look").document["in_doubt"] == ["00001"]
    assert office.send().document["in_doubt"] == []


def test_a_look_up_that_fails_keeps_nobody_from_getting_their_mail(office: Office, faults: Faults) -> None:
    faults.at(TAKEN, 1)
    office.send()
    faults.when(Fault(Answer(403, b'{"code":"FORBIDDEN","description":"no scope"}')), is_look)
    office.people(5)
    ended = office.run("send", str(office.job), "--yes")
    assert "could not be looked up: no scope (FORBIDDEN)" in ended.err
    assert office.status().document["counts"]["sent"] == 4
    looked = resolve(office, "--look")
    assert (looked.code, looked.document["stopped"]) == (ending.STOPPED, "no scope (FORBIDDEN)")
    assert looked.document["in_doubt"] == ["00001"]


def test_a_wrong_token_ends_a_look_up_with_a_sentence(
    office: Office, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults.at(TAKEN, 1)
    office.send()
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", "wrong")
    ended = office.run("resolve", str(office.job), "--look")
    assert ended.code == ending.STOPPED
    assert "The look-up could not be finished" in ended.out
    assert "Get a new one" in ended.out


def test_all_that_are_left_can_be_settled_at_once_and_the_hint_says_so(
    office: Office, faults: Faults, clock: LateClock
) -> None:
    faults.at(LOST, 1, 2)
    an_hour_ago(office, clock)
    told = office.run("resolve", str(office.job), "--look").out
    assert "--key 00001 --resend  (or --sent, --abandon; for all 2 at once: --all in place of --key)" in told


def test_two_mails_that_look_alike_are_settled_both_or_not_at_all(
    office: Office, faults: Faults, clock: LateClock
) -> None:
    office.write("people.csv", "number,name,email\n1,Kim,kim@example.com\n2,Kim,kim@example.com\n")
    faults.at(TAKEN, 1).at(LOST, 2)
    an_hour_ago(office, clock)
    looked = resolve(office, "--look").document
    assert looked["looked_up"]["not_to_be_told_apart"] == ["1", "2"]
    assert looked["in_doubt"] == ["1", "2"]
    assert resolve(office, "--key", "1", "--sent").code == ending.UNFINISHED
    looked = resolve(office, "--look").document
    assert looked["in_doubt"] == ["2"], "the one mail may be the first one's"


def test_two_mails_that_look_alike_are_both_found_where_both_are_there(office: Office, faults: Faults) -> None:
    office.write("people.csv", "number,name,email\n1,Kim,kim@example.com\n2,Kim,kim@example.com\n")
    faults.at(TAKEN, 1, 2)
    office.send()
    assert resolve(office, "--look").document["counts"]["sent"] == 2


def test_a_mail_of_another_mailing_is_not_taken_for_it(office: Office, faults: Faults, clock: LateClock) -> None:
    an_hour_ago(office, clock)
    office.edit("version: 1", 'version: 1\nedition: "second"')
    faults.at(LOST, 4)
    an_hour_ago(office, clock)
    assert resolve(office, "--look").document["in_doubt"] == ["00001"]


COMBINED = JOB.replace("Hello {{ name }}", "Notice").replace(
    "<p>Dear {{ name }}, your number is {{ number }}.</p>",
    '<p>Dear all</p>"\n  isSendSeparately: true\n  userName: "We',
)


@pytest.mark.parametrize(
    "rules", [WorksRules(requests_per_minute=None, separate_in_sent=shown) for shown in ("once", "each")], ids=str
)
def test_all_who_travelled_in_one_request_are_found_however_sent_shows_it(office: Office, faults: Faults) -> None:
    office.manifest(COMBINED)
    office.people(120)
    faults.at(TAKEN, 1)
    assert len(office.send().document["in_doubt"]) == 100
    ended = resolve(office, "--look")
    assert (ended.code, ended.document["counts"]["sent"]) == (ending.DONE, 120)


def test_a_mail_without_a_copy_is_not_looked_for_and_the_plan_says_so(
    office: Office, faults: Faults, clock: LateClock
) -> None:
    office.edit("  subject:", "  isSaveSentMail: false\n  subject:")
    assert [each["rule"] for each in office.plan().document["findings"]] == ["look-up-without-copy"]
    faults.at(TAKEN, 1)
    an_hour_ago(office, clock)
    ended = resolve(office, "--look")
    assert ended.document["looked_up"]["not_to_be_recognised"] == ["00001"]
    assert ended.code == ending.UNFINISHED


def test_a_plan_tells_what_a_look_up_could_not_tell_apart_and_is_sent_all_the_same(office: Office) -> None:
    office.write("people.csv", "number,name,email\n1,Kim,kim@example.com\n2,Kim,kim@example.com\n3,Lee,l@example.com\n")
    ambiguous, twice = office.plan().document["findings"]
    assert (ambiguous["rule"], ambiguous["severity"]) == ("look-up-ambiguous", "info")
    assert "2 of the mails" in ambiguous["message"]
    assert (twice["rule"], twice["severity"]) == ("same-address-twice", "info")
    assert office.send().code == ending.DONE


def test_a_person_settles_by_hand(office: Office, faults: Faults, clock: LateClock) -> None:
    office.people(4)
    faults.at(LOST, 1, 2, 3)
    an_hour_ago(office, clock)
    assert resolve(office, "--key", "00001", "--sent").code == ending.UNFINISHED
    assert resolve(office, "--key", "00002", "--abandon").code == ending.UNFINISHED
    ended = resolve(office, "--key", "00003", "--resend")
    counts = ended.document["counts"]
    assert (ended.code, counts["sent"], counts["abandoned"], counts["queued"]) == (ending.DONE, 2, 1, 1)
    assert "settled by hand" in office.report("now.csv")
    assert office.send().document["counts"]["sent"] == 3
    assert sorted(office.accepted()) == ["person3@example.com", "person4@example.com"]


def test_several_are_settled_at_once_or_none(office: Office, faults: Faults) -> None:
    faults.at(LOST, 1, 2)
    office.send()
    refused = resolve(office, "--key", "00001", "--key", "00003", "--sent")
    assert refused.code == ending.USAGE
    assert "`00003` is sent" in refused.err
    unknown = resolve(office, "--key", "00001", "--key", "4711", "--sent")
    assert unknown.code == ending.USAGE
    assert "`4711`" in unknown.err
    assert office.status().document["in_doubt"] == ["00001", "00002"]
    assert resolve(office, "--key", "00001", "--key", "00002", "--key", "00001", "--sent").code == ending.DONE


def test_all_are_settled_with_yes_alone_where_there_is_no_terminal(office: Office, faults: Faults) -> None:
    faults.at(LOST, 1, 2)
    office.send()
    assert resolve(office, "--all", "--abandon").code == ending.USAGE
    assert resolve(office, "--all", "--abandon", "--yes").document["counts"]["abandoned"] == 2
    assert resolve(office, "--all", "--abandon", "--yes").document["settled"] == []


class Terminal(StringIO):
    """A person, who has typed something."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "left"), [("2", 0), ("1", 2), ("yes", 2), ("", 2)])
def test_at_a_terminal_the_number_has_to_be_typed(
    office: Office, faults: Faults, typed: str, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults.at(LOST, 1, 2)
    office.send()
    monkeypatch.setattr(sys, "stdin", Terminal(f"{typed}\n"))
    with redirect_stderr(Terminal()) as err, redirect_stdout(StringIO()):
        code = run(batchmail, ["resolve", str(office.job), "--all", "--abandon", "--quiet"])
    assert "2 mails in doubt would be settled as abandoned" in err.getvalue()
    assert ("othing was changed." in err.getvalue()) == bool(left)
    assert code == (ending.INTERRUPTED if left else ending.DONE)
    assert len(office.status().document["in_doubt"]) == left


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--key", "1"],
        ["--sent"],
        ["--key", "1", "--sent", "--resend"],
        ["--look", "--key", "1"],
        ["--look", "--sent"],
        ["--all", "--key", "1", "--sent"],
    ],
    ids=" ".join,
)
def test_what_is_not_clear_is_not_done(office: Office, options: list[str]) -> None:
    assert resolve(office, *options).code == ending.USAGE


def test_nothing_is_in_doubt_where_nothing_was_sent_and_no_journal_is_made(office: Office) -> None:
    assert resolve(office, "--look").code == ending.DONE
    assert resolve(office, "--all", "--sent", "--yes").code == ending.DONE
    assert resolve(office, "--key", "1", "--sent").code == ending.USAGE
    assert not (office.folder / ".batchmail").exists()


def test_while_a_send_has_the_journal_nothing_is_settled(office: Office, faults: Faults) -> None:
    faults.at(LOST, 1)
    office.send()
    with hold(office.folder / ".batchmail" / "journal.db"):
        for options in (["--look"], ["--key", "00001", "--sent"]):
            ended = resolve(office, *options)
            assert (ended.code, "another `batchmail send`" in ended.err) == (1, True)


def test_a_provider_that_cannot_be_asked_leaves_it_to_a_person(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEASANTER_API_KEY", "any")
    office.edit("kind: works", 'kind: pleasanter\n  recordId: "1"\n  apiKey: {env: PLEASANTER_API_KEY}')
    office.edit("  accessToken: {env: WORKS_ACCESS_TOKEN}\n", "")
    ended = resolve(office, "--look")
    assert ended.code == ending.USAGE
    assert "--sent, --resend or --abandon" in ended.err


def test_a_crash_is_told_with_the_command_that_settles_it(office: Office, faults: Faults) -> None:
    faults.at(TAKEN, 2)
    office.send()
    told = office.run("status", str(office.job)).out
    assert f"batchmail resolve {office.job.as_posix()} --look" in told


def test_a_copied_journal_is_used_only_when_it_is_adopted(office: Office, faults: Faults) -> None:
    faults.at(LOST, 1)
    office.send()
    journal = office.folder / ".batchmail" / "journal.db"
    backup = journal.read_bytes()
    office.people(4)
    office.send()
    journal.write_bytes(backup)
    refused = office.send()
    assert refused.code == 1
    assert "--adopt" in refused.err
    assert resolve(office, "--key", "00001", "--sent").code == 1
    assert office.works.inbox.requests == 4
    assert resolve(office, "--key", "00001", "--sent", "--adopt").code == ending.DONE
    assert office.send().code == ending.DONE
