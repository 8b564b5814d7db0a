"""What a request's body must look like, check by check."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.emulator import Refusal, WorksRules
from batchmail.emulator.works_request import is_address, read_submission
from tests.emulator.bench import LEAST, REQUESTS, UNHURRIED, Bench, accepted, refusal

FILE = {"data": "aGVsbG8=", "filename": "hello.txt", "fileType": "text/plain"}
INVALID = (400, "INVALID_PARAMETER")


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in LEAST.items() if key != name}


@pytest.mark.parametrize("language", ["english", "korean"])
def test_the_vendors_own_example_is_accepted_byte_for_byte(bench: Bench, language: str) -> None:
    body = (REQUESTS / f"{language}.json").read_bytes()
    assert accepted(bench.send(body))
    assert bench.mail.request == body
    assert bench.mail.to == ("admin@example.com",)
    assert bench.mail.user_name == "admin"
    (file,) = bench.mail.attachments
    assert (file.filename, file.file_type) == ("index.html", "text/html")
    assert file.content.startswith(b"<!DOCTYPE html>\n")
    assert file.content.endswith(b"</html>")


def test_the_korean_example_arrives_in_korean(bench: Bench) -> None:
    bench.send((REQUESTS / "korean.json").read_bytes())
    assert (bench.mail.subject, bench.mail.body) == ("테스트 테스트", "메일 본문")


def test_what_is_left_out_has_its_documented_default(bench: Bench) -> None:
    assert accepted(bench.send())
    mail = bench.mail
    assert (mail.cc, mail.bcc, mail.body, mail.user_name, mail.attachments) == ((), (), "", None, ())
    assert (mail.content_type, mail.security_level) == ("html", "General")
    assert (mail.save_sent, mail.save_tracking, mail.send_separately) == (True, True, False)


def test_what_is_given_is_kept(bench: Bench) -> None:
    fields = {
        "cc": "lee@example.com",
        "bcc": "park@example.com",
        "body": "<p>b</p>",
        "contentType": "text",
        "userName": "경리",
        "isSaveSentMail": False,
        "isSaveTracking": False,
        "isSendSeparately": True,
        "securityLevel": "Non-business",
    }
    assert accepted(bench.send(fields=fields))
    mail = bench.mail
    assert (mail.cc, mail.bcc, mail.body, mail.user_name) == (
        ("lee@example.com",),
        ("park@example.com",),
        "<p>b</p>",
        "경리",
    )
    assert (mail.content_type, mail.security_level) == ("text", "Non-business")
    assert (mail.save_sent, mail.save_tracking, mail.send_separately) == (False, False, True)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_declared_in_any_usual_way(bench: Bench, content_type: str) -> None:
    headers = {"authorization": f"Bearer {bench.token}", "content-type": content_type}
    assert accepted(bench.send(headers=headers))


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/jsonp", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused(bench: Bench, content_type: str) -> None:
    headers = {"authorization": f"Bearer {bench.token}", "content-type": content_type}
    assert refusal(bench.send(headers=headers)) == INVALID


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"to": "a@b.example", "subject": "x"',
        b"[]",
        b'"text"',
        b"null",
        b'{"to": "a@b.example", "subject": NaN}',
        b"\xef\xbb\xbf{}",
        '{"to": "a@b.example", "subject": "테스트"}'.encode("cp949"),
        b'{"to": "a@b.example", "subject": "\\ud83d"}',
        b"[" * 200_000,
        b'{"to": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_that_is_no_json_object_in_utf_8_is_refused(bench: Bench, body: bytes) -> None:
    answer = bench.send(body)
    assert refusal(answer) == INVALID
    assert "parsed" in json.loads(answer.body)["description"]


def test_an_escaped_pair_of_surrogates_is_one_character(bench: Bench) -> None:
    assert accepted(bench.send(b'{"to": "a@b.example", "subject": "\\ud83d\\ude00"}'))
    assert bench.mail.subject == "😀"


@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_missing_field_and_an_empty_one_are_told_apart(bench: Bench, field: str) -> None:
    assert refusal(bench.send(without(field))) == (400, "MISSING_PARAMETER")
    assert refusal(bench.send(fields={field: ""})) == INVALID


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", ["kim@example.com"]),
        ("to", [{"address": "kim@example.com"}]),
        ("to", None),
        ("cc", {}),
        ("bcc", 1),
        ("subject", 5),
        ("body", ["<p>"]),
        ("contentType", True),
        ("userName", 1),
        ("securityLevel", []),
        ("isSaveSentMail", "true"),
        ("isSaveTracking", 1),
        ("isSendSeparately", None),
        ("attachments", {}),
        ("attachments", ["x"]),
        ("attachments", [{**FILE, "data": 1}]),
        ("attachments", [{**FILE, "filename": None}]),
        ("attachments", [{**FILE, "cid": 7}]),
        ("attachments", [{**FILE, "inline": "true"}]),
    ],
)
def test_another_json_type_than_documented_is_refused(bench: Bench, field: str, value: object) -> None:
    assert refusal(bench.send(fields={field: value})) == INVALID


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contentType", "markdown"),
        ("contentType", "HTML"),
        ("contentType", ""),
        ("securityLevel", "Secret"),
        ("securityLevel", ""),
        ("userName", ""),
    ],
)
def test_a_word_that_is_not_allowed_is_refused(bench: Bench, field: str, value: str) -> None:
    assert refusal(bench.send(fields={field: value})) == INVALID


@pytest.mark.parametrize("field", ["cc", "bcc", "body"])
def test_these_may_be_empty(bench: Bench, field: str) -> None:
    assert accepted(bench.send(fields={field: ""}))


def test_addresses_are_divided_by_semicolons(bench: Bench) -> None:
    assert accepted(bench.send(fields={"to": "a@example.com; b@example.com ;;c@example.com;"}))
    assert bench.mail.to == ("a@example.com", "b@example.com", "c@example.com")


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
@pytest.mark.parametrize(
    "text",
    [
        "kim",
        "kim@@example.com",
        "a@example.com;b",
        "a@example.com, b@example.com",
        "Kim <kim@example.com>",
        "김@한국.kr",
    ],
)
def test_one_malformed_address_anywhere_refuses_the_mail(bench: Bench, field: str, text: str) -> None:
    assert refusal(bench.send(fields={field: text})) == INVALID
    assert bench.inbox.accepted == 0


@pytest.mark.parametrize("text", [" ", ";", " ; ;"])
def test_to_needs_an_address(bench: Bench, text: str) -> None:
    assert refusal(bench.send(fields={"to": text})) == INVALID


def test_by_another_guess_a_malformed_address_is_dropped() -> None:
    bench = Bench(WorksRules(bad_address=None))
    assert accepted(bench.send(fields={"to": "a@example.com;b", "cc": "c"}))
    assert bench.mail.recipients == ("a@example.com",)
    assert refusal(bench.send(fields={"to": "b"})) == INVALID


@pytest.mark.parametrize(
    "text",
    ["kim@example.com", "o'neil+tag@sub.example.co.kr", "a@b.c", "x" * 64 + "@example.com", "a@xn--3e0b707e.example"],
)
def test_these_are_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kim",
        "@example.com",
        "kim@",
        "kim@localhost",
        "kim@-example.com",
        "kim@example-.com",
        "kim@example..com",
        "kim.@example.com",
        ".kim@example.com",
        "k..im@example.com",
        "kim @example.com",
        '"kim"@example.com',
        "kim@[127.0.0.1]",
        "kim@example.com\n",
        "x" * 65 + "@example.com",
        "kim@" + "x" * 64 + ".com",
        "kim@" + ".".join(["x" * 60] * 5) + ".com",
    ],
)
def test_these_are_no_addresses(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    "change",
    [
        {"data": ""},
        {"data": "aGVsbG8"},
        {"data": "aGVsbG8=="},
        {"data": "aGVs*G8="},
        {"data": "aGVs-G8_"},
        {"data": "한글"},
        {"data": " \n"},
        {"filename": ""},
        {"filename": "x" * 251},
        {"fileType": ""},
        {"inline": True},
        {"inline": True, "cid": ""},
    ],
    ids=str,
)
def test_a_faulty_attachment_is_refused(bench: Bench, change: dict[str, object]) -> None:
    assert refusal(bench.send(fields={"attachments": [FILE, {**FILE, **change}]})) == INVALID


@pytest.mark.parametrize("field", ["data", "filename", "fileType"])
def test_an_attachment_without_one_of_these_is_refused(bench: Bench, field: str) -> None:
    file = {key: value for key, value in FILE.items() if key != field}
    assert refusal(bench.send(fields={"attachments": [file]})) == INVALID


def test_attachments_arrive_out_of_their_base64(bench: Bench) -> None:
    image = {"data": "AP8=", "filename": "x" * 250, "fileType": "image/png", "cid": "logo", "inline": True}
    assert accepted(bench.send(fields={"attachments": [FILE, image]}))
    file, inline = bench.mail.attachments
    assert (file.content, file.cid, file.inline) == (b"hello", None, False)
    assert (inline.content, inline.cid, inline.inline) == (b"\x00\xff", "logo", True)


def test_by_other_guesses_base64_has_no_spaces_and_inline_needs_no_cid() -> None:
    bench = Bench(WorksRules(base64_spaces=False, inline_without_cid=None))
    assert refusal(bench.send((REQUESTS / "english.json").read_bytes())) == INVALID
    assert accepted(bench.send((REQUESTS / "korean.json").read_bytes()))
    assert accepted(bench.send(fields={"attachments": [{**FILE, "inline": True}]}))


def sized(*sizes: int) -> dict[str, object]:
    return {"attachments": [{**FILE, "data": base64.b64encode(bytes(size)).decode()} for size in sizes]}


def test_attachments_may_be_25_mb_together_before_base64(bench: Bench) -> None:
    assert accepted(bench.send(fields=sized(25_000_000)))
    assert refusal(bench.send(fields=sized(25_000_001))) == (400, "LIMIT_EXCEEDED")
    assert refusal(bench.send(fields=sized(12_500_000, 12_500_001))) == (400, "LIMIT_EXCEEDED")


def test_by_another_guess_the_limit_is_for_each_file() -> None:
    bench = Bench(WorksRules(attachment_bytes=100, attachment_bytes_of="file"))
    assert accepted(bench.send(fields=sized(100, 100)))
    assert refusal(bench.send(fields=sized(100, 101))) == (400, "LIMIT_EXCEEDED")


def test_the_checks_come_in_their_order(bench: Bench) -> None:
    """Each request has the fault of its step and of every step after it, so its own must be the one that is named."""
    wrong_types = {"cc": 1}
    wrong_words = {"securityLevel": "Secret"}
    bad_address = {"bcc": "x"}
    too_large = sized(25_000_001)
    later: dict[str, object] = {}
    for step, said in (
        (too_large, "larger than"),
        (bad_address, "bcc: 'x'"),
        (wrong_words, "securityLevel 'Secret'"),
        (wrong_types, "cc is not a string"),
        ({"to": ""}, "to is empty"),
    ):
        later = {**later, **step}
        assert said in json.loads(bench.send(fields=later).body)["description"]
    missing = {key: value for key, value in {**LEAST, **later}.items() if key != "subject"}
    assert "subject is missing" in json.loads(bench.send(missing).body)["description"]


def test_every_refusal_can_be_another_one() -> None:
    odd = Refusal(418, "TEAPOT")
    rules = WorksRules(
        unreadable_body=odd, missing_field=odd, empty_field=odd, wrong_type=odd, wrong_value=odd, bad_address=odd
    )
    bench = Bench(rules)
    refused: list[bytes | dict[str, object]] = [
        b"{",
        {},
        {**LEAST, "to": ""},
        {**LEAST, "to": 1},
        {**LEAST, "userName": ""},
        {**LEAST, "to": "x"},
    ]
    for body in refused:
        assert refusal(bench.send(body)) == (418, "TEAPOT")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["data", "filename", "fileType", "cid"]), inner),
    max_leaves=8,
)


@UNHURRIED
@given(st.dictionaries(st.sampled_from(["to", "cc", "subject", "body", "attachments", "userName"]), JSON))
def test_no_json_object_breaks_the_reader(value: dict[str, object]) -> None:
    answer = Bench().send(json.dumps(value).encode())
    assert accepted(answer) or refusal(answer)[0] == 400


@UNHURRIED
@given(st.binary())
def test_bytes_that_are_no_request_are_refused(body: bytes) -> None:
    assert refusal(Bench().send(body))[0] == 400


@UNHURRIED
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_texts_arrive_as_they_were_sent(subject: str, body: str) -> None:
    request = json.dumps({**LEAST, "subject": subject, "body": body}).encode()
    submission = read_submission("application/json", request, WorksRules())
    assert (submission.subject, submission.body) == (subject, body)
