"""Pleasanter: the order of its checks, its quirks about addresses, and what a mail becomes."""

import json
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.emulator import (
    REHEARSALS,
    AcceptedMail,
    Answer,
    Cut,
    Fault,
    Faults,
    Inbox,
    Incoming,
    PleasanterRules,
    PleasanterServer,
    pleasanter_emulator,
)
from batchmail.emulator.pleasanter_addresses import first_bad, pieces, sent_to
from tests.emulator.bench import START, ManualClock

LEAST = {"ApiVersion": 1.1, "To": "kim@example.com", "Title": "Hello", "Body": "Dear Kim"}
PATH = {"api": "api", "reference": "items", "record": "4711", "controller": "OutgoingMails", "action": "Send"}
DAY = 86_400.0


class Bench:
    """A server, called without a network."""

    def __init__(self, inbox: Inbox | None = None, **rules: Any) -> None:  # noqa: ANN401  as PleasanterRules says
        self.clock = ManualClock()
        self.inbox = inbox or Inbox()
        self.server = PleasanterServer(self.inbox, PleasanterRules(**rules), self.clock)
        self.key = self.server.issue_key()

    def post(self, body: bytes, path: Mapping[str, str] = PATH, **headers: str) -> Answer:
        """A request with this body."""
        named = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return self.server.send(Incoming("send", 1, "POST", path, {}, named, body))

    def ask(self, **fields: object) -> Answer:
        """A mail with these fields besides the least; None leaves one out."""
        return self.ask_at(PATH, **fields)

    def ask_at(self, path: Mapping[str, str], **fields: object) -> Answer:
        """A mail to another address."""
        given = {"ApiKey": self.key, **LEAST, **fields}
        return self.post(encoded({name: value for name, value in given.items() if value is not None}), path)

    @property
    def mail(self) -> AcceptedMail:
        """The only mail."""
        (mail,) = self.inbox.mails
        return mail


def encoded(fields: object) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


def said(answer: Answer) -> tuple[int, Any]:
    return answer.status, json.loads(answer.body)


def own(status: int, message: str, **more: int) -> tuple[int, Any]:
    return status, {"Id": 4711, "StatusCode": status, **more, "Message": message}


INVALID = own(400, "Invalid request.")
UNAUTHORIZED = own(401, "Unable to authorize.")
SENT = own(200, "Email has been sent.")


def test_a_mail_is_accepted_with_all_that_it_has() -> None:
    bench = Bench()
    files = [{"Name": "a.pdf", "Base64": b64encode(b"%PDF").decode(), "ContentType": "application/pdf"}]
    answer = bench.ask(From='"経理部" <billing@example.com>', Cc="a@x.jp; b@x.jp", Bcc="c@x.jp", Attachments=files)
    assert said(answer) == SENT
    assert answer.headers == (("content-type", "application/json;charset=utf-8"),)
    mail = bench.mail
    assert (mail.to, mail.cc, mail.bcc) == (("kim@example.com",), ("a@x.jp", "b@x.jp"), ("c@x.jp",))
    assert (mail.subject, mail.body, mail.content_type) == ("Hello", "Dear Kim", "text")
    assert (mail.account, mail.user_name, mail.record) == ("billing@example.com", "経理部", "4711")
    assert [(file.filename, file.file_type, file.content) for file in mail.attachments] == [
        ("a.pdf", "application/pdf", b"%PDF")
    ]
    assert mail.time == START


@pytest.mark.parametrize("name", ["API", "aPi"])
def test_letters_of_the_path_count_in_no_case(name: str) -> None:
    path = {**PATH, "api": name, "controller": "outgoingmails", "action": "SEND"}
    assert Bench().ask_at(path).status == 200


@pytest.mark.parametrize("change", [{"api": "fs"}, {"controller": "mails"}, {"action": "get"}])
def test_elsewhere_is_nothing(change: dict[str, str]) -> None:
    assert Bench().ask_at({**PATH, **change}).status == 404


# The checks, in their order: each request has all later faults too.


def test_first_of_all_the_size_of_the_request_counts() -> None:
    bench = Bench(request_bytes=100, address_blocked=True)
    assert bench.post(b"x" * 101).status == 413
    assert bench.post(b"x" * 100).status == 403


