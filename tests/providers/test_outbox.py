"""Mails in a folder: complete or not there, each once, and readable by other programs."""

from __future__ import annotations

import asyncio
import errno
import mailbox
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from io import FileIO
from typing import TYPE_CHECKING, Literal

import pytest

from batchmail.job import Folder
from batchmail.message import Address, Message
from batchmail.outcome import Closed, Outcome, Sent
from batchmail.providers.outbox import OutboxProvider, OutboxSettings, build
from batchmail.providers.outbox_folder import Entry, Mbox, _append
from tests.providers.mail_parts import parse_mail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.providers.conftest import Contents

Format = Literal["eml", "mbox", "maildir"]
FORMATS: tuple[Format, ...] = ("eml", "mbox", "maildir")

MESSAGE = Message(
    to=(Address("kim@example.com", "김민수"),),
    subject="회원 증명서",
    body="<p>김민수 님</p>\r\nFrom now on",
    sender=Address("members@example.com"),
    bcc=(Address("archive@example.com", "Archive"), Address("김@example.com")),
    identity="0a1b",
    date=datetime(2026, 10, 1, 9, 30, tzinfo=UTC),
)


def hand_over(folder: Path, form: Format, files: Contents, *messages: Message) -> list[Outcome]:
    """Hand messages over, one after another."""

    async def scenario() -> list[Outcome]:
        async with OutboxProvider(OutboxSettings(Folder(str(folder)), form)).open(files, 60.0) as sender:
            return [await sender.prepare(message)() for message in messages]

    return asyncio.run(scenario())


def found(folder: Path, form: Format) -> list[bytes]:
    """The mails of a folder, as other programs read them."""
    match form:
        case "eml":
            return [path.read_bytes() for path in sorted(folder.glob("*.eml"))]
        case "mbox":
            box = mailbox.mbox(folder / "outbox.mbox", create=False)
            mails = [box.get_bytes(key) for key in box.keys()]  # noqa: SIM118  a mailbox yields messages otherwise
            box.close()
            return mails
        case "maildir":
            kept = mailbox.Maildir(folder, create=False)
            return [kept.get_bytes(key) for key in sorted(kept.keys())]


