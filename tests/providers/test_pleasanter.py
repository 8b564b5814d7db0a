"""Pleasanter: recorded exchanges, and what every answer means."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from batchmail.errors import BatchmailError
from batchmail.job import TemplateText, Url
from batchmail.location import TextLocation
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Feature, Reply
from batchmail.providers.pleasanter import (
    ATTACHMENT_BYTES,
    PleasanterApi,
    PleasanterProvider,
    PleasanterSettings,
    build,
)
from batchmail.secret import Secret, SecretMissing

if TYPE_CHECKING:
    from tests.providers.conftest import Contents

EXCHANGES = sorted((Path(__file__).parent / "exchanges" / "pleasanter").glob("*.json"))
KEY = "c3a1f0"
API = PleasanterApi("https://pleasanter.net/fs", "1.1", KEY)
PLACE = TextLocation(Path("job.yaml"), 5, 16)
SETTINGS = PleasanterSettings(
    Url("https://pleasanter.net/fs"), TemplateText("{{ record }}", PLACE), Secret("env", "PLEASANTER_API_KEY", PLACE)
)
MESSAGE = Message((Address("kim@example.com"),), "Invoice 7", "Dear Kim", ContentType.TEXT, record="4711")


@dataclass(frozen=True)
class RecordedFile:
    filename: str
    media_type: str
    content: str


@dataclass(frozen=True)
class RecordedCall:
    method: str
    url: str
    headers: dict[str, str]
    body: dict[str, object]


@dataclass(frozen=True)
class RecordedReply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Exchange:
    what: str
    message: Message
    files: list[RecordedFile]
    call: RecordedCall
    reply: RecordedReply
    outcome: dict[str, object]


@pytest.fixture(params=EXCHANGES, ids=lambda path: path.stem)
def exchange(request: pytest.FixtureRequest) -> Exchange:
    return TypeAdapter(Exchange).validate_json(request.param.read_bytes())


def test_a_message_becomes_the_recorded_call(exchange: Exchange, files: Contents) -> None:
    attachments = tuple(files.attach(each.filename, each.content.encode(), each.media_type) for each in exchange.files)
    call = API.call(replace(exchange.message, attachments=attachments), files)
    assert (call.method, call.url, call.headers) == (exchange.call.method, exchange.call.url, exchange.call.headers)
    expected = json.dumps(exchange.call.body, ensure_ascii=False, separators=(",", ":"))
    assert b"".join(call.body).decode("utf-8") == expected


def test_a_reply_has_the_recorded_meaning(exchange: Exchange) -> None:
    recorded = exchange.reply
    outcome = API.outcome(Reply(recorded.status, recorded.headers, recorded.body.encode()), exchange.message)
    told = {each.name: getattr(outcome, each.name) for each in fields(outcome) if each.compare}
    assert {"kind": type(outcome).__name__, **told} == exchange.outcome


def own(status: int, **more: object) -> bytes:
    return json.dumps({"Id": 4711, "StatusCode": status, "Message": "said", **more}).encode()


def meaning(status: int, body: bytes = b"", **headers: str) -> Outcome:
    return API.outcome(Reply(status, {name.replace("_", "-"): text for name, text in headers.items()}, body), MESSAGE)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, own(200), Sent),
        (200, own(200)[:-1], InDoubt),
        (200, own(500), InDoubt),
        (200, b"<html>Sign in</html>", InDoubt),
        *((status, b"", InDoubt) for status in (100, 201, 202, 204, 302, 303, 500, 501, 502, 503, 504, 505, 599, 999)),
        *((status, b"", Closed) for status in (301, 307, 308, 401, 403, 404, 405, 410)),
        *((status, b"", Rejected) for status in (400, 413, 415, 422)),
        *((status, own(status), Rejected) for status in (400, 403, 500)),
        *((status, own(status), InDoubt) for status in (302, 502, 503, 504)),
        (500, b'{"Id":4711}', InDoubt),
        (500, b'{"StatusCode":500}', InDoubt),
        (500, b'[{"Id":4711,"StatusCode":500}]', InDoubt),
        (401, own(401), Closed),
        (408, b"", InDoubt),
        (429, b"", Refused),
        (429, own(429), Closed),
    ],
)
def test_every_answer_has_a_meaning(status: int, body: bytes, kind: type[Outcome]) -> None:
    assert isinstance(meaning(status, body), kind)


def test_an_unavailable_server_leaves_the_mail_in_doubt_even_where_it_asks_to_come_again() -> None:
    assert isinstance(meaning(503, retry_after="5"), InDoubt)


def test_the_throttle_says_how_long_to_wait_whatever_shape_its_answer_has() -> None:
    for body in (b"", own(429), b"<html>"):
        outcome = meaning(429, body, retry_after="3")
        assert isinstance(outcome, Refused)
        assert (outcome.retry_after_seconds, outcome.attempt) == (3.0, False)


@given(body=st.binary(max_size=200), status=st.integers(100, 999))
def test_no_answer_is_too_strange_for_a_meaning(body: bytes, status: int) -> None:
    assert not isinstance(meaning(status, body), Sent)


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://plz.example.com", "https://plz.example.com/api/items/4711/OutgoingMails/Send"),
        ("https://plz.example.com/", "https://plz.example.com/api/items/4711/OutgoingMails/Send"),
        ("https://pleasanter.net/fs/", "https://pleasanter.net/fs/api/items/4711/OutgoingMails/Send"),
    ],
)
def test_the_address_is_that_of_the_record(base_url: str, url: str, files: Contents) -> None:
    assert replace(API, base_url=base_url).call(MESSAGE, files).url == url


@pytest.mark.parametrize(("text", "number"), [("1.1", "1.1"), ("1.10", "1.1"), ("1", "1.0")])
def test_the_version_is_a_number(text: str, number: str, files: Contents) -> None:
    body = b"".join(replace(API, api_version=text).call(MESSAGE, files).body)
    assert body.startswith(f'{{"ApiVersion":{number},'.encode())


@given(name=st.text(max_size=30))
def test_no_name_adds_or_hides_a_recipient(name: str) -> None:
    both = (Address("kim@example.com", name), Address("sato@example.jp"))
    fields = json.loads(b"".join(API.call(replace(MESSAGE, to=both), NO_FILES).body))
    written = str(fields["To"])
    outside = "".join(written.split('"')[::2])
    assert written.count('"') in (0, 2)
    assert outside in ("kim@example.com,sato@example.jp", " <kim@example.com>,sato@example.jp")
    assert not set("[]\r\n") & set(written)


def test_attachments_up_to_the_limit_fit_into_a_request(files: Contents) -> None:
    largest = files.attach("a.bin", bytes(ATTACHMENT_BYTES))
    call = API.call(replace(MESSAGE, body="x" * 600_000, attachments=(largest,)), files)
    assert sum(map(len, call.body)) < 30_000_000


def test_an_attachment_is_never_copied(files: Contents) -> None:
    attachment = files.attach("a.pdf", b"%PDF")
    call = API.call(replace(MESSAGE, attachments=(attachment, attachment)), files)
    assert [piece for piece in call.body if piece is files.base64(attachment)] == [b64encode(b"%PDF")] * 2


def test_half_a_surrogate_pair_is_sent_as_json_spells_it(files: Contents) -> None:
    body = b"".join(API.call(replace(MESSAGE, body="a\ud800b"), files).body)
    assert rb'"a\ud800b"' in body


def test_the_key_is_in_the_request_alone(files: Contents) -> None:
    call = API.call(MESSAGE, files)
    assert KEY.encode() in b"".join(call.body)
    assert KEY not in f"{API!r} {call!r} {call.url} {call.headers}"


def test_a_key_that_is_not_there_is_told_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLEASANTER_API_KEY", raising=False)
    with pytest.raises(SecretMissing, match="PLEASANTER_API_KEY"):
        build(SETTINGS).check_credentials()


def test_a_key_with_a_line_break_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEASANTER_API_KEY", "c3a1\nf0")
    with pytest.raises(BatchmailError, match="API key") as caught:
        build(SETTINGS).check_credentials()
    assert "c3a1" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "official"),
    [("https://pleasanter.net/fs", True), ("https://pleasanter.example.com", False), ("http://127.0.0.1:1", False)],
)
def test_the_vendors_own_host_is_known(base_url: str, official: bool) -> None:  # noqa: FBT001  a parameter of the test
    assert build(replace(SETTINGS, base_url=Url(base_url))).official is official


def test_it_takes_text_and_no_separate_sending() -> None:
    features = build(SETTINGS).capabilities.features
    assert {Feature.FROM, Feature.CC, Feature.BCC, Feature.ATTACHMENTS, Feature.RECIPIENT_NAMES} == features
    assert build(SETTINGS).record == SETTINGS.record_id


def test_html_is_converted_where_the_settings_say_so() -> None:
    html = replace(MESSAGE, content_type=ContentType.HTML, body="<p>Dear <b>Kim</b> &amp; 김</p>")
    strict = build(SETTINGS)
    assert (strict.adapt(html), strict.capabilities.converted) == (html, frozenset())
    lenient = build(replace(SETTINGS, downgrade="text"))
    assert lenient.adapt(html) == replace(MESSAGE, body="Dear Kim & 김")
    assert lenient.adapt(MESSAGE) is MESSAGE
    assert lenient.capabilities.converted == {Feature.HTML}
    assert Feature.INLINE_IMAGES not in lenient.capabilities.features


def test_it_can_be_turned_to_an_emulator() -> None:
    emulated = build(SETTINGS).at("http://127.0.0.1:8025", KEY)
    emulated.check_credentials()
    assert isinstance(emulated, PleasanterProvider)
    assert KEY not in repr(vars(emulated))


def test_settings_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="PleasanterSettings expected, not str"):
        build("settings")


class _NoFiles:
    """For messages without attachments."""

    def content(self, attachment: object) -> bytes:
        raise NotImplementedError

    def base64(self, attachment: object) -> bytes:
        raise NotImplementedError

    def base64_lines(self, attachment: object) -> bytes:
        raise NotImplementedError


NO_FILES = _NoFiles()
