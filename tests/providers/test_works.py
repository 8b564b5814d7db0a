"""WORKS API 2.0: recorded exchanges, and what every status means."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from batchmail.errors import BatchmailError
from batchmail.job import Bytes, Url
from batchmail.location import TextLocation
from batchmail.message import Address, Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Feature, Reply
from batchmail.providers.works import WorksApi, WorksProvider, WorksSettings, build
from batchmail.rate import Rate, Unit
from batchmail.secret import Secret, SecretMissing

if TYPE_CHECKING:
    from tests.providers.conftest import Contents

EXCHANGES = sorted((Path(__file__).parent / "exchanges" / "works").glob("*.json"))
API = WorksApi("https://www.worksapis.com/v1.0", "me")
MESSAGE = Message((Address("kim@example.com"),), "Hello", "")
TOKEN = Secret("env", "WORKS_ACCESS_TOKEN", TextLocation(Path("job.yaml"), 5, 16))


@dataclass(frozen=True)
class RecordedFile:
    filename: str
    media_type: str
    content: str
    cid: str | None = None


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
    user_id: str
    message: Message
    files: list[RecordedFile]
    call: RecordedCall
    reply: RecordedReply
    outcome: dict[str, object]


@pytest.fixture(params=EXCHANGES, ids=lambda path: path.stem)
def exchange(request: pytest.FixtureRequest) -> Exchange:
    return TypeAdapter(Exchange).validate_json(request.param.read_bytes())


def test_a_message_becomes_the_recorded_call(exchange: Exchange, files: Contents) -> None:
    attachments = tuple(
        replace(files.attach(each.filename, each.content.encode(), each.media_type), cid=each.cid)
        for each in exchange.files
    )
    message = replace(exchange.message, attachments=attachments)
    call = replace(API, user_id=exchange.user_id).call(message, files)
    assert (call.method, call.url, call.headers) == (exchange.call.method, exchange.call.url, exchange.call.headers)
    expected = json.dumps(exchange.call.body, ensure_ascii=False, separators=(",", ":"))
    assert b"".join(call.body).decode("utf-8") == expected


def test_a_reply_has_the_recorded_meaning(exchange: Exchange) -> None:
    recorded = exchange.reply
    outcome = meaning(Reply(recorded.status, recorded.headers, recorded.body.encode()))
    told = {each.name: getattr(outcome, each.name) for each in fields(outcome) if each.compare}
    assert {"kind": type(outcome).__name__, **told} == exchange.outcome


def meaning(reply: Reply) -> Outcome:
    return API.outcome(reply, MESSAGE)


def answer(status: int, code: str = "", description: str = "", **headers: str) -> Reply:
    body = json.dumps({"code": code, "description": description}).encode() if code else b""
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        *((answer(status), Sent) for status in (200, 201, 202, 204, 299)),
        *((answer(status, content_type="text/html; charset=utf-8"), InDoubt) for status in (200, 202)),
        *((answer(status), Closed) for status in (300, 301, 302, 304, 307, 308)),
        (answer(303), InDoubt),
        *((answer(status), Rejected) for status in (400, 405, 409, 411, 413, 414, 415, 422, 418, 431, 451, 499)),
        (answer(400, "LIMIT_EXCEEDED"), Rejected),
        (answer(401, "UNAUTHORIZED"), Closed),
        (answer(403), Closed),
        (answer(403, "FORBIDDEN"), Closed),
        (answer(403, "ACCESS_DENIED"), Closed),
        (answer(403, "LIMIT_EXCEEDED"), Closed),
        (answer(403, "OUT_OF_RANGE"), Rejected),
        (answer(404, "NOT_FOUND"), Closed),
        (answer(404, "USER_NOT_EXIST"), Closed),
        (answer(404), Closed),
        (answer(410, "DELETED"), Closed),
        (answer(408), InDoubt),
        (answer(425), Refused),
        (answer(429), Refused),
        *((answer(status), InDoubt) for status in (500, 502, 503, 504, 520, 599)),
        (answer(503, retry_after="120"), Refused),
        (answer(503, retry_after="Sat, 21 Nov 2026 12:00:00 GMT"), Refused),
        *((answer(status), Rejected) for status in (501, 505)),
        *((answer(status), InDoubt) for status in (100, 101, 103, 600, 999)),
    ],
    ids=lambda value: f"{value.status} {value.body.decode()}" if isinstance(value, Reply) else value.__name__,
)
def test_every_status_has_a_meaning(reply: Reply, kind: type[Outcome]) -> None:
    assert isinstance(meaning(reply), kind)


@pytest.mark.parametrize(
    ("reply", "wait", "attempt"),
    [
        (answer(429, ratelimit_reset="60"), 60.0, False),
        (answer(429, x_ratelimit_reset="1.5"), 1.5, False),
        (answer(429, retry_after=" 7 "), 7.0, False),
        (answer(429, ratelimit_reset="3", retry_after="30"), 30.0, False),
        (answer(429), None, False),
        (answer(429, ratelimit_reset="soon"), None, False),
        (answer(429, ratelimit_reset="-1"), None, False),
        (answer(429, ratelimit_reset="1795262400"), None, False),
        (answer(429, ratelimit_reset="86401", retry_after="9"), 9.0, False),
        (answer(425), None, False),
        (answer(503, retry_after="120"), 120.0, True),
        (answer(503, retry_after="Sat, 21 Nov 2026 12:00:00 GMT"), None, True),
    ],
)
def test_a_wait_is_believed_where_it_can_be(reply: Reply, wait: float | None, attempt: bool) -> None:  # noqa: FBT001  a column of the table
    outcome = meaning(reply)
    assert isinstance(outcome, Refused)
    assert (outcome.retry_after_seconds, outcome.attempt) == (wait, attempt)


def test_a_code_without_a_description_is_not_left_bare() -> None:
    assert meaning(answer(400, "BAD_REQUEST")) == Rejected("BAD_REQUEST", "the server answered 400 Bad Request")


def test_a_null_is_no_code() -> None:
    outcome = meaning(Reply(400, {}, b'{"code": null, "description": null}'))
    assert outcome == Rejected("HTTP 400", '{"code": null, "description": null}')


def test_the_wrong_sender_is_told_from_the_wrong_address() -> None:
    nobody, nowhere = meaning(answer(404, "USER_NOT_EXIST")), meaning(answer(404, "NOT_FOUND"))
    assert isinstance(nobody, Closed)
    assert isinstance(nowhere, Closed)
    assert nobody.hint.startswith("`provider.userId` names nobody")
    assert "provider.baseUrl" in nowhere.hint


def test_a_redirect_is_named_without_what_it_asks() -> None:
    outcome = meaning(answer(302, location="https://login.example.com/?token=kHx\r\nX: y"))
    assert isinstance(outcome, Closed)
    assert outcome.reason == "the server redirects to https://login.example.com/"


@given(status=st.integers(100, 999), headers=st.dictionaries(st.text(), st.text()), body=st.binary())
def test_any_answer_has_a_meaning_that_can_be_shown(status: int, headers: dict[str, str], body: bytes) -> None:
    outcome = meaning(Reply(status, headers, body, complete=False))
    for text in asdict(outcome).values():
        if isinstance(text, str):
            assert text.isprintable()
            assert len(text) < 500


@given(body=st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_any_json_has_a_meaning_that_can_be_shown(body: object) -> None:
    odd = {"code": body, "description": body}
    outcome = meaning(Reply(400, {}, json.dumps(odd).encode()))
    assert isinstance(outcome, Rejected)
    assert outcome.code
    assert outcome.reason
    assert (outcome.code + outcome.reason).isprintable()


messages = st.builds(
    Message,
    to=st.tuples(st.builds(Address, st.emails(), st.text())),
    subject=st.text(min_size=1),
    body=st.text(),
    cc=st.lists(st.builds(Address, st.emails())).map(tuple),
    user_name=st.none() | st.text(),
    save_sent=st.booleans(),
    send_separately=st.booleans(),
)


@given(message=messages, names=st.lists(st.text(min_size=1), unique=True))
def test_any_text_survives_the_request(message: Message, names: list[str], make_files: type[Contents]) -> None:
    files = make_files({})
    message = replace(message, attachments=tuple(files.attach(name, name.encode("utf-8")) for name in names))
    fields = json.loads(b"".join(API.call(message, files).body))
    assert (fields["subject"], fields["body"]) == (message.subject, message.body)
    assert fields.get("userName", "") == (message.user_name or "")
    assert fields.get("cc", "") == ";".join(address.mailbox for address in message.cc)
    assert [each["filename"] for each in fields.get("attachments", [])] == names
    assert "" not in [value for name, value in fields.items() if name not in ("subject", "body")]


def test_half_a_surrogate_pair_is_left_to_the_server(files: Contents) -> None:
    [body] = API.call(Message((Address("kim@example.com"),), "odd \ud83d", ""), files).body
    assert json.loads(body.decode("utf-8"))["subject"] == "odd \ud83d"


def test_a_hundred_messages_share_one_attachment(files: Contents, message: Message) -> None:
    offer = files.attach("offer.pdf", bytes(5_000_000))
    calls = [API.call(replace(message, subject=f"No. {n}", attachments=(offer,)), files) for n in range(100)]
    assert {id(call.body[1]) for call in calls} == {id(files.base64(offer))}
    assert sum(len(piece) for call in calls for piece in call.body if piece is not files.base64(offer)) < 100_000


@pytest.mark.parametrize(
    ("user_id", "path"),
    [("me", "me"), ("kim@example.com", "kim%40example.com"), ("a/b?c", "a%2Fb%3Fc"), ("김", "%EA%B9%80")],
)
def test_the_sender_is_encoded_for_the_path(user_id: str, path: str, message: Message, files: Contents) -> None:
    call = WorksApi("http://127.0.0.1:8000/v1.0/", user_id).call(message, files)
    assert call.url == f"http://127.0.0.1:8000/v1.0/users/{path}/mail"


def test_the_limits_are_those_of_the_documentation() -> None:
    paid = build(WorksSettings()).capabilities
    assert paid.rates == (Rate(240, 60.0, sustained=0.5), Rate(60, 60.0), Rate(20_000, 86_400.0, Unit.RECIPIENTS))
    assert (paid.subject_characters, paid.filename_characters, paid.recipients_per_request) == (180, 250, 500)
    assert paid.attachment_bytes == 20_000_000
    lacking = {Feature.FROM, Feature.REPLY_TO, Feature.ALTERNATIVE, Feature.RECIPIENT_NAMES}
    assert paid.features == frozenset(Feature) - lacking - {Feature.HEADERS, Feature.UNSUBSCRIBE}


def test_the_plan_and_the_attachments_limit_are_the_tenants_own() -> None:
    free = build(WorksSettings(plan="free", attachment_limit=Bytes(25_000_000))).capabilities
    assert free.rates[0] == Rate(60, 60.0, sustained=0.5)
    assert free.attachment_bytes == 25_000_000


@pytest.mark.parametrize(
    ("base_url", "official"),
    [
        ("https://www.worksapis.com/v1.0", True),
        ("https://WWW.worksapis.com:443/v1.0", True),
        ("http://127.0.0.1:8000/v1.0", False),
        ("https://www.worksapis.com.example.org/v1.0", False),
    ],
)
def test_only_the_vendors_own_host_has_the_vendors_limits(base_url: str, official: bool) -> None:  # noqa: FBT001  a column of the table
    assert build(WorksSettings(base_url=Url(base_url))).official is official


def test_the_token_is_looked_up_when_a_connection_is_opened(monkeypatch: pytest.MonkeyPatch, files: Contents) -> None:
    provider = build(WorksSettings(access_token=TOKEN))
    monkeypatch.delenv("WORKS_ACCESS_TOKEN", raising=False)
    with pytest.raises(SecretMissing, match=r"job\.yaml:5:16: the environment variable WORKS_ACCESS_TOKEN is not set"):
        provider.open(files, 120.0)
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", "kHx-canary")
    provider.open(files, 120.0)


def test_without_any_token_the_manifest_is_named(files: Contents) -> None:
    with pytest.raises(SecretMissing, match="there is neither `accessToken` nor `oauth`"):
        build(WorksSettings()).open(files, 120.0)


@pytest.mark.parametrize("token", ["kHx canary", "kHx\ncanary", "kHx-canary\u00a0", "“kHx-canary”"])
def test_what_is_no_token_is_refused_and_not_repeated(
    token: str, monkeypatch: pytest.MonkeyPatch, files: Contents
) -> None:
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", f"a{token}z")
    with pytest.raises(BatchmailError, match="it is not a token") as caught:
        build(WorksSettings(access_token=TOKEN)).open(files, 120.0)
    assert "canary" not in str(caught.value)


def test_an_emulator_needs_no_secret_of_the_manifest(files: Contents) -> None:
    provider = build(WorksSettings(user_id="kim@example.com")).at("http://127.0.0.1:8000/v1.0", "emulated")
    assert isinstance(provider, WorksProvider)
    assert (provider.account, provider.official) == ("kim@example.com", False)
    provider.open(files, 120.0)


def test_settings_of_another_kind_are_a_mistake() -> None:
    with pytest.raises(TypeError, match="WorksSettings expected, not str"):
        build("works")


def test_the_company_is_known_by_the_account_s_address() -> None:
    assert build(WorksSettings(user_id="Kim@Example.com")).capabilities.inside_domain == "example.com"
    assert build(WorksSettings()).capabilities.inside_domain == ""
