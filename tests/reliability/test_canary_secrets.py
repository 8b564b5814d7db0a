"""Whatever becomes of a job, none of its secrets is in what it prints, logs or writes."""

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.cli.ending import BUG, DONE, STOPPED, UNFINISHED
from batchmail.emulator import Answer, Cut, Fault, Faults, HalfAnswer, Silence
from batchmail.providers.http import HttpSender
from batchmail.providers.smtp_sender import SmtpSender
from tests.reliability.secret_jobs import CANARY, MAKINGS, SecretJob, secret_job

SMTP = ["a password and a DKIM key"]
#: Those whose provider knows all secrets of the job. What a token endpoint repeats is in tests/program/test_oauth.py.
HTTP = [name for name in MAKINGS if name not in {*SMTP, "tokens that are renewed"}]


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture(params=MAKINGS)
def job(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[SecretJob]:
    """A job, while everything that any library logs is taken down, and all temporary files are beside it."""
    caplog.set_level(logging.DEBUG)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with secret_job(str(request.param), tmp_path, faults, monkeypatch) as made:
        yield made
    assert made.ended, "nothing was run"
    lines = [record.getMessage() for record in caplog.get_records("call") if not is_the_servers(record)]
    assert made.found("\n".join(lines)) == []


def is_the_servers(record: logging.LogRecord) -> bool:
    """Whether a log is of what a server has said: it may repeat a secret, and that was its own doing."""
    return record.name == "mail.log" or "receive_response_headers.complete" in record.getMessage()


#: All requests that bring a mail, and none that asks for a token: without one, a job waits for ten minutes.
MAILS = range(1, 100)


def test_a_job_that_goes_well_tells_no_secret(job: SecretJob) -> None:
    assert job.run_all() == DONE
    assert job.run("rehearse", "-vvv").code == DONE


def test_wrong_secrets_are_not_repeated(job: SecretJob) -> None:
    job.give_wrong_ones()
    assert job.run_all() == STOPPED


def test_secrets_that_cannot_be_are_not_repeated(job: SecretJob) -> None:
    for name in job.secrets:
        job.give(name, f"{CANARY}\r\nX-More: {name} ü")
    assert job.run_all() != DONE


@pytest.mark.parametrize("job", HTTP, indirect=True)
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 500, 503])
def test_a_server_that_repeats_the_secrets_does_not_make_them_known(
    job: SecretJob, faults: Faults, status: int
) -> None:
    headers = (("Location", f"https://127.0.0.1:1/{job.secrets.get('TOKEN', '')}"), ("Retry-After", "7200"))
    faults.at(Fault(Answer(status, job.echo(), headers)), *MAILS)
    assert job.run_all() in {UNFINISHED, STOPPED}


@pytest.mark.parametrize(
    "ending", [Cut(), Silence(), HalfAnswer(Answer(202, b"{}"), 1)], ids=lambda each: type(each).__name__
)
def test_a_connection_that_fails_tells_no_secret(
    job: SecretJob, faults: Faults, ending: Cut | Silence | HalfAnswer
) -> None:
    faults.at(Fault(ending), *MAILS)
    assert job.run_all() in {DONE, UNFINISHED, STOPPED}


@pytest.mark.parametrize("job", SMTP, indirect=True)
@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("connect", 554),
        ("EHLO", 502),
        ("AUTH", 535),
        ("MAIL", 550),
        ("RCPT", 550),
        ("DATA", 554),
        ("send", 554),
    ],
)
def test_a_mail_server_that_repeats_the_secrets_does_not_make_them_known(
    job: SecretJob, faults: Faults, operation: str, code: int
) -> None:
    said = f"5.7.8 you said {job.secrets['PASSWORD']} and {job.derived[0]}".encode()
    faults.when(Fault(Answer(code, said)), lambda incoming: incoming.operation == operation)
    assert job.run_all() in {UNFINISHED, STOPPED}


def test_the_log_of_a_bug_has_no_secret(job: SecretJob, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError(f"{arguments!r}")

    monkeypatch.setattr(HttpSender, "_reply", fail)
    monkeypatch.setattr(SmtpSender, "_conclusion", fail)
    assert job.run_all() == BUG
    logs = list((job.folder / "temporary").glob("batchmail-bug-*.log"))
    assert len(logs) == 1
    assert "ZeroDivisionError" in logs[0].read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="the system has no such rights")
def test_what_tells_who_got_which_mail_is_for_its_owner_alone(job: SecretJob) -> None:
    before = os.umask(0o022)
    try:
        assert job.run_all() == DONE
        assert job.run("rehearse").code == DONE
    finally:
        os.umask(before)
    ours = {job.folder / ".batchmail", *(job.folder / ".batchmail").rglob("*"), job.folder / "saved.plan"}
    ours |= {job.folder / name for name in ("results.csv", "results.xlsx", "results.jsonl", "again.csv")}
    ours |= {job.folder / "preview", *(job.folder / "preview").rglob("*")}
    assert {str(path.relative_to(job.folder)) for path in ours if not is_closed(path, job.folder)} == set()


def is_closed(path: Path, top: Path) -> bool:
    """Whether others can neither read a file nor pass through one of the folders that it is in."""
    places = [path, *(folder for folder in path.parents if folder.is_relative_to(top) and folder != top)]
    return any(not place.stat().st_mode & 0o077 for place in places)
