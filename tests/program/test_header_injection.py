"""What a cell holds never becomes a header, a recipient or a second mail: every attempt is told, and none leaves."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from batchmail.cli import ending
from batchmail.emulator import RunningSmtp, SmtpRules, smtp_emulator
from tests.program.office import Office, captured

#: What ends a line for some program, what hides or reverses a text, and what comes after it.
BREAKS = (
    *("\r\n", "\n", "\r", "\n\r", "\r\n ", "\n\t", "\r\n\r\n", "\n\n", "\r\r\n", "\x0b", "\x0c", "\x1c", "\x1d"),
    *("\x1e", "\x85", "\u2028", "\u2029", "\x01", "\x07", "\x08", "\x1b[2K", "\x7f", "\x9f", "\u202e"),
    *("\u202a", "\u2066", "\u2069\r\n", "\u2028\u2029", "\x0e", "\u2067", "\r\n.\r\n"),
)
PAYLOADS = tuple(f"x{broken}Bcc: boss@evil.example" for broken in BREAKS)

#: Where a cell can come to stand in a mail's head, over SMTP.
PLACES: dict[str, dict[str, object]] = {
    "subject": {"subject": "Hello {{ cell }}"},
    "from": {"from": "{{ cell }} <news@example.com>"},
    "to": {"to": "{{ cell }} <kim@example.com>"},
    "address": {"to": "kim{{ cell }}@example.com"},
    "domain": {"to": "kim@example.com{{ cell }}"},
    "cc": {"cc": "{{ cell }} <lee@example.com>"},
    "bcc": {"bcc": "lee@{{ cell }}.example.com"},
    "replyTo": {"replyTo": "{{ cell }} <desk@example.com>"},
    "header": {"headers": {"X-Campaign": "October {{ cell }}"}},
    "file name": {"attachments": [{"path": "note.txt", "filename": "{{ cell }}.txt"}]},
    "path": {"attachments": [{"path": "{{ cell }}.txt"}]},
    "unsubscribe": {"listUnsubscribe": {"url": "https://example.com/{{ cell }}"}},
    "unsubscribe mail": {"listUnsubscribe": {"mailto": "out{{ cell }}@example.com"}},
}


def rows(folder: Path, *cells: str) -> None:
    """Write people.jsonl, which takes any character."""
    lines = (json.dumps({"number": str(number), "cell": cell}) for number, cell in enumerate(cells, 1))
    (folder / "people.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSmtp]:
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with smtp_emulator(rules=SmtpRules(recipients=None)) as emulator:
        monkeypatch.setenv("SMTP_PASSWORD", emulator.access_token)
        yield emulator


def mail_job(folder: Path, server: RunningSmtp, part: dict[str, object]) -> Path:
    message = {"to": "kim@example.com", "from": "news@example.com", "subject": "Hello {{ number }}", "body": "Hello"}
    manifest = {
        "version": 1,
        "name": "test",
        "provider": {
            "kind": "smtp",
            "host": "127.0.0.1",
            "port": server.server.port,
            "security": "none",
            "username": "news@example.com",
            "password": {"env": "SMTP_PASSWORD"},
        },
        "recipients": {"file": "people.jsonl", "key": "number"},
        "message": {**message, **part},
        "send": {"rate": "100000/s"},
    }
    (folder / "note.txt").write_text("note", encoding="utf-8")
    (folder / "job.yaml").write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    return folder / "job.yaml"


def refused(job: Path) -> list[str]:
    """The keys of the rows with errors, once each, in a send that is refused."""
    planned = captured("plan", str(job), "--format", "json")
    lines = {each["line"] for each in planned.document["findings"] if each["severity"] == "error"}
    assert planned.document["counts"]["send"] == 0
    assert captured("send", str(job), "--yes").code == ending.BLOCKED
    return [str(line) for line in sorted(lines)]


@pytest.mark.parametrize("place", PLACES)
def test_no_attempt_reaches_a_mail_server_from_any_place_of_a_head(
    place: str, tmp_path: Path, server: RunningSmtp
) -> None:
    job = mail_job(tmp_path, server, PLACES[place])
    rows(tmp_path, *PAYLOADS)
    assert refused(job) == [str(number) for number in range(1, len(PAYLOADS) + 1)]
    assert server.inbox.requests == 0


@pytest.mark.parametrize("place", ["userName", "subject", "address", "file name"])
def test_no_attempt_reaches_an_api_from_any_place_of_a_head(place: str, office: Office) -> None:
    office.edit("people.csv", "people.jsonl")
    parts: dict[str, dict[str, object]] = {"userName": {"userName": "Billing {{ cell }}"}}
    manifest = yaml.safe_load(office.job.read_text(encoding="utf-8"))
    message = {"to": "kim@example.com", "subject": "Hello", "body": "Hello"}
    manifest["message"] = {**message, **{**PLACES, **parts}[place]}
    office.manifest(yaml.safe_dump(manifest))
    office.write("note.txt", "note")
    rows(office.folder, *PAYLOADS)
    assert refused(office.job) == [str(number) for number in range(1, len(PAYLOADS) + 1)]
    assert office.works.inbox.requests == 0


def test_a_character_that_no_text_has_ends_the_reading_of_a_sheet(tmp_path: Path, server: RunningSmtp) -> None:
    job = mail_job(tmp_path, server, PLACES["subject"])
    rows(tmp_path, "x\x00\r\nBcc: boss@evil.example")
    assert refused(job) == ["1"]
    assert server.inbox.requests == 0


@pytest.mark.parametrize("separator", [";", ",", "；", "，", "、", " ; ", ";;", "\n", "> , <", ">;<"])
def test_no_separator_makes_two_recipients_of_one(separator: str, office: Office) -> None:
    office.edit("people.csv", "people.jsonl")
    office.edit("{{ email }}", "{{ cell }}")
    office.edit("Hello {{ name }}", "Hello")
    office.edit("Dear {{ name }}", "Hello")
    names = (
        f"Kim{separator}boss@evil.example <kim@example.com>",
        f'"Kim{separator}Lee@evil.example" <kim@example.com>',
    )
    rows(
        office.folder,
        f"kim@example.com{separator}boss@evil.example",
        *names,
        f"<kim@example.com{separator}b@c.example>",
    )
    assert refused(office.job) == ["1", "2", "3", "4"]
    assert office.works.inbox.requests == 0


@pytest.mark.parametrize("text", ["%0d%0aBcc: boss@evil.example", "\\r\\nBcc: x@evil.example", "=?utf-8?q?a=0D=0AX?="])
def test_what_only_looks_like_an_attempt_stays_a_text_on_one_line(
    text: str, tmp_path: Path, server: RunningSmtp
) -> None:
    job = mail_job(tmp_path, server, {**PLACES["subject"], **PLACES["header"], **PLACES["file name"]})
    rows(tmp_path, text)
    assert captured("send", str(job), "--yes").code == ending.DONE
    (mail,) = server.inbox.mails
    assert mail.recipients == ("kim@example.com",)
    head = mail.request.partition(b"\r\n\r\n")[0]
    assert b"\r\nbcc:" not in head.lower()
    assert mail.subject == f"Hello {text}"
