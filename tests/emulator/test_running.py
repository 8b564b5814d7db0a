"""A running emulator, spoken to over HTTP."""

import gc
import json
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from batchmail.emulator import InboxUnwritable, RunningWorks, WorksRules, works_emulator
from tests.emulator.bench import LEAST, REQUESTS, START, ManualClock, encoded
from tests.emulator.wire import Client, connect, raw_request, read_to_the_end

UNLIMITED = WorksRules.rehearsal()


def listens(works: RunningWorks) -> bool:
    try:
        connect(works).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("language", ["english", "korean"])
def test_the_vendors_example_is_answered_with_202_and_nothing_else(language: str) -> None:
    body = (REQUESTS / f"{language}.json").read_bytes()
    with works_emulator() as works, Client(works) as client:
        answer = client.send(body)
        (mail,) = works.inbox.mails
    assert (answer.status, answer.body, answer.headers["content-length"]) == (202, b"", "0")
    assert mail.request == body


def test_it_listens_on_loopback_under_the_vendors_prefix() -> None:
    with works_emulator() as works:
        url = urlsplit(works.base_url)
    assert (url.scheme, url.hostname, url.path) == ("http", "127.0.0.1", "/v1.0")


def test_every_emulator_has_a_port_and_a_token_of_its_own() -> None:
    with works_emulator() as one, works_emulator() as other:
        assert one.base_url != other.base_url
        assert one.access_token != other.access_token
        with Client(one) as client:
            assert client.send().status == 202
        assert (one.inbox.accepted, other.inbox.accepted) == (1, 0)


def test_the_user_of_the_path_is_decoded() -> None:
    with works_emulator(account="billing@example.com") as works, Client(works) as client:
        assert client.send(user=quote("billing@example.com", safe="")).status == 202
        assert client.send(user=quote("nobody@example.com", safe="")).json["code"] == "USER_NOT_EXIST"
        assert client.send(user=quote("../me", safe="")).status == 404
        assert [mail.account for mail in works.inbox.mails] == ["billing@example.com"]


def test_a_refusal_is_json_and_carries_the_rate() -> None:
    with works_emulator(clock=ManualClock()) as works, Client(works) as client:
        answer = client.send(subject="")
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json) == {"code", "description"}
    assert answer.headers["ratelimit-remaining"] == "239"
    assert answer.headers["ratelimit-reset"] == "60"


def test_time_is_the_clocks() -> None:
    with works_emulator(clock=ManualClock()) as works, Client(works) as client:
        client.send()
        assert works.inbox.mails[0].time == START


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/users/me/mail"), ("DELETE", "/users/me/mail/1"), ("POST", "/users/me/mails"), ("POST", "/users//mail")],
)
def test_an_operation_that_is_not_there_is_not_found(method: str, path: str) -> None:
    with works_emulator() as works, Client(works) as client:
        answer = client.request(method, path, b"{}")
        assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND")
        assert client.send().status == 202


def test_sent_mail_can_be_looked_up() -> None:
    with works_emulator() as works, Client(works) as client:
        for number in range(6):
            client.send(subject=f"메일 {number}")
        folders = client.request("GET", "/users/me/mail/mailfolders").json["mailFolders"]
        sent = next(folder["folderId"] for folder in folders if folder["folderName"] == "Sent")
        listing = f"/users/me/mail/mailfolders/{sent}/children?count=5"
        first = client.request("GET", listing).json
        cursor = quote(first["responseMetaData"]["nextCursor"], safe="")
        second = client.request("GET", f"{listing}&cursor={cursor}").json
        subjects = [mail["subject"] for page in (first, second) for mail in page["mails"]]
        assert subjects == [f"메일 {number}" for number in range(5, -1, -1)]
        opened = client.request("GET", f"/users/me/mail/{second['mails'][0]['mailId']}").json
        assert opened["mail"]["subject"] == "메일 0"


def test_requests_in_parallel_are_all_counted_and_none_twice(tmp_path: Path) -> None:
    def send_ten(sender: int) -> list[int]:
        with Client(works) as client:
            return [client.send(subject=f"{sender}/{number}").status for number in range(10)]

    with works_emulator(tmp_path, rules=UNLIMITED) as works, ThreadPoolExecutor(16) as pool:
        assert [*pool.map(send_ten, range(16))] == [[202] * 10] * 16
        assert (works.inbox.requests, works.inbox.accepted) == (160, 160)
        assert [mail.number for mail in works.inbox.mails] == list(range(1, 161))
    lines = (tmp_path / "index.jsonl").read_text(encoding="utf-8").splitlines()
    subjects = [json.loads(line)["subject"] for line in lines]
    assert sorted(subjects) == sorted(f"{sender}/{number}" for sender in range(16) for number in range(10))
    assert len(list(tmp_path.glob("*.eml"))) == 160


def test_the_log_line_is_there_before_the_answer(tmp_path: Path) -> None:
    with works_emulator(tmp_path) as works, Client(works) as client:
        for number in range(1, 6):
            assert client.send().status == 202
            assert len((tmp_path / "index.jsonl").read_bytes().splitlines()) == number


def test_a_large_request_arrives_whole() -> None:
    body = "가" * 5_000_000
    with works_emulator() as works, Client(works) as client:
        assert client.send(encoded({**LEAST, "body": body})).status == 202
        assert works.inbox.mails[0].body == body


def test_a_request_that_breaks_off_is_counted_but_not_accepted() -> None:
    with works_emulator() as works:
        with connect(works) as connection:
            connection.sendall(raw_request(works)[:-1])
            connection.shutdown(socket.SHUT_WR)
            read_to_the_end(connection)
        assert (works.inbox.requests, works.inbox.accepted) == (1, 0)


def test_nothing_is_left_when_it_ends() -> None:
    threads = set(threading.enumerate())
    with works_emulator() as works, Client(works) as idle, connect(works) as silent, connect(works) as broken:
        assert idle.send().status == 202
        broken.sendall(raw_request(works)[:-1])
        assert listens(works)
        del silent
    assert not listens(works)
    assert set(threading.enumerate()) == threads
    gc.collect()  # a socket or an event loop that was left open would be a warning, and so an error


def test_it_ends_even_when_its_user_fails() -> None:
    with pytest.raises(ZeroDivisionError), works_emulator() as works:
        raise ZeroDivisionError
    assert not listens(works)


def test_it_says_nothing_on_its_own(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), works_emulator() as works:
        with Client(works) as client:
            client.send()
        with connect(works) as connection:
            connection.sendall(b"no HTTP at all\r\n\r\n")
            read_to_the_end(connection)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_cannot_be_used_is_said_before_anything_runs(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    (tmp_path / "mails").write_text("a file", encoding="utf-8")
    with pytest.raises(InboxUnwritable), works_emulator(tmp_path / "mails"):
        pass
    assert set(threading.enumerate()) == threads


def test_a_mail_that_cannot_be_kept_is_answered_with_500_and_raised_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "00001.eml").mkdir()
    answers = []
    with pytest.raises(InboxUnwritable), works_emulator(tmp_path) as works, Client(works) as client:
        answers.append(client.send())
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(500, "INTERNAL_SERVER_ERROR")]
    assert works.inbox.accepted == 0
    assert (tmp_path / "index.jsonl").read_bytes() == b""
