"""LINE WORKS API 1.0: who may call, what is refused, and which address gets a mail."""

import json
from collections.abc import Mapping
from dataclasses import replace
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
    Fault,
    Faults,
    GatewayRefusal,
    Inbox,
    Incoming,
    Refusal,
    RunningWorksV1,
    WorksV1Rules,
    WorksV1Tenant,
    works_v1_emulator,
)
from batchmail.emulator.works_v1_request import EICAR
from tests.emulator.bench import START, UNHURRIED, ManualClock

LISTS = {"successList", "wrongAddrList", "noneExistenceAddrList", "smtpFailList", "dormantAddrList", "dupAddrList"}
LEAST = {"to": "kim@example.com", "subject": "Hello"}
CONTENT_TYPE = "multipart/form-data; boundary=mark; charset=UTF-8"
INVALID = (400, "INVALID_PARAMETER")


def form(texts: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> bytes:
    """A form, written by hand; files have their names as the page asks."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in texts.items()]
    parts += [
        f'Content-Disposition: form-data; name="{name}"; filename="other"\r\n\r\n'.encode() + content
        for name, content in (files or {}).items()
    ]
    return b"".join(b"--mark\r\n" + part + b"\r\n" for part in parts) + b"--mark--\r\n"


class Bench:
    """A tenant, called without a network."""

    def __init__(self, rules: WorksV1Rules | None = None) -> None:
        self.clock = ManualClock()
        self.inbox = Inbox()
        self.tenant = WorksV1Tenant(self.inbox, rules or WorksV1Rules(), self.clock)
        (key,) = self.tenant.consumer_keys
        self.headers = {
            "consumerkey": key,
            "authorization": f"Bearer {self.tenant.issue_token()}",
            "content-type": CONTENT_TYPE,
        }

    def send(self, body: bytes | None = None, *, api: str | None = None, **texts: str) -> Answer:
        (endpoint,) = self.tenant.endpoints()
        content = form({**LEAST, **texts}) if body is None else body
        parameters = {"api": self.tenant.api_id if api is None else api}
        return endpoint.answer(Incoming(endpoint.operation, 1, "POST", parameters, {}, self.headers, content))

    @property
    def mail(self) -> AcceptedMail:
        (mail,) = self.inbox.mails
        return mail


@pytest.fixture
def bench() -> Bench:
    return Bench()


def lists(answer: Answer) -> dict[str, Any]:
    """The lists of a success that name somebody; a success has all six."""
    assert answer.status == 200
    body = json.loads(answer.body)
    assert (body.pop("returnCode"), body.pop("returnMessage")) == (0, 0)
    assert set(body) == LISTS
    return {name: addresses for name, addresses in body.items() if addresses}


def refusal(answer: Answer) -> tuple[int, str]:
    """The status and code of the operation's refusal, which has the documented shape and no other."""
    body = json.loads(answer.body)
    assert list(body) == ["code", "message", "domain"]
    assert (body["domain"], bool(body["message"])) == ("mail", True)
    return answer.status, body["code"]


def gateway(answer: Answer) -> tuple[int, str]:
    """The status and error code of the gateway's refusal, which has a shape of its own."""
    body = json.loads(answer.body)
    assert body["errorMessage"]
    assert body.get("code", "UNAUTHORIZED") == "UNAUTHORIZED"
    assert set(body) <= {"code", "errorCode", "errorMessage"}
    return answer.status, body["errorCode"]


def test_a_mail_is_answered_with_all_six_lists(bench: Bench) -> None:
    answer = bench.send(
        text="<p>안녕</p>", userName="経理部", cc="boss@example.com", bcc="a@example.com; b@example.com"
    )
    assert lists(answer) == {"successList": ["kim@example.com", "boss@example.com", "a@example.com", "b@example.com"]}
    mail = bench.mail
    assert (mail.to, mail.cc, mail.bcc) == (("kim@example.com",), ("boss@example.com",), mail.bcc)
    assert mail.bcc == ("a@example.com", "b@example.com")
    assert (mail.subject, mail.body, mail.content_type, mail.user_name) == ("Hello", "<p>안녕</p>", "html", "経理部")
    assert (mail.save_sent, mail.send_separately, mail.time) == (True, False, START)


def test_the_flags_are_words(bench: Bench) -> None:
    bench.send(contentType="text", saveSentMail="false", sendSeparately="true")
    mail = bench.mail
    assert (mail.content_type, mail.save_sent, mail.send_separately) == ("text", False, True)


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("consumerkey", None, (401, "028")),
        ("authorization", None, (401, "028")),
        ("consumerkey", "", (401, "029")),
        ("authorization", "Bearer ", (401, "029")),
        ("authorization", "bearer x", (401, "029")),
        ("authorization", "Basic x", (401, "029")),
        ("consumerkey", "other", (403, "042")),
        ("authorization", "Bearer other", (401, "024")),
    ],
)
def test_the_gateway_refuses_without_the_right_headers(
    bench: Bench, header: str, value: str | None, expected: tuple[int, str]
) -> None:
    bench.headers.pop(header)
    if value is not None:
        bench.headers[header] = value
    assert gateway(bench.send()) == expected
    assert bench.inbox.accepted == 0