@pytest.mark.parametrize(("lower", "key"), [(True, "message"), (False, "Message")])
def test_then_the_address_that_it_comes_from(lower: bool, key: str) -> None:  # noqa: FBT001  a parameter of the test
    bench = Bench(address_blocked=True, lower_case_keys=lower)
    assert said(bench.post(b"{")) == (403, {key: "403 Forbidden"})


@pytest.mark.parametrize(("lower", "key"), [(True, "message"), (False, "Message")])
def test_then_that_it_is_json(lower: bool, key: str) -> None:  # noqa: FBT001  a parameter of the test
    bench = Bench(lower_case_keys=lower)
    assert said(bench.post(b"{", content_type="application/json; charset=utf-8")) == (
        400,
        {key: "Invalid json data."},
    )


@pytest.mark.parametrize(
    ("body", "content_type", "rules"),
    [
        (b"{", "text/plain", {}),
        (b"{", "application/json", {"bad_json": 401}),
        (b"", "application/json", {}),
        (b"[]", "application/json", {}),
        (b"{}", "application/json", {"mime_check": True}),
        (b'{"ApiKey": "unknown", "To": {}}', "text/plain", {"mime_check": True}),
    ],
)
def test_then_the_key(body: bytes, content_type: str, rules: dict[str, Any]) -> None:
    assert said(Bench(**rules).post(body, content_type=content_type)) == UNAUTHORIZED


def test_a_locked_user_has_no_key() -> None:
    bench = Bench()
    bench.server.lock(bench.key)
    assert said(bench.ask()) == UNAUTHORIZED


def test_a_record_is_a_number() -> None:
    answer = Bench().ask_at({**PATH, "record": "4711x"})
    assert (answer.status, answer.headers) == (400, (("content-type", "application/problem+json; charset=utf-8"),))


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/plain", ""])
def test_then_the_content_type_to_the_letter_where_that_is_checked(content_type: str) -> None:
    bench = Bench(mime_check=True)
    body = encoded({"ApiKey": bench.key, **LEAST})
    assert said(bench.post(body, content_type=content_type)) == INVALID
    assert said(bench.post(body, content_type="Application/JSON")) == SENT


@pytest.mark.parametrize(
    "fields",
    [
        {"To": ["kim@example.com"]},
        {"Title": {}},
        {"ApiVersion": "latest"},
        {"Attachments": "a.pdf"},
        {"Attachments": ["a.pdf"]},
        {"Attachments": [{"Name": "a", "Base64": "%%%"}]},
        {"Attachments": [{"Name": "a", "Base64": "YQ"}]},
        {"Attachments": [{"Base64": "YQ=="}]},
    ],
)
def test_then_that_it_is_a_mail_and_that_takes_nothing_of_the_quota(fields: dict[str, object]) -> None:
    bench = Bench(requests_per_day=1)
    assert said(bench.ask(**fields)) == INVALID
    assert bench.ask().status == 200


def test_then_the_quota_of_the_day_which_faulty_mails_use_up_too() -> None:
    bench = Bench(requests_per_day=2, site=12)
    assert said(bench.ask()) == own(200, "Email has been sent.", LimitPerDate=2, LimitRemaining=1)
    assert bench.ask(To="kim").status == 500
    words = "The API limit (2 Requests/Day) that can be used on the site with ID 12 has been exceeded."
    assert said(bench.ask(From="nobody")) == own(429, words)
    bench.clock.passed += DAY
    assert bench.ask().status == 200


@pytest.mark.parametrize("sender", ["nobody", "", "a@x.jp, b@x.jp", '"A" a@x.jp'])
def test_then_the_sender_who_makes_it_crash(sender: str) -> None:
    bench = Bench(records=frozenset())
    answer = bench.ask(From=sender)
    assert (answer.status, answer.headers) == (302, (("location", "/errors"),))
    body = encoded({"ApiKey": bench.key, **LEAST, "From": sender})
    status, commands = said(bench.post(body, x_requested_with="XMLHttpRequest"))
    assert (status, type(commands)) == (500, list)


def test_then_the_right_to_send_from_the_record_whether_or_not_there_is_one() -> None:
    bench = Bench(records=frozenset({4712}), send_grid=True)
    assert said(bench.ask(To="")) == own(403, "You do not have permission to perform this operation.")


