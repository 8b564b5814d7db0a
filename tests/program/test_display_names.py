"""Names of companies and people, as sheets have them, beside the addresses that the mails go to."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.cli import ending
from batchmail.emulator import PleasanterRules, RunningSmtp, SmtpRules, pleasanter_emulator, smtp_emulator
from batchmail.message import Address
from tests.program.office import captured
from tests.providers.mail_parts import parse_mail

NAMES = ("Acme, Inc.", 'Max "The" Kim', "김, 민수", "株式会社；まる、通信", "Sales; (Berlin) \\ A: B", "Kim")
JOB = """\
version: 1
name: test
provider: PROVIDER
recipients: {file: people.csv, key: number}
message:
  to: "{{ name }} <{{ email }}>"
  subject: Hello
  body: Hi
  contentType: text
send: {rate: 100000/s, concurrency: 1}
"""


def job_for_all(folder: Path, provider: str) -> Path:
    """A job for everybody in NAMES."""
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(("number", "name", "email"))
        sheet.writerows((number, name, f"p{number}@example.com") for number, name in enumerate(NAMES, 1))
    job = folder / "job.yaml"
    job.write_text(JOB.replace("PROVIDER", provider), encoding="utf-8")
    return job


@pytest.fixture(autouse=True)
def _no_other_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)


@pytest.fixture
def server() -> Iterator[RunningSmtp]:
    with smtp_emulator(rules=SmtpRules(recipients=None, login_required=False)) as emulator:
        yield emulator


def test_names_reach_a_mail_server_as_they_stand_in_the_sheet(server: RunningSmtp, tmp_path: Path) -> None:
    job = job_for_all(tmp_path, f"{{kind: smtp, host: 127.0.0.1, port: {server.server.port}, security: none}}")
    job.write_text(
        job.read_text(encoding="utf-8").replace("message:\n", 'message:\n  from: "Acme, Inc. <news@example.com>"\n'),
        encoding="utf-8",
    )
    assert captured("send", str(job), "--yes").code == ending.DONE
    seen = [parse_mail(mail.request).message for mail in server.inbox.mails]
    assert [each.to for each in seen] == [
        (Address(f"p{number}@example.com", name),) for number, name in enumerate(NAMES, 1)
    ]
    assert {each.user_name for each in seen} == {"Acme, Inc."}
    assert [mail.recipients for mail in server.inbox.mails] == [
        (f"p{number}@example.com",) for number, _ in enumerate(NAMES, 1)
    ]


def test_names_never_divide_a_list_of_pleasanter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pleasanter_emulator(rules=PleasanterRules(records=frozenset({7}))) as running:
        monkeypatch.setenv("PLEASANTER_API_KEY", running.access_token)
        provider = (
            f"{{kind: pleasanter, baseUrl: {running.base_url}, recordId: 7, apiKey: {{env: PLEASANTER_API_KEY}}}}"
        )
        assert captured("send", str(job_for_all(tmp_path, provider)), "--yes").code == ending.DONE
        assert [mail.to for mail in running.inbox.mails] == [
            (f"p{number}@example.com",) for number, _ in enumerate(NAMES, 1)
        ]
        requests = b"".join(mail.request for mail in running.inbox.mails).decode()
    # The server knows no escape within quotes.
    assert r"""\"Acme, Inc.\" <p1@example.com>""" in requests
    assert r"""\"Max 'The' Kim\" <p2@example.com>""" in requests


def test_an_api_of_addresses_alone_loses_no_name_in_silence(tmp_path: Path) -> None:
    job = job_for_all(tmp_path, "{kind: works, accessToken: {env: WORKS_ACCESS_TOKEN}}")
    found = captured("plan", str(job), "--format", "json").document["findings"]
    lost = [each["line"] for each in found if (each["rule"], each["severity"]) == ("provider-cannot-express", "error")]
    assert lost == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("name", ["boss@example.com", "Kim <boss@example.com>", "Kim, boss@example.com"])
def test_a_name_that_is_another_address_is_found_in_its_row(name: str, tmp_path: Path) -> None:
    job = job_for_all(tmp_path, "{kind: outbox}")
    job.write_text(
        job.read_text(encoding="utf-8").replace("message:\n", "message:\n  from: news@example.com\n"), encoding="utf-8"
    )
    with (tmp_path / "people.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow((99, name, "kim@example.com"))
    found = captured("plan", str(job), "--format", "json").document["findings"]
    assert [(each["rule"], each["line"]) for each in found] == [("row-bad-address", 8)]
    assert "readers would take for the address" in found[0]["message"]
