"""What a look-up finds in the sender's mailbox."""

from datetime import datetime

import pytest

from batchmail.emulator import Refusal, WorksRules
from tests.emulator.bench import START, Bench, Seen, refusal

UNLIMITED = WorksRules.rehearsal()
FILE = {"data": "aGVsbG8=", "filename": "hello.txt", "fileType": "text/plain"}
IMAGE = {**FILE, "filename": "logo.png", "fileType": "image/png", "cid": "logo", "inline": True}


def filled(count: int, rules: WorksRules = UNLIMITED) -> Bench:
    bench = Bench(rules)
    for number in range(1, count + 1):
        bench.send(fields={"subject": f"Mail {number}"})
    return bench


def subjects(seen: Seen) -> list[str]:
    return [mail["subject"] for mail in seen.json["mails"]]


def test_the_folders_are_listed_with_what_is_in_them() -> None:
    folders = filled(3).folders().json["mailFolders"]
    assert [(each["folderId"], each["folderName"]) for each in folders[:2]] == [(0, "Inbox"), (1, "Sent")]
    assert [(each["mailCount"], each["unreadMailCount"]) for each in folders[:2]] == [(0, 0), (3, 0)]
    assert {each["folderType"] for each in folders} == {"S"}
    assert folders[1]["usage"] > 0


def test_sent_has_the_newest_mail_first() -> None:
    page = filled(3).listing(1).json
    assert [mail["subject"] for mail in page["mails"]] == ["Mail 3", "Mail 2", "Mail 1"]
    assert (page["folderName"], page["listCount"], page["totalCount"], page["unreadCount"]) == ("Sent", 3, 3, 0)
    assert page["responseMetaData"] == {"nextCursor": None}


def test_a_row_says_who_wrote_what_to_whom_and_when() -> None:
    bench = Bench()
    bench.send(fields={"to": "a@x.example;b@x.example", "userName": "경리", "attachments": [FILE]})
    (row,) = bench.listing(1).json["mails"]
    assert row["from"] == {"name": "경리", "email": "sender@works.example"}
    assert [person["email"] for person in row["to"]] == ["a@x.example", "b@x.example"]
    assert datetime.fromisoformat(row["sentTime"]) == START
    assert (row["folderId"], row["status"] & 0x100, row["attachmentCount"]) == (1, 0x100, 1)
    assert isinstance(row["mailId"], int)


def test_a_folder_is_read_in_pages_of_30_by_default() -> None:
    bench = filled(31)
    first = bench.listing(1)
    assert len(first.json["mails"]) == 30
    second = bench.listing(1, cursor=first.json["responseMetaData"]["nextCursor"])
    assert subjects(second) == ["Mail 1"]
    assert second.json["responseMetaData"]["nextCursor"] is None


def test_pages_lose_and_repeat_nothing_while_new_mail_is_sent() -> None:
    bench = filled(12)
    page = bench.listing(1, count=5)
    found = subjects(page)
    while cursor := page.json["responseMetaData"]["nextCursor"]:
        bench.send(fields={"subject": "New"})
        page = bench.listing(1, count=5, cursor=cursor)
        found += subjects(page)
    assert found == [f"Mail {number}" for number in range(12, 0, -1)]