def test_then_that_there_is_anybody_to_write_to() -> None:
    assert said(Bench(send_grid=True).ask(To=" ", Cc="a@x.jp")) == own(500, "Add at least one recipient.")
    assert said(Bench().ask(To=" ")) == own(500, "Add at least one email address.")
    assert said(Bench().ask(To=None, Cc="a@x.jp")) == SENT


def test_then_every_address_of_every_list() -> None:
    bench = Bench(internal_domains=("@example.com",))
    answer = bench.ask(To="boss@other.jp", Cc="a@x.jp,b", Bcc="c")
    assert said(answer) == own(500, "Invalid email address.[b]")
    assert said(bench.ask(Bcc="boss@Example.com")) == own(
        500, "Cannot send to an external email address.[boss@Example.com]"
    )
    assert said(bench.ask()) == SENT


def test_a_subject_longer_than_its_column_makes_it_crash() -> None:
    assert Bench().ask(Title="x" * 1_025).status == 302
    assert Bench().ask(Title="x" * 1_024).status == 200


def test_what_was_refused_is_not_in_the_inbox() -> None:
    bench = Bench()
    for fields in ({"To": "kim"}, {"From": "x"}, {"Title": "x" * 2_000}, {"ApiKey": "x"}):
        assert bench.ask(**fields).status != 200
    assert bench.inbox.accepted == 0


# How a request is read.


def test_names_match_in_any_case_and_strange_ones_are_passed_over() -> None:
    bench = Bench()
    body = {"apikey": bench.key, "TO": "kim@example.com", "title": 7, "apiVersion": "1.1", "Html": "<p>", "cc": None}
    assert said(bench.post(encoded(body))) == SENT
    assert bench.mail.subject == "7"


def test_title_and_version_may_be_missing() -> None:
    bench = Bench()
    assert bench.ask(Title=None, ApiVersion=None, Body=None).status == 200
    assert (bench.mail.subject, bench.mail.body) == ("", "")


@pytest.mark.parametrize(
    ("file", "name", "file_type"),
    [
        ({"Name": "a.txt"}, "a.txt", "text/plain"),
        ({"FileName": "b.txt"}, "b.txt", "text/plain"),
        ({"Name": "", "FileName": "b.txt"}, "b.txt", "text/plain"),
        ({"Name": "", "ContentType": "x/y"}, "NoName", "x/y"),
    ],
)
def test_a_file_has_a_name_and_a_type(file: dict[str, str], name: str, file_type: str) -> None:
    bench = Bench()
    assert bench.ask(Attachments=[{"Base64": "Y\r\nQ= =", **file}]).status == 200
    (received,) = bench.mail.attachments
    assert (received.filename, received.file_type, received.content) == (name, file_type, b"a")


def test_a_file_without_content_is_left_out_in_silence() -> None:
    bench = Bench()
    assert bench.ask(Attachments=[{"Name": "a.txt", "Base64": ""}, {"Name": "b.txt"}]).status == 200
    assert bench.mail.attachments == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.jp,b@x.jp;c@x.jp\r\nd@x.jp", ["a@x.jp", "b@x.jp", "c@x.jp", "d@x.jp"]),
        ('"Kim, Min; Su" <a@x.jp>, b@x.jp', ['"Kim, Min; Su" <a@x.jp>', "b@x.jp"]),
        ("a@x.jp,", ["a@x.jp", ""]),
        ('a@x.jp, "b, c@x.jp', ["a@x.jp"]),
    ],
)
def test_a_list_is_taken_apart_outside_of_quotes(text: str, found: list[str]) -> None:
    assert pieces(text) == found


@pytest.mark.parametrize(
    ("text", "bad", "reached"),
    [
        ("a@x.jp;", "", ("a@x.jp",)),
        ("a@x.jp;;bad", "", ("a@x.jp",)),
        (";bad;a@x.jp", "", ("a@x.jp",)),
        ("bad;;a@x.jp", "bad", ("a@x.jp",)),
        ("[User12]", "[User12]", ("boss@x.jp",)),
        ('"[User12]" <a@x.jp>', "", ("boss@x.jp",)),
        ('"(User12)" <a@x.jp>', "", ("a@x.jp",)),
        ("a@x.jp, A <a@x.jp>, a@x.jp", "", ("a@x.jp",)),
    ],
)
def test_an_empty_piece_ends_the_check_and_references_become_people(
    text: str, bad: str, reached: tuple[str, ...]
) -> None:
    assert first_bad(pieces(text)) == bad
    assert sent_to(pieces(text), {"[User12]": ["boss@x.jp"]}) == reached


