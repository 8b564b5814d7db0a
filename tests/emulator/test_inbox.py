"""Accepted mails are in memory and on the disk, and the log can be believed."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from batchmail.emulator import Inbox, InboxUnwritable, WorksRules
from batchmail.emulator.archive import COPIES_WRITTEN
from batchmail.emulator.mail import Receipt, Submission
from tests.emulator.bench import REQUESTS, START, Bench

UNLIMITED = WorksRules.rehearsal()
SENDER = "sender@works.example"


def keep(inbox: Inbox, submission: Submission, request: bytes = b"{}") -> None:
    inbox.accept(submission, Receipt(START, SENDER, submission.subject, request))


def to(*addresses: str, separately: bool = False) -> Submission:
    return Submission(to=addresses, subject="Hello", body="Text", send_separately=separately)


def log(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_without_a_folder_nothing_is_written(bench: Bench) -> None:
    bench.send()
    assert bench.inbox.log is None
    assert bench.inbox.accepted == 1


def test_each_mail_is_a_file_to_open_and_one_to_read_by_program(tmp_path: Path) -> None:
    with Inbox(tmp_path / "new" / "mails") as inbox:
        keep(inbox, to("a@x.example"))
        keep(inbox, to("b@x.example"))
        assert inbox.log == tmp_path / "new" / "mails" / "index.jsonl"
    assert names(tmp_path / "new" / "mails") == ["00001.eml", "00001.json", "00002.eml", "00002.json", "index.jsonl"]


def test_the_json_has_every_field_and_of_attachments_what_tells_them_apart(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path)
    body = (REQUESTS / "korean.json").read_bytes()
    bench.send(body)
    with bench.inbox:
        pass
    (file,) = bench.mail.attachments
    assert json.loads((tmp_path / "00001.json").read_text(encoding="utf-8")) == {
        "number": 1,
        "time": START.isoformat(),
        "account": SENDER,
        "to": ["admin@example.com"],
        "cc": [],
        "bcc": [],
        "subject": "테스트 테스트",
        "isSendSeparately": False,
        "drafted": False,
        "requestBytes": len(body),
        "requestSha256": sha256(body).hexdigest(),
        "body": "메일 본문",
        "contentType": "html",
        "userName": "admin",
        "isSaveSentMail": True,
        "isSaveTracking": True,
        "securityLevel": "General",
        "attachments": [
            {
                "filename": "index.html",
                "fileType": "text/html",
                "cid": None,
                "inline": False,
                "size": len(file.content),
                "sha256": sha256(file.content).hexdigest(),
            }
        ],
        "files": ["00001.eml"],
    }


def test_the_log_has_a_line_as_soon_as_a_mail_is_accepted(tmp_path: Path) -> None:
    with Inbox(tmp_path) as inbox:
        for number in range(1, 4):
            keep(inbox, Submission(to=("a@x.example",), bcc=("b@x.example",), subject="제목"), b"request")
            lines = log(tmp_path)
            assert [line["number"] for line in lines] == list(range(1, number + 1))
    assert (lines[0]["to"], lines[0]["bcc"], lines[0]["subject"]) == (["a@x.example"], ["b@x.example"], "제목")
    assert lines[0]["requestSha256"] == sha256(b"request").hexdigest()


def test_sent_separately_everybody_has_a_file_and_the_log_one_line(tmp_path: Path) -> None:
    with Inbox(tmp_path) as inbox:
        keep(inbox, to("a@x.example", "b@x.example", separately=True))
    assert names(tmp_path) == ["00001-0001.eml", "00001-0002.eml", "00001.json", "index.jsonl"]
    second = (tmp_path / "00001-0002.eml").read_text(encoding="ascii")
    assert "b@x.example" in second
    assert "a@x.example" not in second
    assert [line["to"] for line in log(tmp_path)] == [["a@x.example", "b@x.example"]]


def test_of_very_many_separate_copies_the_first_are_files_and_all_are_named(tmp_path: Path) -> None:
    everybody = [f"p{number}@x.example" for number in range(COPIES_WRITTEN + 5)]
    with Inbox(tmp_path) as inbox:
        keep(inbox, to(*everybody, separately=True))
    facts = json.loads((tmp_path / "00001.json").read_text(encoding="utf-8"))
    assert len(list(tmp_path.glob("*.eml"))) == len(facts["files"]) == COPIES_WRITTEN
    assert facts["to"] == everybody


def test_a_draft_reaches_nobody_and_so_has_no_mail_to_open(tmp_path: Path) -> None:
    bench = Bench(WorksRules(over_quota="draft", recipients_per_day=0), tmp_path)
    bench.send()
    with bench.inbox:
        pass
    assert names(tmp_path) == ["00001.json", "index.jsonl"]
    assert [line["drafted"] for line in log(tmp_path)] == [True]


def test_numbers_go_on_where_the_folder_left_off(tmp_path: Path) -> None:
    for address in ("a@x.example", "b@x.example"):
        with Inbox(tmp_path) as inbox:
            keep(inbox, to(address))
            assert inbox.accepted == 1
    assert [(line["number"], line["to"]) for line in log(tmp_path)] == [(1, ["a@x.example"]), (2, ["b@x.example"])]
    assert "a@x.example" in (tmp_path / "00001.eml").read_text(encoding="ascii")


def test_a_half_written_line_of_a_killed_process_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "index.jsonl").write_bytes(b'{"number": 1}\n{"num')
    with Inbox(tmp_path) as inbox:
        keep(inbox, to("a@x.example"))
    lines = (tmp_path / "index.jsonl").read_bytes().splitlines()
    assert lines[:2] == [b'{"number": 1}', b'{"num']
    assert json.loads(lines[2])["number"] == 3


def test_a_folder_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "mails").write_text("a file", encoding="utf-8")
    with pytest.raises(InboxUnwritable, match="mails: the emulator cannot keep its mails here"):
        Inbox(tmp_path / "mails")


def test_a_mail_that_cannot_be_kept_is_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "00001.eml").mkdir()
    with Inbox(tmp_path) as inbox, pytest.raises(InboxUnwritable, match="cannot keep"):
        keep(inbox, to("a@x.example"))
    assert inbox.accepted == 0
    assert inbox.mails == ()
    assert log(tmp_path) == []


def test_memory_holds_the_newest_mails_and_all_are_counted(tmp_path: Path) -> None:
    with Inbox(tmp_path, held_bytes=10_000) as inbox:
        for _ in range(20):
            keep(inbox, to("a@x.example"), bytes(1_000))
        assert [mail.number for mail in inbox.mails] == [19, 20]
        keep(inbox, to("a@x.example"), bytes(100_000))
        assert [mail.number for mail in inbox.mails] == [21]
        assert inbox.accepted == 21
    assert len(log(tmp_path)) == 21


def test_requests_are_numbered_as_they_begin() -> None:
    inbox = Inbox()
    assert [inbox.request_began() for _ in range(3)] == [1, 2, 3]
    assert (inbox.requests, inbox.accepted) == (3, 0)
