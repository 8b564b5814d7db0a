"""The letters, written into a folder by the whole program: what a mail program opens is what the job says."""

import csv
import mailbox
import shutil
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from batchmail.cli import ending
from batchmail.message import Address, ContentType, Unsubscribe
from tests.program.office import ROOT, captured
from tests.providers.mail_parts import parse_mail

LETTERS = ROOT / "manifests" / "letters"
FORMATS = ("eml", "mbox", "maildir")

SUBJECTS = {
    "ko": "{name} 님의 2027년 회원증 ({number})",
    "ja": "{name}様 2027年度会員証のご案内({number})",
    "en": "Your membership 2027, {name} ({number})",
}
SALUTATIONS = {"ko": "{name} 님께", "ja": "{name}様", "en": "Dear {name},"}


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """The example in a folder of its own."""
    for path in LETTERS.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path / "job.yaml"


def send(job: Path) -> dict[str, object]:
    ended = captured("send", str(job), "--yes", "--format", "json")
    assert ended.code == ending.DONE, ended.err
    counts = ended.document["counts"]
    assert isinstance(counts, dict)
    return {**counts, "requests": ended.document["requests"]}


def mails(folder: Path, form: str) -> Iterator[bytes]:
    """The mails of an outbox, each with CRLF at the ends of its lines."""
    if form == "eml":
        yield from (path.read_bytes() for path in folder.glob("*.eml"))
        return
    box = mailbox.mbox(folder / "outbox.mbox", create=False) if form == "mbox" else mailbox.Maildir(folder)
    yield from (box.get_bytes(key).replace(b"\n", b"\r\n") for key in box.keys())  # noqa: SIM118  it yields messages
    box.close()


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", FORMATS)
def test_letters_are_written_once_and_read_back_as_they_were_meant(form: str, job: Path) -> None:
    job.write_text(
        job.read_text(encoding="utf-8").replace("format: eml ", f"format: {form} "), encoding="utf-8", newline="\n"
    )
    assert send(job)["requests"] == 24
    written = {parse_mail(mail).message.to: mail for mail in mails(job.parent / "outbox", form)}
    with (LETTERS / "members.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(written) == len(rows) == 24
    for row in rows:
        check(written[Address(row["email"], row["name"]),], row)

    before = times(job.parent / "outbox")
    assert send(job)["requests"] == 0
    assert times(job.parent / "outbox") == before


def check(mail: bytes, row: dict[str, str]) -> None:
    """Hold a mail against the row that it was made from."""
    parsed = parse_mail(mail)
    message = parsed.message
    language = row["language"]
    assert message.subject == SUBJECTS[language].format_map(row)
    assert (message.sender, message.user_name) == (Address("members@example.com"), "마루 협회 · まる協会")
    assert message.reply_to == Address("office@example.com", "회원 사무국 · 会員事務局")
    assert message.bcc == (Address("archive@example.com", "文書保管 · 문서 보관"),)
    assert message.headers == (("X-Campaign", "회원증 2027 会員証"),)
    assert message.unsubscribe == Unsubscribe(
        f"https://members.example.com/leave?member={row['number']}", "mailto:leave@example.com", one_click=True
    )
    assert message.content_type is ContentType.HTML
    for text in (message.body, message.alternative or ""):
        assert SALUTATIONS[language].format_map(row) in text.replace("&#39;", "'")
        assert row["number"] in text
        assert row["until"] in text
    assert parsed.files == {
        "logo.png": ("image/png", (LETTERS / "logo.png").read_bytes(), "logo"),
        "정기총회 定期総会 2027.ics": ("text/calendar", (LETTERS / "assembly.ics").read_bytes(), None),
    }
    head, _, _ = mail.partition(b"\r\n\r\n")
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 76


def test_a_rehearsal_writes_into_a_folder_of_its_own(job: Path) -> None:
    ended = captured("rehearse", str(job), "--format", "json")
    assert ended.code == ending.DONE, ended.err
    assert len(list(Path(str(ended.document["mails"])).glob("*.eml"))) == 24
    assert not (job.parent / "outbox").exists()


def test_copies_for_several_people_are_mails_of_their_own(job: Path) -> None:
    text = job.read_text(encoding="utf-8").replace("  contentType: html\n", "  isSendSeparately: true\n")
    job.write_text(text.replace("bcc:", "cc:"), encoding="utf-8", newline="\n")
    send(job)
    written = [message_from_bytes(mail) for mail in mails(job.parent / "outbox", "eml")]
    assert len(written) == len({mail["Message-ID"] for mail in written}) == 48
    assert all((mail["Cc"], mail["Bcc"]) == (None, None) for mail in written)


def test_a_letter_without_a_sender_is_told_before_anything_is_written(job: Path) -> None:
    lines = job.read_text(encoding="utf-8").splitlines(keepends=True)
    job.write_text("".join(line for line in lines if "  from:" not in line), encoding="utf-8", newline="\n")
    ended = captured("send", str(job), "--yes", "--format", "json")
    assert ended.code == ending.BLOCKED
    assert [each["rule"] for each in ended.document["findings"]] == ["manifest-missing-key"]
    assert not (job.parent / "outbox").exists()


def test_a_folder_that_cannot_be_used_leaves_everything_to_be_sent(job: Path) -> None:
    (job.parent / "outbox").write_text("a file", encoding="utf-8")
    ended = captured("send", str(job), "--yes")
    assert ended.code == ending.STOPPED
    assert "outbox cannot be written to" in ended.out + ended.err
    (job.parent / "outbox").unlink()
    assert send(job)["sent"] == 24