@given(text=st.text(st.sampled_from('a@x.j,;\n" <>[]'), max_size=60))
def test_whatever_is_asked_the_server_answers(text: str) -> None:
    bench = Bench()
    assert bench.ask(To=text, From=text or None).status in {200, 302, 500}


# Whom a mail is from, and what becomes of it.


FIXED: dict[str, Any] = {"fixed_from": "Desk <desk@x.jp>", "allowed_from": ("boss@x.jp",)}


@pytest.mark.parametrize(
    ("rules", "asked", "account"),
    [
        ({}, None, "sender@pleasanter.example"),
        ({}, "Kim <kim@x.jp>", "kim@x.jp"),
        (FIXED, None, "desk@x.jp"),
        (FIXED, "Kim <kim@x.jp>", "desk@x.jp"),
        (FIXED, "The Boss <boss@x.jp>", "boss@x.jp"),
        (FIXED, "BOSS@x.jp", "desk@x.jp"),
    ],
)
def test_a_fixed_sender_replaces_all_but_those_allowed(rules: dict[str, Any], asked: str | None, account: str) -> None:
    bench = Bench(**rules)
    assert said(bench.ask(From=asked)) == SENT
    assert bench.mail.account == account


@pytest.mark.parametrize(("body", "sent"), [(None, "\n\nSender<sender@pleasanter.example>"), ("", ""), ("Hi", "Hi")])
def test_a_mail_without_a_body_names_whom_it_is_really_from(body: str | None, sent: str) -> None:
    bench = Bench(**FIXED)
    bench.ask(Body=body)
    assert bench.mail.body == sent


def test_a_mail_that_the_mail_system_refuses_is_answered_with_success_and_lost(tmp_path: Path) -> None:
    with Inbox(tmp_path) as inbox:
        bench = Bench(inbox, mail_system_works=False)
        assert said(bench.ask()) == SENT
    assert (bench.mail.lost, bench.mail.copies) == (True, ())
    line = json.loads((tmp_path / "index.jsonl").read_text(encoding="utf-8"))
    assert (line["lost"], line["record"]) == (True, "4711")


@pytest.mark.parametrize(
    ("rules", "fields", "words"),
    [
        ({}, {}, "メールを送信しました。"),
        ({"records": frozenset()}, {}, "この操作を行うための権限がありません。"),
        ({}, {"ApiKey": "x"}, "認証できませんでした。"),
        ({}, {"To": "kim"}, "不正なメールアドレスです。[kim]"),
        ({}, {"To": ""}, "1つ以上の宛先を追加してください。"),
        ({}, {"To": {}}, "Invalid request."),
    ],
)
def test_it_speaks_japanese_where_its_words_are_known(
    rules: dict[str, Any], fields: dict[str, object], words: str
) -> None:
    assert said(Bench(language="ja", **rules).ask(**fields))[1]["Message"] == words


# Over HTTP.


def over_http(base_url: str, path: str, body: bytes) -> tuple[int, bytes]:
    connection = HTTPConnection(str(urlsplit(base_url).netloc), timeout=20)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_it_is_rehearsed_with_under_its_own_address(tmp_path: Path) -> None:
    with REHEARSALS["pleasanter"](tmp_path, "anybody") as running:
        assert urlsplit(running.base_url).path == ""
        body = encoded({"ApiKey": running.access_token, **LEAST})
        status, answer = over_http(running.base_url, "/api/items/4711/OutgoingMails/Send", body)
        assert (status, json.loads(answer)["Id"]) == (200, 4711)
        assert over_http(running.base_url, "/fs/api/items/4711/OutgoingMails/Send", body)[0] == 404
    assert (tmp_path / "00001.eml").exists()


def test_things_go_wrong_on_demand_after_a_mail_was_accepted() -> None:
    faults = Faults().at(Fault(Cut(), handled=True), 1)
    with pleasanter_emulator(faults=faults) as running:
        body = encoded({"ApiKey": running.access_token, **LEAST})
        with pytest.raises(ConnectionError):
            over_http(running.base_url, "/api/items/4711/OutgoingMails/Send", body)
        assert running.inbox.accepted == 1