def test_a_token_lives_for_its_time_and_can_be_revoked(bench: Bench) -> None:
    token = bench.tenant.issue_token(lifetime_seconds=3600)
    bench.headers["authorization"] = f"Bearer {token}"
    bench.clock.passed = 3599.9
    assert lists(bench.send())
    bench.clock.passed = 3600
    assert gateway(bench.send()) == (401, "024")
    assert json.loads(bench.send().body)["code"] == "UNAUTHORIZED"
    revoked = bench.tenant.issue_token()
    bench.tenant.revoke_token(revoked)
    bench.headers["authorization"] = f"Bearer {revoked}"
    assert gateway(bench.send()) == (401, "024")


def test_another_api_id_is_refused_unless_any_will_do(bench: Bench) -> None:
    assert gateway(bench.send(api="other")) == (403, "041")
    assert lists(Bench(WorksV1Rules(unknown_api=None)).send(api="other"))


def test_the_61st_call_of_a_minute_is_too_many(bench: Bench) -> None:
    assert all(lists(bench.send()) for _ in range(60))
    assert gateway(bench.send())[0] == 429
    bench.clock.passed = 60
    assert lists(bench.send())


def test_after_its_end_every_call_fails() -> None:
    assert gateway(Bench(WorksV1Rules(ended=True)).send()) == (404, "001")


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "multipart/mixed; boundary=mark", "multipart/form-data", "multipart/form-data; boundary="],
)
def test_what_is_not_declared_as_a_form_is_refused(bench: Bench, content_type: str) -> None:
    bench.headers["content-type"] = content_type
    assert refusal(bench.send()) == INVALID


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form",
        form(LEAST)[:-6],
        form(LEAST).replace(b'name="to"', b"x"),
        form(LEAST).replace(b'name="to"', b'name="\xff"'),
        form(LEAST).replace(b"Hello", b"\xff"),
        form(LEAST).replace(b'name="to"', b'name="subject"'),
    ],
)
def test_what_is_no_form_is_refused(bench: Bench, body: bytes) -> None:
    assert refusal(bench.send(body)) == INVALID
    assert bench.inbox.accepted == 0


@pytest.mark.parametrize(
    "texts",
    [
        {"to": ""},
        {"to": " ; ;"},
        {"subject": ""},
        {"subject": "  "},
        {"contentType": "HTML"},
        {"contentType": ""},
        {"saveSentMail": "True"},
        {"sendSeparately": "1"},
    ],
)
def test_a_field_that_is_blank_or_has_another_word_is_refused(bench: Bench, texts: dict[str, str]) -> None:
    assert refusal(bench.send(form({**LEAST, **texts}))) == INVALID


