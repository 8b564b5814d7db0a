"""After a kill no report is there: `status` has the names of all who may have got their mail."""

from batchmail.emulator import Answer, Cut, Fault, Faults
from tests.program.office import JOB, Office

LOST = Fault(Cut())
NOBODY = Fault(Answer(400, b'{"code": "INVALID_PARAMETER", "description": "no such person"}'))
#: A hundred people a request.
COMBINED = JOB.replace("Hello {{ name }}", "Notice").replace(
    "<p>Dear {{ name }}, your number is {{ number }}.</p>",
    '<p>Dear all</p>"\n  isSendSeparately: true\n  userName: "We',
)


def named(out: str) -> list[str]:
    return [words[2] for words in map(str.split, out.splitlines()) if words[:2] == ["in", "doubt"]]


def keys(count: int) -> list[str]:
    return [f"{n:05}" for n in range(1, count + 1)]


def test_all_in_doubt_are_named_not_the_first_ten_alone(office: Office, faults: Faults) -> None:
    office.manifest(COMBINED)
    office.people(60)
    faults.at(LOST, 1)
    sent = office.run("send", str(office.job), "--yes", "--no-look").out
    assert named(sent) == keys(10)
    assert f"… and 50 more in doubt; all by name:  batchmail status {office.job.as_posix()}\n" in sent
    status = office.run("status", str(office.job)).out
    assert named(status) == keys(60)
    assert "more in doubt" not in status


def test_beyond_a_hundred_they_are_named_where_that_is_asked_for(office: Office, faults: Faults) -> None:
    office.manifest(COMBINED)
    office.people(120)
    faults.at(LOST, 1, 2)
    office.send("--no-look")
    short, full = (office.run("status", str(office.job), *more).out for more in ([], ["--verbose"]))
    assert named(short) == keys(100)
    assert f"… and 20 more in doubt; all by name:  batchmail status {office.job.as_posix()} --verbose\n" in short
    assert named(full) == keys(120)
    assert "more in doubt" not in full
    assert short.splitlines()[-4:] == full.splitlines()[-4:]


def test_those_in_doubt_are_not_hidden_by_others_that_come_first(office: Office, faults: Faults) -> None:
    office.people(13)
    office.edit("  rate: 100000/s", "  rate: 100000/s\n  concurrency: 1")
    faults.at(NOBODY, *range(1, 13)).at(LOST, 13)
    sent = office.run("send", str(office.job), "--yes").out
    assert named(sent) == ["00013"]
    assert "… and 2 more, among the rows to redo" in sent
    full = office.run("status", str(office.job), "--verbose").out
    assert full.count("rejected 0") == 12
    assert named(full) == ["00013"]