@pytest.mark.parametrize("count", [5, 200])
def test_a_page_may_have_5_to_200_mails(count: int) -> None:
    assert len(filled(201).listing(1, count=count).json["mails"]) == count


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"count": 4}, "OUT_OF_RANGE"),
        ({"count": 201}, "OUT_OF_RANGE"),
        ({"count": "9" * 5_000}, "OUT_OF_RANGE"),
        ({"count": "many"}, "INVALID_PARAMETER"),
        ({"count": "-5"}, "INVALID_PARAMETER"),
        ({"count": ""}, "INVALID_PARAMETER"),
        ({"cursor": "next"}, "INVALID_PARAMETER"),
        ({"cursor": "다음"}, "INVALID_PARAMETER"),
        ({"isUnread": "yes"}, "INVALID_PARAMETER"),
        ({"searchFilterType": "some"}, "INVALID_PARAMETER"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_faulty_query_is_refused(bench: Bench, query: dict[str, object], code: str) -> None:
    assert refusal(bench.listing(1, **query).answer) == (400, code)


def test_rows_can_be_filtered() -> None:
    bench = Bench()
    bench.send(fields={"subject": "File", "attachments": [FILE]})
    bench.send(fields={"subject": "Myself", "to": bench.tenant.sender.login_id})
    assert subjects(bench.listing(1, searchFilterType="all")) == ["Myself", "File"]
    assert subjects(bench.listing(1, searchFilterType="attach")) == ["File"]
    assert subjects(bench.listing(1, searchFilterType="tome")) == ["Myself"]
    assert subjects(bench.listing(1, searchFilterType="mark")) == []
    assert subjects(bench.listing(1, isUnread="true")) == []


def test_the_tracking_folder_cannot_be_listed_and_others_must_exist(bench: Bench) -> None:
    assert refusal(bench.listing(2).answer) == (403, "FORBIDDEN")
    for folder in ("99", "sent", "01", ""):
        assert refusal(bench.listing(folder).answer) == (404, "NOT_FOUND")
    other = Bench(WorksRules(tracking_list=Refusal(400, "A"), not_found=Refusal(404, "B")))
    assert refusal(other.listing(2).answer) == (400, "A")
    assert refusal(other.listing(99).answer) == (404, "B")


def test_what_is_not_to_be_saved_is_not_in_sent(bench: Bench) -> None:
    bench.send(fields={"isSaveSentMail": False})
    assert bench.inbox.accepted == 1
    assert bench.listing(1).json["mails"] == []


def test_a_mail_can_be_opened(bench: Bench) -> None:
    body = "<p>안녕하세요</p>"
    people = {"to": "a@x.example", "cc": "b@x.example", "bcc": "c@x.example"}
    bench.send(fields={**people, "body": body, "securityLevel": "Non-business", "attachments": [FILE, IMAGE]})
    (row,) = bench.listing(1).json["mails"]
    opened = bench.reading(row["mailId"], hasThreads="true", threadCount=400).json
    assert opened["mail"].items() >= row.items()
    assert (opened["mail"]["body"], opened["mail"]["securityLevel"]) == (body, "Non-business")
    assert [opened["mail"][name][0]["email"] for name in ("to", "cc", "bcc")] == list(people.values())
    assert [(each["attachmentId"], each["filename"]) for each in opened["attachments"]] == [
        (0, "hello.txt"),
        (-2, "logo.png"),
    ]
    assert opened["threads"] == []


def test_only_a_mail_that_is_there_can_be_opened() -> None:
    bench = filled(1)
    assert refusal(bench.reading(7).answer) == (404, "NOT_FOUND")
    assert refusal(bench.reading("x").answer) == (400, "INVALID_PARAMETER")
    assert refusal(bench.reading(7, hasThreads=1).answer) == (400, "INVALID_PARAMETER")
    assert refusal(bench.reading(7, threadCount=401).answer) == (400, "OUT_OF_RANGE")


def test_mail_may_show_up_in_sent_later_than_it_was_accepted() -> None:
    bench = filled(1, WorksRules(sent_delay_seconds=30))
    bench.clock.passed = 29
    assert subjects(bench.listing(1)) == []
    bench.clock.passed = 30
    assert subjects(bench.listing(1)) == ["Mail 1"]


def test_a_mail_that_was_sent_separately_shows_once_or_by_another_guess_for_each_recipient() -> None:
    for guess, expected in (
        (WorksRules(separate_in_sent="once"), [["a@x.example", "b@x.example"]]),
        (WorksRules(separate_in_sent="each"), [["b@x.example"], ["a@x.example"]]),
    ):
        bench = Bench(guess)
        bench.send(fields={"to": "a@x.example;b@x.example", "isSendSeparately": True})
        rows = bench.listing(1).json["mails"]
        assert [[person["email"] for person in row["to"]] for row in rows] == expected
        assert len({row["mailId"] for row in rows}) == len(expected)


def test_the_status_tells_whether_a_tracked_mail_was_read() -> None:
    bench = Bench()
    bench.send()
    bench.send(fields={"isSaveTracking": False})
    bench.send(fields={"contentType": "text"})
    bench.send()
    bench.tenant.mailbox.read_by_recipients |= {1, 2, 3}
    rows = bench.listing(1).json["mails"]
    assert [bool(row["status"] & 0x800) for row in reversed(rows)] == [True, False, False, False]


def test_an_address_that_cannot_be_reached_comes_back_as_a_mail() -> None:
    bench = Bench()
    bench.tenant.undeliverable.add("gone@x.example")
    bench.send(fields={"to": "Gone@x.example;here@x.example"})
    (notice,) = bench.listing(0).json["mails"]
    assert notice["subject"].startswith("[Message delivery failed]")
    assert notice["to"][0]["email"] == bench.tenant.sender.login_id
    assert bench.listing(0).json["unreadCount"] == 1
    assert subjects(bench.listing(0, isUnread="true")) == [notice["subject"]]
    assert "Gone@x.example" in bench.reading(notice["mailId"]).json["mail"]["body"]
    assert subjects(bench.listing(1)) == ["Hello"]


def test_everybody_sees_their_own_mailbox_alone() -> None:
    bench = filled(1)
    bench.token = bench.tenant.issue_token(bench.tenant.colleague)
    assert subjects(bench.listing(1)) == []