@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_field_that_is_missing_is_refused(bench: Bench, field: str) -> None:
    assert refusal(bench.send(form({name: text for name, text in LEAST.items() if name != field}))) == INVALID


NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"\\'), min_size=1)


@UNHURRIED
@given(files=st.dictionaries(NAMES.filter(lambda name: "." not in name), st.binary()))
def test_a_file_has_the_name_of_its_part(files: dict[str, bytes]) -> None:
    bench = Bench()
    assert lists(bench.send(form(LEAST, files)))
    assert {file.filename: file.content for file in bench.mail.attachments} == files


def test_a_file_has_the_type_that_its_part_says(bench: Bench) -> None:
    typed = form(LEAST, {"案内.txt": b"x"}).replace(b'other"\r\n', b'other"\r\nContent-Type: text/plain\r\n')
    bench.send(typed)
    assert [(file.filename, file.file_type) for file in bench.mail.attachments] == [("案内.txt", "text/plain")]


def test_a_file_that_is_called_like_a_field_is_no_field(bench: Bench) -> None:
    assert refusal(bench.send(form({"subject": "Hello"}, {"to": b"kim@example.com"}))) == INVALID


def test_by_another_guess_a_part_that_is_named_like_no_field_is_a_file() -> None:
    bench = Bench(WorksV1Rules(attachments_are="other names"))
    assert lists(bench.send(form({"subject": "Hello", "note.txt": "x"}, {"to": b"kim@example.com"})))
    assert [file.filename for file in bench.mail.attachments] == ["note.txt"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("virus.txt", EICAR, "FILE_UPLOAD_REJECT_VIRUS : virus.txt"),
        ("案内.exe", b"MZ", "FILE_UPLOAD_BLOCKED : 案内.exe"),
        ("A.BAT", b"x", "FILE_UPLOAD_BLOCKED : A.BAT"),
    ],
    ids=["infected", "blocked", "blocked in capitals"],
)
def test_a_harmful_file_is_refused_by_name_and_nothing_is_sent(
    bench: Bench, name: str, content: bytes, message: str
) -> None:
    answer = bench.send(form(LEAST, {"ok.txt": b"x", name: content}))
    assert json.loads(answer.body) == {"code": "INVALID_PARAMETER", "message": message, "domain": "mail"}
    assert (answer.status, bench.inbox.accepted) == (400, 0)


def test_an_administrator_may_block_other_endings() -> None:
    bench = Bench(WorksV1Rules(blocked_endings=frozenset({"zip"})))
    assert lists(bench.send(form(LEAST, {"a.exe": b"x"})))
    assert refusal(bench.send(form(LEAST, {"a.zip": b"x"}))) == INVALID


def test_attachments_over_the_limit_are_a_system_error_and_nothing_is_sent() -> None:
    bench = Bench(WorksV1Rules(attachment_bytes=10))
    assert refusal(bench.send(form(LEAST, {"a": b"123456", "b": b"12345"}))) == (500, "SYSTEM_ERROR")
    assert bench.inbox.accepted == 0
    each = Bench(WorksV1Rules(attachment_bytes=10, attachment_bytes_of="file"))
    assert lists(each.send(form(LEAST, {"a": b"123456", "b": b"12345"})))
    assert lists(Bench(WorksV1Rules(attachment_bytes=None)).send(form(LEAST, {"a": bytes(100)})))


def test_every_address_is_in_the_list_where_it_belongs(bench: Bench) -> None:
    bench.tenant.nonexistent.add("gone@works.example")
    bench.tenant.dormant.add("asleep@works.example")
    bench.tenant.failing.add("smtp@example.com")
    answer = bench.send(
        to="kim@example.com;Gone@works.example;asleep@works.example",
        cc="smtp@example.com;no address;KIM@example.com",
        bcc="kim@example.com;archive@example.com;no address",
    )
    assert lists(answer) == {
        "successList": ["kim@example.com", "archive@example.com"],
        "noneExistenceAddrList": ["Gone@works.example"],
        "dormantAddrList": ["asleep@works.example"],
        "smtpFailList": ["smtp@example.com"],
        "wrongAddrList": ["no address"],
        "dupAddrList": ["kim@example.com", "no address"],
    }
    mail = bench.mail
    assert (mail.to, mail.cc, mail.bcc) == (("kim@example.com",), (), ("archive@example.com",))