@pytest.mark.parametrize("form", FORMATS)
def test_a_mail_is_there_with_all_that_it_has(form: Format, tmp_path: Path, files: Contents) -> None:
    offer = files.attach("제안서.pdf", bytes(range(256)) * 50)
    message = replace(MESSAGE, attachments=(offer,))
    [outcome] = hand_over(tmp_path / "outbox", form, files, message)
    assert isinstance(outcome, Sent)
    [mail] = found(tmp_path / "outbox", form)
    parsed = parse_mail(mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert replace(parsed.message, bcc=()) == replace(message, bcc=(), attachments=())
    assert parsed.files == {"제안서.pdf": ("application/pdf", files.content(offer), None)}
    assert "\nBcc: Archive <archive@example.com>, 김@example.com".encode() in b"\n" + mail


@pytest.mark.parametrize("form", FORMATS)
def test_many_mails_are_each_there_once(form: Format, tmp_path: Path, files: Contents) -> None:
    messages = [replace(MESSAGE, subject=f"Letter {number}", identity=f"{number:04}") for number in range(30)]
    hand_over(tmp_path, form, files, *messages[:20])
    hand_over(tmp_path, form, files, *messages[20:])
    subjects = [parse_mail(mail).message.subject for mail in found(tmp_path, form)]
    assert subjects == [message.subject for message in messages]


@pytest.mark.parametrize("form", ["eml", "maildir"])
def test_a_mail_that_is_written_again_takes_its_own_place(form: Format, tmp_path: Path, files: Contents) -> None:
    first, second = hand_over(tmp_path, form, files, MESSAGE, replace(MESSAGE, subject="Once more"))
    assert first == second
    [mail] = found(tmp_path, form)
    assert parse_mail(mail).message.subject == "Once more"


@pytest.mark.parametrize("identity", ["", "../evil", "a/b", "a:b", "con. ", "x" * 3 + "\n"])
def test_no_identity_leads_out_of_the_folder(identity: str, tmp_path: Path, files: Contents) -> None:
    [outcome] = hand_over(tmp_path / "outbox", "eml", files, replace(MESSAGE, identity=identity))
    assert isinstance(outcome, Sent)
    [path] = tmp_path.rglob("*.eml")
    assert path.parent == tmp_path / "outbox"
    assert path.stem.isalnum()


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_but_the_mails_is_left_behind(form: Format, tmp_path: Path, files: Contents) -> None:
    hand_over(tmp_path / "outbox", form, files, MESSAGE)
    left = {path.name for path in (tmp_path / "outbox").rglob("*") if path.is_file()}
    assert left - {"outbox.mbox.lock", ".gitignore"} == {{"eml": "0a1b.eml", "mbox": "outbox.mbox"}.get(form, "0a1b")}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
@pytest.mark.parametrize("form", FORMATS)
def test_nobody_else_can_read_the_mails(form: Format, tmp_path: Path, files: Contents) -> None:
    hand_over(tmp_path / "outbox", form, files, MESSAGE)
    assert (tmp_path / "outbox").stat().st_mode & 0o077 == 0
    for path in (tmp_path / "outbox").rglob("*"):
        if path.is_file() and path.name != ".gitignore":
            assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("form", FORMATS)
def test_a_folder_that_is_emptied_and_taken_away_meanwhile_is_made_again(
    form: Format, tmp_path: Path, files: Contents
) -> None:
    async def scenario() -> list[Outcome]:
        async with OutboxProvider(OutboxSettings(Folder(str(tmp_path / "outbox")), form)).open(files, 60.0) as sender:
            first = await sender.prepare(MESSAGE)()
            (tmp_path / "outbox").rename(tmp_path / "fetched")
            return [first, await sender.prepare(MESSAGE)()]

    assert all(isinstance(outcome, Sent) for outcome in asyncio.run(scenario()))
    assert len(found(tmp_path / "fetched", form)) == len(found(tmp_path / "outbox", form)) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_many_mails_bring_the_name_of_their_folder_to_the_disk_once(
    form: Format, tmp_path: Path, files: Contents
) -> None:
    messages = [replace(MESSAGE, identity=f"{number:04}") for number in range(20)]
    parent = str(tmp_path)
    opened: list[str] = []
    # A hook stays for as long as the process lives: this one looks for one folder, which nobody opens later.
    sys.addaudithook(lambda event, args: opened.append(event) if event == "open" and str(args[0]) == parent else None)
    hand_over(tmp_path / "outbox", form, files, *messages)
    assert len(opened) == (0 if sys.platform == "win32" else 1)


@pytest.mark.parametrize("form", FORMATS)
def test_a_folder_that_cannot_be_written_to_stops_the_run(form: Format, tmp_path: Path, files: Contents) -> None:
    (tmp_path / "outbox").write_text("a file", encoding="utf-8")
    [outcome] = hand_over(tmp_path / "outbox", form, files, MESSAGE)
    assert isinstance(outcome, Closed)
    assert "outbox cannot be written to" in outcome.reason
    assert "another `directory`" in outcome.hint
    assert (tmp_path / "outbox").read_text(encoding="utf-8") == "a file"


class FullDisk(FileIO):
    """A file on a disk that has room for so many bytes more."""

    room = 10

    def write(self, data: object) -> int:
        content = bytes(data)  # type: ignore[call-overload]  # a buffer, as the base class says in other words
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = super().write(content[: self.room]) or 0
        self.room -= taken
        return taken


@pytest.mark.parametrize("room", [0, 1, 10])
def test_what_a_full_disk_takes_of_a_mail_does_not_stay(room: int, tmp_path: Path) -> None:
    path = tmp_path / "outbox.mbox"
    path.write_bytes(b"From a\n\nFirst\n\n")
    with FullDisk(path, "a+") as file:
        file.room = room
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            _append(file, b"From b\n\nSecond\n\n")
    assert path.read_bytes() == b"From a\n\nFirst\n\n"


@pytest.mark.parametrize("torn", [b"From a\n\nFi", b"From a\n\nFirst\n", b"From a\n\nFirst\n\n"])
def test_a_mail_that_a_crash_tore_does_not_swallow_the_next(torn: bytes, tmp_path: Path, files: Contents) -> None:
    (tmp_path / "outbox.mbox").write_bytes(torn)
    hand_over(tmp_path, "mbox", files, MESSAGE)
    first, second = found(tmp_path, "mbox")
    assert b"Fi" in first
    assert parse_mail(second).message.subject == MESSAGE.subject


def test_several_jobs_may_write_to_one_mbox_at_once(tmp_path: Path) -> None:
    boxes = [Mbox(tmp_path), Mbox(tmp_path)]
    entries = [Entry(str(number), None, (b"Subject: x\r\n\r\n", b"%d\r\n" % number * 500)) for number in range(60)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda entry: boxes[int(entry.identity) % 2].write(entry), entries))
    bodies = [mail.partition(b"\n\n")[2] for mail in found(tmp_path, "mbox")]
    assert sorted(bodies) == sorted(b"%d\n" % number * 500 for number in range(60))


def test_lines_end_as_each_form_has_it(tmp_path: Path, files: Contents) -> None:
    for form in FORMATS:
        hand_over(tmp_path / form, form, files, MESSAGE)
    assert b"\n" not in found(tmp_path / "eml", "eml")[0].replace(b"\r\n", b"")
    assert b"\r" not in (tmp_path / "mbox" / "outbox.mbox").read_bytes()
    assert b"\r" not in (tmp_path / "maildir" / "new" / "0a1b").read_bytes()


def test_settings_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="OutboxSettings expected, not str"):
        build("settings")
