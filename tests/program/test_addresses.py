"""Addresses as unusual as they really occur: what leaves, and what is told about it, through the whole program."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batchmail.cli import ending
from batchmail.emulator import RunningSmtp, SmtpRules, smtp_emulator
from tests.program.office import Office, captured

OLD_MOBILE = ("kim..lee@docomo.ne.jp", "kim.@ezweb.ne.jp")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSmtp]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with smtp_emulator(rules=SmtpRules(recipients=None)) as emulator:
        monkeypatch.setenv("SMTP_PASSWORD", emulator.access_token)
        yield emulator


def people(folder: Path, *addresses: str) -> None:
    rows = (f"{number},P{number},{address}" for number, address in enumerate(addresses, 1))
    (folder / "people.csv").write_text("\n".join(["number,name,email", *rows]) + "\n", encoding="utf-8")


def over_smtp(office: Office, server: RunningSmtp) -> None:
    text = office.job.read_text(encoding="utf-8")
    start, end = text.index("provider:"), text.index("recipients:")
    provider = (
        f"provider: {{kind: smtp, host: 127.0.0.1, port: {server.server.port}, security: none, "
        "username: news@example.com, password: {env: SMTP_PASSWORD}}\n"
    )
    office.job.write_text(text[:start] + provider + text[end:], encoding="utf-8")
    office.edit("message:\n", "message:\n  from: news@example.com\n")


def test_an_api_that_refuses_old_mobile_addresses_costs_nobody_else_their_mail(office: Office) -> None:
    office.edit("Hello {{ name }}", "Hello")
    office.edit("<p>Dear {{ name }}, your number is {{ number }}.</p>", "<p>All the same.</p>")
    office.edit("  subject:", "  isSendSeparately: true\n  subject:")
    people(office.folder, "a@example.com", OLD_MOBILE[0], "b@example.com", OLD_MOBILE[1], "c@example.com")
    assert office.send().code == ending.BLOCKED
    ended = office.send("--allow", "address-old-mobile")
    assert (ended.code, ended.document["counts"]["rejected"]) == (ending.UNFINISHED, 2)
    assert sorted(office.accepted()) == ["a@example.com", "b@example.com", "c@example.com"]


def test_old_mobile_addresses_reach_a_mail_server_as_they_are(office: Office, server: RunningSmtp) -> None:
    over_smtp(office, server)
    people(office.folder, *OLD_MOBILE)
    assert office.send("--allow", "address-old-mobile").code == ending.DONE
    assert sorted(mail.recipients for mail in server.inbox.mails) == sorted((address,) for address in OLD_MOBILE)
    assert all(f"To: {mail.recipients[0]}\r\n".encode() in mail.request for mail in server.inbox.mails)


def test_old_mobile_addresses_stand_in_a_folder_of_mails_as_they_are(office: Office) -> None:
    text = office.job.read_text(encoding="utf-8")
    start, end = text.index("provider:"), text.index("recipients:")
    office.job.write_text(f"{text[:start]}provider: {{kind: outbox}}\n{text[end:]}", encoding="utf-8")
    office.edit("message:\n", "message:\n  from: news@example.com\n")
    people(office.folder, *OLD_MOBILE)
    assert office.send("--allow", "address-old-mobile").code == ending.DONE
    mails = b"".join(path.read_bytes() for path in (office.folder / "outbox").rglob("*.eml"))
    assert all(f"To: {address}\r\n".encode() in mails for address in OLD_MOBILE)


def test_a_slip_wants_to_be_allowed_by_name(office: Office) -> None:
    people(office.folder, "kim@example.com", "lee@gmial.com")
    assert office.send().code == ending.BLOCKED
    assert office.accepted() == []
    assert office.send("--allow", "address-look-alike").code == ending.DONE
    assert len(office.accepted()) == 2


def test_international_domains_travel_in_ascii_and_are_shown_in_both_forms(office: Office) -> None:
    people(office.folder, "kim@日本語.jp")
    both = "kim@xn--wgv71a119e.jp (kim@日本語.jp)"
    assert both in captured("plan", str(office.job)).out
    assert both in captured("preview", str(office.job)).out
    assert office.send().code == ending.DONE
    assert office.accepted() == ["kim@xn--wgv71a119e.jp"]


def test_the_rows_of_a_job_never_share_a_mail_unless_each_gets_a_copy_of_their_own(office: Office) -> None:
    office.edit("Hello {{ name }}", "Hello")
    office.edit("<p>Dear {{ name }}, your number is {{ number }}.</p>", "<p>All the same.</p>")
    office.people(5)
    assert office.plan().document["requests"] == 5
    assert office.send().code == ending.DONE
    assert sorted(mail.recipients for mail in office.works.inbox.mails) == [
        (f"person{number}@example.com",) for number in range(1, 6)
    ]