def test_where_no_address_is_good_nothing_is_sent(bench: Bench) -> None:
    assert lists(bench.send(to="kim;lee")) == {"wrongAddrList": ["kim", "lee"]}
    assert bench.inbox.accepted == 0
    strict = Bench(WorksV1Rules(no_good_address=Refusal(400, "INVALID_PARAMETER")))
    assert refusal(strict.send(to="kim;lee;kim")) == INVALID
    assert lists(strict.send(to="kim;lee@example.com"))["wrongAddrList"] == ["kim"]


def test_a_subject_is_cut_in_silence(bench: Bench) -> None:
    lists(bench.send(subject="あ" * 101))
    assert bench.mail.subject == "あ" * 100


@pytest.mark.parametrize(
    ("account", "sender"), [("me", "sender@works.example"), ("billing@example.com", "billing@example.com")]
)
def test_the_sender_may_be_given(account: str, sender: str) -> None:
    assert WorksV1Tenant(Inbox(), WorksV1Rules(), account=account).account == sender


def post(works: RunningWorksV1, path: str, token: str | None = None) -> tuple[int, dict[str, Any]]:
    url = urlsplit(works.base_url)
    connection = HTTPConnection(str(url.hostname), url.port, timeout=20)
    named = {"Authorization": f"Bearer {token or works.access_token}", "consumerKey": works.access_token}
    try:
        connection.request("POST", path, form(LEAST), {**named, "Content-Type": CONTENT_TYPE})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_it_runs_on_loopback_and_takes_its_token_for_the_consumer_key(tmp_path: Path) -> None:
    with works_v1_emulator(tmp_path, clock=ManualClock()) as works:
        path = f"/r/{works.tenant.api_id}/mail/v2/sendMail"
        assert post(works, path)[1]["successList"] == ["kim@example.com"]
        assert post(works, path, "other")[1]["errorCode"] == "024"
        assert post(works, f"/r/{works.tenant.api_id}/mail/sendMail") == (
            404,
            {"errorCode": "001", "errorMessage": "URL Not Supported"},
        )
        assert (works.inbox.requests, works.inbox.accepted) == (2, 1)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["00001.eml", "00001.json", "index.jsonl"]


def test_things_go_wrong_on_demand() -> None:
    faults = Faults().at(Fault(Answer(502), handled=True), 1)
    with works_v1_emulator(faults=faults) as works:
        url = urlsplit(works.base_url)
        connection = HTTPConnection(str(url.hostname), url.port, timeout=20)
        headers = {
            "Authorization": f"Bearer {works.access_token}",
            "consumerKey": works.access_token,
            "Content-Type": CONTENT_TYPE,
        }
        connection.request("POST", f"/r/{works.tenant.api_id}/mail/v2/sendMail", form(LEAST), headers)
        assert connection.getresponse().status == 502
        connection.close()
        assert works.inbox.accepted == 1


def test_a_rehearsal_takes_any_api_id_and_makes_nobody_wait(tmp_path: Path) -> None:
    with REHEARSALS["works-v1"](tmp_path, "me") as works:
        assert isinstance(works, RunningWorksV1)
        assert all(post(works, "/r/kr1abc/mail/v2/sendMail")[0] == 200 for _ in range(61))


def test_a_rule_can_be_replaced() -> None:
    rules = replace(WorksV1Rules(), unknown_api=GatewayRefusal(404, "001"))
    assert gateway(Bench(rules).send(api="other")) == (404, "001")
